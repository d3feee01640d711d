import shutil
from pathlib import Path

import pytest

from tests.trainer import tiny
from trainer import rendering


@pytest.fixture(scope="session")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny corpora that nobody alters."""
    return tiny.render(tmp_path_factory.mktemp("corpora"))


@pytest.fixture(scope="session")
def games(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with VGMIDI beside them; skipped where MIDI can't be rendered."""
    if shutil.which("fluidsynth") is None:
        pytest.skip("fluidsynth is not installed")
    if not any(Path(place).is_file() for place in rendering.PLACES):
        pytest.skip("no soundfont is installed")
    return tiny.games(tiny.render(tmp_path_factory.mktemp("games")))
