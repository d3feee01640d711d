"""The lamp on a microphone that is sound, or held up itself: real capture code, a card that is not there.

What goes wrong at the card is in test_ear_faults.py.
"""

import numpy as np
import pytest

from tests.room import RATE, Room, beats


def test_music_from_one_slot_is_music_and_light_is_never_late() -> None:
    room = Room()
    hops = room.hear(30)
    assert {hop.sound for hop in hops[20:]} == {"music"}
    # From the first sample of a hop to its first frame of light: the hop and 20 ms, which leaves 10 of the 30 promised
    # for computing. late_s is that of the last frame.
    frames_s = 2 * 0.98 / 60
    to_frame_s = np.array(room.late_s) + 0.05 - frames_s
    print(f"sound to its frame of light: at most {1e3 * to_frame_s.max():.1f} ms, computing not counted")
    assert to_frame_s.max() <= 0.07
    loud = [hop.level_db for hop in hops[20:]]
    both = beats(0, 10 * RATE)[:, 1] / 2.0**31
    assert np.mean(10 ** (np.array(loud) / 10)) == pytest.approx(np.mean(both**2), rel=0.6)  # half the band is gone


@pytest.mark.parametrize("seconds", [0.01, 1.0, 60.0])
def test_a_lamp_that_was_held_up_catches_up(seconds: float) -> None:
    room = Room()
    room.hear(5)
    room.audio.sleep(seconds)
    room.hear(5)
    assert abs(room.late_s[-1] - room.late_s[50]) < 0.06
