"""What goes wrong at the ear, through the whole lamp: injected below the real capture code, seen in hops and light.

tests/hardware/capture/test_faults.py has the same for the capture code alone, sample by sample.
"""

from collections.abc import Callable

import numpy as np
import pytest

from device.emotion.bundle import load_bundle
from device.emotion.shipped import SHIPPED
from device.hop import Hop
from tests.fakes.pyaudio import I2S, Card
from tests.room import RATE, Room, noise

FOUND_S, BACK_S = 3.0, 2.0
LATE_S = 0.1
"""From the end of a hop to its last frame of light, by the simulated clock: 33 ms between the first frame and that one,
a block of 17 ms, 5 ms in the change of rate. A gap moves hops by up to half of one."""


def check_finite(hops: list[Hop]) -> None:
    numbers = [(hop.t_s, *_felt(hop), hop.emotion.spread, hop.level_db, *hop.light) for hop in hops]
    assert np.isfinite(numbers).all()


def check_on_time(room: Room) -> None:
    """Each hop is later than the one before, and the last ones are as late as without any fault."""
    assert (np.diff([hop.t_s for hop in room.hops]) > 0).all()
    late_s = room.late_s[-20:]
    print(f"latest of the last hops: {1e3 * max(late_s):.0f} ms after its sound")
    assert min(late_s) > -0.03
    assert max(late_s) < LATE_S + 0.025


def _felt(hop: Hop) -> tuple[float, float]:
    return hop.emotion.valence, hop.emotion.arousal


@pytest.mark.parametrize(("seconds", "told"), [(0.01, True), (0.01, False), (1.0, True), (1.0, False), (60.0, False)])
def test_an_overrun_is_a_gap_of_its_length(seconds: float, told: bool) -> None:
    room = Room()
    room.hear(5)
    room.card.skip, room.card.told = round(seconds * RATE), told
    room.hear(seconds + 3)
    check_finite(room.hops)
    check_on_time(room)
    assert {hop.sound for hop in room.hops[-20:]} == {"music"}
    # Nobody can see 10 ms that nobody tells: blocks may come that late.
    known_s = seconds if told or seconds > 0.01 else 0.0
    steps_s = np.diff([hop.t_s for hop in room.hops])
    if seconds < 60:
        assert room.microphone.lost == pytest.approx(known_s * RATE, abs=1)
        # What was heard before the gap and made no whole hop is let go.
        assert known_s + 0.025 - 1e-6 <= steps_s.max() <= known_s + 0.1 + 1e-6
    else:  # the card is opened anew long before that, and hears
        assert [hop.sound for hop in room.hops].count("music") > 60 * 20
        assert steps_s.max() < 3


