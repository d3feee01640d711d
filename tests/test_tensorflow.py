"""Runs every tf_*.py in a pytest process of its own: TensorFlow and tflite_runtime must never meet in one process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FILES = sorted(path.relative_to(HERE).as_posix() for path in HERE.rglob("tf_*.py"))


@pytest.mark.parametrize("file", FILES)
def test_with_tensorflow(file: str) -> None:
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-m", "pytest", str(HERE / file), "-p", "no:cacheprovider", "--tb=short"]
    run = subprocess.run(command, cwd=HERE.parent, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    assert " passed" in run.stdout


def test_there_are_such_files() -> None:
    assert FILES


def test_this_process_is_free_of_tensorflow() -> None:
    assert "tensorflow" not in sys.modules
