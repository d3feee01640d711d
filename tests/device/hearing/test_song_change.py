"""Song changes: told after a pause and when the spectrum is another one; never within what goes on."""

import numpy as np
import pytest

from device.features.spec import FeatureSpec
from device.hearing.song_change import (
    EARLIER,
    LEAST,
    PAUSE_S,
    RECENT,
    REST_STEPS,
    STEP_S,
    TALK_S,
    Change,
    SongChange,
)

SPEC = FeatureSpec(24_000, 1_200, 1_200, ("flatness", "log_mel"), deltas=True)
HOP_S = SPEC.hop_s


def song(seed: int, seconds: float, level_db: float = 0.0) -> np.ndarray:
    """Frames [hops, width] around a spectrum of the seed's own, in dB."""
    rng = np.random.default_rng(seed)
    shape = rng.normal(-40, 8, 40)
    frames = np.zeros((round(seconds / HOP_S), SPEC.width), np.float32)
    frames[:, 1:41] = shape + level_db + rng.normal(0, 5, (len(frames), 40))
    return frames


def told(songs: SongChange, frames: np.ndarray, sound: str = "music") -> list[tuple[int, Change]]:
    found = [(hop, songs.process(frame, sound, HOP_S)) for hop, frame in enumerate(frames)]
    return [(hop, change) for hop, change in found if change is not None]


def test_a_cut_to_another_song_is_told_once_within_three_seconds() -> None:
    songs = SongChange(SPEC.columns)
    assert told(songs, song(1, 25)) == []
    ((hop, change),) = told(songs, song(2, 25))
    assert change == "novelty"
    assert hop * HOP_S < 3.0


@pytest.mark.parametrize("seed", range(8))
def test_a_steady_song_is_one_song_at_any_level(seed: int) -> None:
    songs = SongChange(SPEC.columns)
    assert told(songs, song(seed, 60)) == []
    # The volume is turned down and up: the bands keep their places to each other.
    frames = song(seed, 60)
    frames[400:800, 1:41] -= 20
    assert told(SongChange(SPEC.columns), frames) == []


def test_needs_some_seconds_of_a_song_to_know_it() -> None:
    least_s = (LEAST + RECENT) * STEP_S
    restless = np.concatenate([song(1, LEAST * STEP_S), song(2, RECENT * STEP_S)])
    assert told(SongChange(SPEC.columns), restless[: -round(STEP_S / HOP_S)]) == []
    ((hop, change),) = told(SongChange(SPEC.columns), restless)
    assert change == "novelty"
    assert (hop + 1) * HOP_S == pytest.approx(least_s)


def test_a_rest_is_no_song_of_its_own() -> None:
    rest = song(7, 2, level_db=-40)
    assert told(SongChange(SPEC.columns), np.concatenate([song(1, 20), rest, song(1, 20)])) == []
    ((hop, _),) = told(SongChange(SPEC.columns), np.concatenate([song(1, 20), rest, song(2, 20)]))
    assert 22.0 < hop * HOP_S < 25.0


def test_a_song_that_goes_on_softly_is_heard_again() -> None:
    soft_s = REST_STEPS * STEP_S + 3.0
    frames = np.concatenate([song(1, 20), song(2, soft_s, level_db=-40)])
    ((hop, _),) = told(SongChange(SPEC.columns), frames)
    assert hop * HOP_S > 20 + REST_STEPS * STEP_S


@pytest.mark.parametrize(("sound", "seconds"), [("silence", PAUSE_S), ("speech", TALK_S), ("noise", TALK_S)])
def test_music_after_a_pause_is_another_song(sound: str, seconds: float) -> None:
    songs = SongChange(SPEC.columns)
    told(songs, song(1, 10))
    assert told(songs, song(9, seconds), sound) == []
    assert told(songs, song(1, 5)) == [(0, "pause")]


@pytest.mark.parametrize("sound", ["speech", "noise"])
def test_a_mistake_of_the_ear_is_no_other_song(sound: str) -> None:
    songs = SongChange(SPEC.columns)
    for _ in range(5):
        told(songs, song(1, 5))
        assert told(songs, song(1, TALK_S - 2 * HOP_S), sound) == []
    assert told(songs, song(1, 5)) == []


def test_a_shorter_pause_and_the_first_music_are_no_change() -> None:
    songs = SongChange(SPEC.columns)
    assert told(songs, song(9, 20), "silence") == []
    assert told(songs, song(1, 10)) == []
    told(songs, song(9, PAUSE_S - HOP_S), "silence")
    assert told(songs, song(1, 10)) == []


def test_reset_is_a_fresh_start() -> None:
    songs = SongChange(SPEC.columns)
    told(songs, song(1, 25))
    songs.reset()
    assert told(songs, song(2, 25)) == []
    told(songs, song(2, 5), "silence")
    songs.reset()
    assert told(songs, song(2, 5)) == []


def test_digital_silence_and_extremes_taken_for_music_do_nothing() -> None:
    for value in (0.0, -400.0, 1e6):
        frames = np.full((600, SPEC.width), value, np.float32)
        assert told(SongChange(SPEC.columns), frames) == []


def test_frames_that_are_not_there_yet() -> None:
    songs = SongChange(SPEC.columns)
    assert songs.process(None, "music", HOP_S) is None
    songs.process(None, "silence", PAUSE_S)
    assert songs.process(None, "music", HOP_S) == "pause"


def test_without_mel_bands_only_pauses_are_told() -> None:
    spec = FeatureSpec(24_000, 1_200, 1_200, ("flatness",))
    songs = SongChange(spec.columns)
    frames = np.zeros((400, spec.width), np.float32)
    frames[200:] = 1.0
    assert told(songs, frames) == []
    told(songs, frames[:40], "silence")
    assert told(songs, frames) == [(0, "pause")]


def test_remembers_no_more_than_its_windows() -> None:
    one, other = SongChange(SPEC.columns), SongChange(SPEC.columns)
    kept_s = (RECENT + EARLIER) * STEP_S
    tail = song(1, kept_s)
    told(one, np.concatenate([song(1, 40), tail]))
    told(other, tail)
    next_song = song(2, 10)
    assert told(one, next_song) == told(other, next_song)
