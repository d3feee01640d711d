"""Runs every tf_*.py in a pytest process of its own: TensorFlow and tflite_runtime must never meet in one process,
and Keras runs on one backend a process, which is JAX for the trainer and TensorFlow for the conversion."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FILES = sorted(path.relative_to(HERE).as_posix() for path in HERE.rglob("tf_*.py"))
BACKENDS = {"trainer": "jax", "convert": "tensorflow"}
# Nearly all the time of a tiny training goes into compiling it, so: quickly, and once.
FAST = {
    "XLA_FLAGS": "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true",
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what JAX has compiled."""
    return tmp_path_factory.mktemp("compiled")


@pytest.mark.parametrize("file", FILES)
def test_with_tensorflow(file: str, compiled: Path) -> None:
    environment = (
        os.environ
        | FAST
        | {
            "JAX_COMPILATION_CACHE_DIR": str(compiled),
            "KERAS_BACKEND": BACKENDS[Path(file).parts[0]],
            "JAX_PLATFORMS": "cpu",
            "CUDA_VISIBLE_DEVICES": "",
            "TF_CPP_MIN_LOG_LEVEL": "3",
        }
    )
    command = [sys.executable, "-m", "pytest", str(HERE / file), "-p", "no:cacheprovider", "--tb=short"]
    run = subprocess.run(command, cwd=HERE.parent, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    assert " passed" in run.stdout


def test_there_are_such_files() -> None:
    assert FILES


def test_this_process_is_free_of_tensorflow() -> None:
    assert not {"tensorflow", "keras", "jax"} & set(sys.modules)
