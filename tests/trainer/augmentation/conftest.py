from pathlib import Path

import pytest

from tests.trainer.augmentation import made_up
from trainer.augmentation import library


@pytest.fixture(autouse=True)
def _no_corpora(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test hears what happens to lie on this machine."""
    monkeypatch.delenv(library.VARIABLE, raising=False)
    library.library.cache_clear()
    library.warn_of_none.cache_clear()


@pytest.fixture(scope="session")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpora folder with rooms and noises that nobody alters."""
    return made_up.render_gate(tmp_path_factory.mktemp("corpora"))
