"""setup.sh: what it says without doing anything."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def setup(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", str(ROOT / "setup.sh"), *arguments],
        cwd="/",
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_names_all_commands() -> None:
    run = setup("--help")
    assert run.returncode == 0
    assert "./setup.sh demo [SONG]" in run.stdout
    for command in ("test", "install", "wheelhouse", "flash"):
        assert f"./setup.sh {command}" in run.stdout


@pytest.mark.parametrize("arguments", [(), ("polish",)])
def test_anything_else_is_exit_2_and_shows_what_there_is(arguments: tuple[str, ...]) -> None:
    run = setup(*arguments)
    assert run.returncode == 2
    assert "./setup.sh demo" in run.stderr


@pytest.mark.parametrize("command", ["install", "wheelhouse", "flash"])
def test_what_makes_an_appliance_has_a_help_of_its_own_and_one_sentence_for_mistakes(command: str) -> None:
    assert f"usage: ./setup.sh {command}" in setup(command, "--help").stdout
    wrong = setup(command, "--polish")
    assert wrong.returncode == 2
    assert "Traceback" not in wrong.stderr


def test_install_is_for_a_raspberry_pi(tmp_path: Path) -> None:
    run = setup("install", "--dry-run", "--root", str(tmp_path))
    assert run.returncode == 2
    assert run.stderr == "setup.sh: This is no Raspberry Pi; to try the lamp on any computer: ./setup.sh demo.\n"


def test_a_python_that_is_too_old_for_an_appliance_is_told_with_the_way_out(tmp_path: Path) -> None:
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    run = setup("install", PATH=f"{tmp_path}:/usr/bin:/bin")
    assert run.returncode == 2
    assert "Bookworm" in run.stderr


def fresh_copy(tmp_path: Path) -> Path:
    for name in ("setup.sh", "pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    return tmp_path / "setup.sh"


@pytest.mark.parametrize("python", ["/nowhere/python3", "/bin/false"])
def test_a_python_that_does_not_fit_is_refused_and_nothing_made(python: str, tmp_path: Path) -> None:
    script = fresh_copy(tmp_path)
    command = ["bash", str(script), "demo"]
    run = subprocess.run(command, env=os.environ | {"PYTHON": python}, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert python in run.stderr
    assert not (tmp_path / ".venv").exists()


def test_without_venv_it_says_what_to_install(tmp_path: Path) -> None:
    script = fresh_copy(tmp_path)
    python = tmp_path / "python-without-venv"
    python.write_text('#!/bin/sh\ncase "$*" in *venv*) exit 1;; *--version*) echo Python 3.11;; esac\n')
    python.chmod(0o755)
    environment = os.environ | {"PYTHON": str(python)}
    run = subprocess.run(["bash", str(script), "demo"], env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "apt install python3-venv" in run.stderr
