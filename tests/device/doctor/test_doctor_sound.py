"""What is said of a sound: every fault that a wire can have, made by numbers."""

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from device.doctor.finding import Finding, State
from device.doctor.meter import Meter
from device.doctor.sound import sound
from device.hearing.gate import GateSettings
from hardware.microphone import Block

RATE = 48_000
N = np.arange(2 * RATE)


def pcm(*slots: NDArray[np.float64]) -> NDArray[np.int32]:
    """Slots [n] of full scale 1 to samples int32 [n, slots]."""
    return np.clip(np.stack(slots, axis=1) * 2.0**31, -(2**31), 2**31 - 1).astype(np.int32)


def hiss(rms: float, seed: int = 0) -> NDArray[np.float64]:
    return rms * np.random.default_rng(seed).standard_normal(len(N))


def bursts(peak: float) -> NDArray[np.float64]:
    """A tone of 440 Hz for every other half second."""
    return peak * np.sin(2 * np.pi * 440 * N / RATE) * (N // 24_000 % 2)


def blocks(samples: NDArray[np.int32]) -> Iterator[Block]:
    for part in np.array_split(samples, 37):
        yield Block(part)


def judge(samples: NDArray[np.int32], i2s: bool = True, lost: int = 0, deaf: int = 0) -> dict[str, Finding]:
    meter = Meter(RATE, samples.shape[1])
    for number, block in enumerate(blocks(samples)):
        meter.process(Block(block.samples, lost if number == 20 else 0))
    if deaf:
        meter.process(Block(np.zeros((deaf, samples.shape[1]), np.int32), 1, deaf=True))
    return {finding.name: finding for finding in sound(meter.reading, GateSettings(), i2s)}


ZERO = np.zeros(len(N))
GOOD = bursts(0.3) + hiss(0.0003)


def test_one_microphone_on_a_wire_for_two_is_fine() -> None:
    told = judge(pcm(GOOD + 0.02, ZERO))
    assert list(told) == ["slots", "noise", "offset", "clipping", "losses"]
    assert {finding.state for finding in told.values()} == {State.OK}
    assert told["slots"].values == {"alive": ["left"]}
    assert "right dead" in told["slots"].found
    floor, loudest = told["noise"].values["floor_dbfs"], told["noise"].values["loudest_dbfs"]
    assert floor == pytest.approx(20 * np.log10(0.0003) - 3, abs=2.5)  # more than half of its band is not heard
    assert loudest == pytest.approx(20 * np.log10(0.3) - 3, abs=0.2)
    assert told["offset"].values["offset_percent"] == pytest.approx([2, 0], abs=0.01)
    assert told["clipping"].found == "none"


def test_the_right_slot_and_both() -> None:
    assert judge(pcm(ZERO, GOOD))["slots"].values == {"alive": ["right"]}
    both = judge(pcm(GOOD, 0.5 * GOOD))["slots"]
    assert both.values == {"alive": ["left", "right"]}
    assert both.state is State.OK


def test_a_microphone_with_one_slot() -> None:
    told = judge(pcm(GOOD))
    assert told["slots"].found == "one, alive"
    assert told["offset"].state is State.OK
    assert not told["offset"].found.startswith("left")


@pytest.mark.parametrize(("i2s", "word"), [(True, "GPIO20"), (False, "alsamixer")])
def test_digital_zero_is_a_wire_that_is_dead(i2s: bool, word: str) -> None:
    told = judge(pcm(ZERO, ZERO), i2s)
    assert list(told) == ["slots"]
    assert told["slots"].state is State.FAIL
    assert "zeros" in told["slots"].found
    assert word in told["slots"].next_step


def test_a_wire_that_is_stuck_high() -> None:
    samples = np.full((len(N), 2), -1, np.int32)
    told = judge(samples)["slots"]
    assert told.state is State.FAIL
    assert "the same value" in told.found
    assert "GPIO20" in told.next_step


def test_a_data_pin_that_floats() -> None:
    random = np.random.default_rng(3).integers(-(2**31), 2**31, (len(N), 2), np.int64).astype(np.int32)
    told = judge(random)
    assert list(told) == ["slots"]
    assert told["slots"].state is State.FAIL
    assert "floats" in told["slots"].found
    assert "SD at GPIO20" in told["slots"].next_step


def test_loud_music_is_not_taken_for_a_floating_pin() -> None:
    told = judge(pcm(2 * np.sin(2 * np.pi * 440 * N / RATE), ZERO))
    assert told["slots"].state is State.OK
    assert told["clipping"].state is State.WARN
    assert 60 < told["clipping"].values["clipped_percent"] < 70  # arcsin(1/2) is 30 of 90 degrees
    assert "down" in told["clipping"].next_step


def test_two_clipped_samples_in_a_hundred() -> None:
    samples = pcm(GOOD, ZERO)
    samples[::50, 0] = 2**31 - 1
    told = judge(samples)["clipping"]
    assert told.state is State.WARN
    assert told.values["clipped_percent"] == pytest.approx(2, abs=0.01)


def test_an_offset_that_the_filter_takes_and_one_that_eats_the_range() -> None:
    assert judge(pcm(GOOD - 0.07, ZERO))["offset"].state is State.OK
    told = judge(pcm(GOOD - 0.15, ZERO))["offset"]
    assert told.state is State.WARN
    assert "left 15.0 % of full scale" in told.found
    assert "supply" in told.next_step
    assert judge(pcm(GOOD, ZERO + 0.5))["offset"].state is State.OK  # nobody hears the dead slot


def test_a_room_that_is_never_quiet() -> None:
    told = judge(pcm(hiss(0.05), ZERO))["noise"]
    assert told.state is State.WARN
    assert "without music" in told.next_step


def test_a_quiet_room_is_silence_and_no_fault() -> None:
    told = judge(pcm(hiss(2e-5), ZERO))["noise"]
    assert told.state is State.OK
    assert "silence to the lamp" in told.found


def test_a_muted_microphone() -> None:
    samples = np.random.default_rng(1).integers(-1, 2, (len(N), 2)).astype(np.int32) << 8
    told = judge(samples, i2s=False)["noise"]
    assert told.state is State.WARN
    assert "unmute" in told.next_step


def test_losses() -> None:
    assert judge(pcm(GOOD, ZERO))["losses"].found == "none in 2.0 s"
    some = judge(pcm(GOOD, ZERO), lost=2_400)["losses"]
    assert (some.state, some.values["lost_s"]) == (State.WARN, 0.05)
    assert some.next_step
    most = judge(pcm(GOOD, ZERO), deaf=RATE)["losses"]
    assert (most.state, most.values["lost_s"]) == (State.FAIL, 1.0)
    assert "cable" in most.next_step


def test_the_blocks_do_not_matter() -> None:
    samples = pcm(GOOD, 0.5 * GOOD)
    one, many = Meter(RATE, 2), Meter(RATE, 2)
    one.process(Block(samples))
    for part in np.array_split(samples, 400):
        many.process(Block(part))
    for name in ("heard_s", "offset", "rms", "clipped", "constant", "alive"):
        np.testing.assert_allclose(getattr(many.reading, name), getattr(one.reading, name), rtol=1e-9)
    np.testing.assert_allclose(many.reading.levels_db, one.reading.levels_db, atol=0.01)
    np.testing.assert_allclose(many.reading.likeness, one.reading.likeness, atol=1e-2)
