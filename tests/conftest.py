"""What all tests share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

# As the command does, before numpy is there: threads make its small products slower, not faster.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@pytest.fixture(scope="session", autouse=True)
def _no_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The bundles that whoever runs the tests has installed are not looked at, nor touched."""
    with pytest.MonkeyPatch.context() as patch:
        store = tmp_path_factory.mktemp("home") / "store"
        patch.setenv("LAMPYRIS_STORE", str(store))
        yield store
