"""The scores of the ear, by hand."""

import numpy as np
import pytest

from device.hearing.sound_card import Patience
from trainer.ear.judging import Heard, best_patience, score
from trainer.ear.streams import MIXED, Stream

PATIENCE = Patience(enter=0.5, leave=0.6, steps=1)
SEGMENT = 10
SINCE = np.tile((np.arange(SEGMENT) + 1) * 0.4, 4)
KIND = np.repeat([0, 1, 2, MIXED], SEGMENT)


def heard(said: np.ndarray, level_db: float = -20.0) -> Heard:
    """A stream of music, speech, noise and music under talk, with a network that is sure of what it says."""
    shape = (1, len(KIND))
    stream = Stream(
        np.zeros((*shape, 1), np.float32),
        KIND.reshape(shape),
        np.full(shape, level_db, np.float32),
        SINCE.reshape(shape).astype(np.float32),
        np.full(shape, "x"),
    )
    return Heard(stream, np.eye(3, dtype=np.float32)[said][None])


def right() -> np.ndarray:
    return np.where(KIND == MIXED, 0, KIND)


def test_all_right() -> None:
    told = score([heard(right())], PATIENCE)
    assert [told[name] for name in ("music", "music_under_talk", "speech", "noise", "in_time")] == [1.0] * 5
    assert told["speech_as_music"] == told["noise_as_music"] == 0
    assert told["median_s"] == pytest.approx(0.4)


def test_only_what_is_later_than_two_seconds_counts() -> None:
    said = np.where(SINCE <= 2.0 + 1e-6, 0, right())
    told = score([heard(said)], PATIENCE)
    assert told["speech_as_music"] == 0
    # Music at once; the change to speech after 2.4 s.
    assert told["in_time"] == pytest.approx(2 / 3)
    assert told["p95_s"] > 2


def test_what_is_taken_for_music_is_told() -> None:
    said = right()
    said[SEGMENT + 5 : SEGMENT + 7] = 0
    said[2 * SEGMENT :] = 0
    told = score([heard(said)], PATIENCE)
    assert told["speech_as_music"] == pytest.approx(0.4)
    assert told["noise_as_music"] == 1.0
    assert told["music"] == 1.0


def test_each_part_has_its_own_patience() -> None:
    hasty, patient = Patience(enter=0.5, leave=0.6, steps=1), Patience(enter=0.5, leave=0.6, steps=8)
    told = [score([heard(right())], one)["speech_as_music"] for one in (hasty, patient)]
    assert told[0] == 0 < told[1]
    both = score([heard(right()), heard(right())], [hasty, patient])
    assert both["speech_as_music"] == pytest.approx(np.mean(told))


def test_the_best_patience_rides_out_what_is_odd_for_a_step() -> None:
    said = right()
    said[[6, 9]] = 2
    assert best_patience([heard(said)]).steps > 1
