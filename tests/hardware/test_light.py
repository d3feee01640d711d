"""The current limiter's budget, and the strips that stand in for a real one."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from hardware.errors import HardwareError
from hardware.light.limit import CurrentLimiter
from hardware.light.null import NullStrip
from hardware.light.recording import RecordingStrip
from hardware.strip import Strip

Frame = NDArray[np.float32]
frames = st.integers(1, 80).flatmap(lambda pixels: arrays(np.float32, (pixels, 3), elements=st.floats(0, 1, width=32)))


@given(frame=frames, spare_ma=st.floats(0.01, 3_000), channel_ma=st.floats(1, 60), idle_ma=st.floats(0, 2))
def test_no_frame_ever_exceeds_the_budget(frame: Frame, spare_ma: float, channel_ma: float, idle_ma: float) -> None:
    pixels = len(frame)
    budget_ma = pixels * idle_ma + spare_ma
    out = CurrentLimiter(pixels, budget_ma, channel_ma, idle_ma).process(frame)
    # The formula once more, on purpose not by the limiter's own method.
    drawn_ma = pixels * idle_ma + channel_ma * sum(out.astype(np.float64).ravel().tolist())
    assert drawn_ma <= budget_ma * (1 + 1e-12)
    assert out.dtype == np.float32
    assert (out <= frame).all()


@given(frame=frames, budget_ma=st.floats(100, 3_000))
def test_the_hue_stays_and_no_more_is_dimmed_than_needed(frame: Frame, budget_ma: float) -> None:
    limiter = CurrentLimiter(len(frame), budget_ma)
    before_ma, out = limiter.estimate_ma(frame), limiter.process(frame)
    if before_ma <= budget_ma:
        np.testing.assert_array_equal(out, frame)
        assert limiter.limited_frames == 0
    else:
        scale = (budget_ma - len(frame)) / (before_ma - len(frame))
        np.testing.assert_allclose(out, frame * scale, rtol=1e-5, atol=1e-38)
        assert limiter.estimate_ma(out) == pytest.approx(budget_ma, rel=1e-5)
        assert limiter.limited_frames == 1


def test_full_white_of_60_pixels_is_dimmed_to_the_usual_supply() -> None:
    limiter = CurrentLimiter(60)
    assert limiter.estimate_ma(np.ones((60, 3))) == 60 + 60 * 3 * 20
    out = limiter.process(np.ones((60, 3), np.float32))
    np.testing.assert_allclose(out, (850 - 60) / 3_600, rtol=1e-5)


def test_dimmed_frames_are_counted_until_reset() -> None:
    limiter = CurrentLimiter(60)
    for light in (1.0, 0.1, 1.0):
        limiter.process(np.full((60, 3), light, np.float32))
    assert limiter.limited_frames == 2
    limiter.reset()
    assert limiter.limited_frames == 0


def test_a_frame_is_not_changed_in_place() -> None:
    frame = np.ones((60, 3), np.float32)
    CurrentLimiter(60).process(frame)
    assert (frame == 1).all()


def test_a_budget_that_does_not_cover_the_dark_strip_is_refused() -> None:
    for pixels in (850, 2_000):
        with pytest.raises(HardwareError, match=f"{pixels} pixels draw about {pixels} mA even when dark"):
            CurrentLimiter(pixels)


@pytest.mark.parametrize(
    "wrong",
    [
        {"budget_ma": 0.0},
        {"budget_ma": float("nan")},
        {"budget_ma": float("inf")},
        {"channel_ma": 0.0},
        {"channel_ma": float("nan")},
        {"idle_ma": -1.0},
        {"idle_ma": float("nan")},
    ],
)
def test_impossible_currents_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(HardwareError, match="positive numbers"):
        CurrentLimiter(10, **wrong)


BAD_FRAMES = {
    "too few": np.zeros((3, 3), np.float32),
    "flat": np.zeros(12, np.float32),
    "four channels": np.zeros((4, 4), np.float32),
    "bytes": np.zeros((4, 3), np.uint8),
    "NaN": np.array([[0, 0, 0]] * 3 + [[0, np.nan, 0]], np.float32),
    "infinite": np.array([[0, 0, 0]] * 3 + [[0, np.inf, 0]], np.float32),
    "over 1": np.full((4, 3), 1.0001, np.float32),
    "under 0": np.full((4, 3), -0.0001, np.float32),
}


@pytest.mark.parametrize("name", BAD_FRAMES)
def test_bad_frames_are_refused_everywhere(name: str) -> None:
    for take in (NullStrip(4).show, RecordingStrip(4).show, CurrentLimiter(4).process):
        with pytest.raises(ValueError, match="A frame"):
            take(BAD_FRAMES[name])


@pytest.mark.parametrize("kind", [NullStrip, RecordingStrip])
def test_strips_refuse_no_pixels_and_use_after_close(kind: Any) -> None:
    for pixels in (0, -1):
        with pytest.raises(HardwareError, match="at least one pixel"):
            kind(pixels)
    strip: Strip
    with kind(4) as strip:
        strip.show(np.ones((4, 3), np.float32))
        assert strip.pixels == 4
    strip.close()
    with pytest.raises(ValueError, match="closed"):
        strip.show(np.ones((4, 3), np.float32))


def test_a_limiter_needs_pixels() -> None:
    with pytest.raises(HardwareError, match="at least one pixel"):
        CurrentLimiter(0)


def test_the_recording_strip_keeps_what_was_shown() -> None:
    strip = RecordingStrip(2)
    assert strip.frames.shape == (0, 2, 3)
    frame = np.full((2, 3), 0.25, np.float32)
    strip.show(frame)
    frame[:] = 0.5
    strip.show(frame)
    strip.close()
    np.testing.assert_array_equal(strip.frames[:, 0, 0], [0.25, 0.5])
    assert strip.frames.dtype == np.float32
