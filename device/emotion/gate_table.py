"""What the gate found of each way of storing a network, as a table for a terminal."""

from collections.abc import Sequence

from device.emotion.card import Trial

_BARS = "▁▂▃▄▅▆▇█"
_HEAD = ("as", "size", "to run", "step", "largest", "RMS", "growth", "rest", "F1 loss", "R2 loss", "curve", "verdict")
_CURVE = _HEAD.index("curve")


def gate_table(trials: Sequence[Trial], width: int | None = None) -> list[str]:
    """A line for each trial, below a head. The curve is the distance from Keras minute by minute.

    width: of the longest line; the curve is left out where it has no room.
    """
    rows = [_HEAD, *(_row(trial) for trial in trials)]
    lines = _table(rows)
    if width is not None and max(map(len, lines)) > width:
        lines = _table([(*row[:_CURVE], *row[_CURVE + 1 :]) for row in rows])
    return lines


def sparkline(values: Sequence[float]) -> str:
    """A character for each value, as high as its share of the largest; '?' for what is no number."""
    top = max((value for value in values if value < float("inf")), default=0.0)
    return "".join(_bar(value / top if top > 0 else value) for value in values)


def size(count: int) -> str:
    """Bytes, as people say it."""
    return f"{count} bytes" if count < 1000 else f"{count / 1e3:.0f} kB" if count < 1e6 else f"{count / 1e6:.1f} MB"


def number(value: float) -> str:
    """Rounded to what matters."""
    if value == 0 or 0.001 <= abs(value) < 100:
        return f"{value:.3f}".rstrip("0").rstrip(".")
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1e}"


def _bar(share: float) -> str:
    return _BARS[min(len(_BARS) - 1, int(share * len(_BARS)))] if 0.0 <= share <= 1.0 else "?"


def _row(trial: Trial) -> tuple[str, ...]:
    if not trial.curve:  # it never ran
        return trial.quantization, *[""] * (len(_HEAD) - 2), trial.verdict
    return (
        trial.quantization,
        size(trial.model_bytes),
        size(trial.arena_bytes),
        f"{trial.step_us:.0f} us",
        *(number(distance) for distance in (trial.largest, trial.rms)),
        f"{trial.growth:.2f}",
        f"{trial.rest:.2f}",
        *("-" if loss is None else f"{loss:+.4f}" for loss in (trial.f1_loss, trial.r2_loss)),
        sparkline(trial.curve),
        trial.verdict,
    )


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*(row[:-1] for row in rows), strict=True)]
    cells = ([cell.ljust(width) for cell, width in zip(row, widths, strict=False)] for row in rows)
    return ["  ".join((*line, row[-1])).rstrip() for line, row in zip(cells, rows, strict=True)]