@pytest.mark.parametrize("every", [1, 2, 3, 4, 7])
def test_with_gaps_all_the_time_the_light_goes_on(every: int) -> None:
    room = Room()
    room.hear(3)
    count, frames = len(room.hops), len(room.strip.frames)
    for _ in range(10 * 60 // every):
        room.card.skip = 480
        room.hear(every / 60)
    steps_s = np.diff([hop.t_s for hop in room.hops[count:]])
    assert len(room.strip.frames) - frames > 9 * 60
    assert steps_s.max() < 0.2
    assert sum("has lost" in sentence for sentence in room.said) == 1
    check_finite(room.hops)


@pytest.mark.parametrize("seconds", [5.0, -5.0, 10 * 365 * 86_400.0, -10 * 365 * 86_400.0])
def test_a_clock_that_is_set_loses_nothing(seconds: float) -> None:
    room = Room()
    room.hear(5)
    room.card.clock_s += seconds
    room.hear(5)
    assert room.microphone.lost == 0
    check_on_time(room)
    room.card.skip = RATE  # and losses are still told
    room.hear(5)
    assert room.microphone.lost == pytest.approx(RATE, abs=1)


def test_a_stuck_card_is_noticed_within_3_s_and_heard_again_within_2_s() -> None:
    room = Room()
    room.hear(5)
    room.card.stuck = True
    found_s = room.until(deaf=True, most_s=FOUND_S)
    assert len(room.said) == 1
    assert "no sound" in room.said[0]
    assert {hop.sound for hop in room.hear(10)} == {"nothing"}
    room.card.stuck = False
    back_s = room.until(deaf=False, most_s=BACK_S)
    print(f"stuck: noticed after {found_s:.2f} s, heard again after {back_s:.2f} s")
    assert len(room.said) == 2
    assert room.hear(3)[-1].sound == "music"
    check_finite(room.hops)
    check_on_time(room)


def pulled_out(room: Room) -> Callable[[], None]:
    room.card.present = False

    def back() -> None:
        # Another index, and another number in its name.
        again = Card(I2S.replace("hw:1", "hw:4"), sound=room.card.sound)
        room.audio.cards[:] = [Card("USB: Audio (hw:1,0)", slots=1), again]

    return back


def taken(room: Room) -> Callable[[], None]:
    room.card.stuck = room.card.busy = True

    def back() -> None:
        room.card.stuck = room.card.busy = False

    return back


@pytest.mark.parametrize(("harm", "away_s"), [(pulled_out, 5.3), (taken, 5.7), (pulled_out, 61.7)])
def test_a_card_that_is_away_leaves_a_soft_light_and_is_heard_again_within_2_s(
    harm: Callable[[Room], Callable[[], None]], away_s: float
) -> None:
    room = Room()
    room.hear(10)
    back = harm(room)
    found_s = room.until(deaf=True, most_s=FOUND_S)
    begun = _attempts(room)
    away = room.hear(away_s)
    assert {hop.sound for hop in away} == {"nothing"}
    # After 0.25 and 0.5 s, then once a second, as soon as a block of silence and the light of a hop are done.
    waits_s = np.diff(begun)
    assert 0.5 <= waits_s[0] < 0.6
    assert waits_s[1:].min() >= 1.0
    assert waits_s[1:].max() < 1.1
    assert len(begun) > away_s / 1.1
    back()
    back_s = room.until(deaf=False, most_s=BACK_S)
    print(f"{harm.__name__}: noticed after {found_s:.2f} s, heard again after {back_s:.2f} s")
    assert room.microphone.outages == 1
    assert len([sentence for sentence in room.said if "can't be used" not in sentence]) == 2
    assert {hop.sound for hop in room.hear(4)[-40:]} == {"music"}
    check_finite(room.hops)
    check_on_time(room)
    if away_s > 60:
        # It rests, at a light that breathes, never out, without a step that an eye would see.
        assert np.hypot(*_felt(away[-1])) < 0.1
        light = np.cbrt(room.strip.frames.mean(axis=(1, 2)))
        assert np.abs(np.diff(light)).max() < 0.1
        rest = light[-(4 + 20) * 60 : -5 * 60]
        assert 0 < rest.min() < 0.4 * rest.max()
        assert np.abs(np.diff(rest)).max() < 0.02


def test_the_time_of_many_outages_does_not_add_up() -> None:
    room = Room()
    room.hear(3)
    for turn in range(12):
        back = (pulled_out if turn % 2 else taken)(room)
        room.until(deaf=True, most_s=FOUND_S)
        room.hear(0.1 * turn)
        back()
        room.card = room.audio.cards[-1]
        room.until(deaf=False, most_s=BACK_S)
        room.hear(0.53)
    assert room.microphone.outages == 12
    check_on_time(room)


def _attempts(room: Room) -> list[float]:
    """The times at which PortAudio is begun from now on."""
    begun: list[float] = []
    begin = room.audio.PyAudio
    room.audio.PyAudio = lambda: begun.append(room.now_s) or begin()  # type: ignore[method-assign, func-returns-value]
    return begun


@pytest.mark.parametrize("half", [1, 24, 240, 24_000])
@pytest.mark.parametrize("slots", [(1, 1), (1, -1), (1, 0)])
def test_square_waves_at_full_scale_give_numbers(half: int, slots: tuple[int, int]) -> None:
    def square(start: int, count: int) -> np.ndarray:
        high = np.arange(start, start + count) // half % 2 == 0
        wave = np.where(high, 2**31 - 1, -(2**31))
        # ~x is the same wave upside down: -x of the lowest number has no int32.
        return np.stack([wave if slot == 1 else ~wave if slot else 0 * wave for slot in slots], axis=1).astype(np.int32)

    room = Room(load_bundle(SHIPPED), sound=square)
    hops = room.hear(3)
    check_finite(room.hops)
    check_on_time(room)
    assert len(hops) >= 55
    assert room.lamp.bad_samples == 0
    assert room.lamp.clipped_share == pytest.approx(1.0 if all(slots) else 0.5, abs=0.01)
    # Light is finite and from 0 to 1: the strip refuses any other. What cancels out between the slots is silence.
    cancels = slots == (1, -1)
    assert (max(hop.level_db for hop in hops) < -60) == cancels or half == 1


@pytest.mark.parametrize("live", [0, 1])
def test_a_slot_that_is_dead_or_dies_costs_no_level(live: int) -> None:
    def sound(start: int, count: int) -> np.ndarray:
        both = np.repeat(noise(start, count)[:, None] * 2.0**31, 2, axis=1)
        both[max(0, 10 * RATE - start) :, 1 - live] = 0.0
        return both.astype(np.int32)

    room = Room(sound=sound)
    hops = room.hear(25)
    both, one = (
        10 * np.log10(np.mean([10 ** (hop.level_db / 10) for hop in hops if begin <= hop.t_s < begin + 8]))
        for begin in (1.6, 12.0)
    )
    assert one == pytest.approx(both, abs=0.5)
    assert {hop.sound for hop in hops[20:]} == {"music"}
    check_on_time(room)


@pytest.mark.parametrize("true_rate", [44_100, 47_000, 50_000])
def test_a_rate_that_is_a_lie_is_told_once_and_light_stays_with_the_sound(true_rate: float) -> None:
    room = Room(true_rate=true_rate)
    hops = room.hear(32)
    assert len(room.said) == 1
    assert str(true_rate)[:3] in room.said[0]
    assert room.microphone.true_rate == pytest.approx(true_rate, rel=0.002)
    check_finite(room.hops)
    assert {hop.sound for hop in hops[20:]} == {"music"}
    # The lamp counts the samples as it was promised; what it shows waits for nothing: the ring stays empty.
    assert hops[-1].t_s == pytest.approx(32 * true_rate / RATE, abs=0.2)
    assert room.microphone.behind_s < 0.1
    assert room.microphone.lost == 0
