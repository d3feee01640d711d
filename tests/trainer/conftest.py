from pathlib import Path

import pytest

from tests.trainer import tiny


@pytest.fixture(scope="session")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny corpora that nobody alters."""
    return tiny.render(tmp_path_factory.mktemp("corpora"))
