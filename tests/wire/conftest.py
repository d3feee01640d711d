"""The board that is not there, built once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.wire import pi

Board = Callable[..., pi.Run]


@pytest.fixture(scope="session")
def fakepi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pi.build(tmp_path_factory.mktemp("fakepi"))


@pytest.fixture
def board(fakepi: Path, tmp_path: Path) -> Board:
    """Runs a program, with arguments and an environment of its own."""
    return lambda program, *arguments, **environment: pi.run(fakepi, tmp_path, program, *arguments, **environment)
