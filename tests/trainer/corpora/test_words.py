from pathlib import Path

import pytest

from device.errors import InputError
from tests.trainer.corpora.trees import write
from trainer.corpora import words


@pytest.fixture
def norms(tmp_path: Path) -> words.Norms:
    rows = "1,Joy,9,6", "2,gloom,2,3", "3,odd,none,3"
    write(tmp_path / "tables" / "warriner_norms.csv", ",Word,V.Mean.Sum,A.Mean.Sum", *rows)
    return words.read(tmp_path)


def test_the_mood_is_the_mean_over_known_words(norms: words.Norms) -> None:
    assert norms.mood(["JOY ", "unheard of"]) == (1.0, 0.25)
    assert norms.mood(["joy", "gloom"]) == (0.125, -0.125)


def test_no_known_word_is_no_mood(norms: words.Norms) -> None:
    assert norms.mood(["odd", "unheard of"]) is None
    assert norms.mood([]) is None


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"warriner_norms\.csv is missing"):
        words.read(tmp_path)
