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
    assert max(room.late_s) < 0.1  # the last frame of a hop, which is meant to be shown 33 ms after the first
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
