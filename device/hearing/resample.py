"""Resampler: sound at one rate becomes sound at another, in pieces of any size."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.errors import InputError
from device.hearing.polyphase import phase_filters

LOWEST_RATE, HIGHEST_RATE = 4_000, 384_000
BLOCK_OUTPUTS = 64
"""Outputs that one row of the matrix product makes, at least."""
ROWS = 8
"""Rows of every matrix product. Small enough that BLAS stays in one thread."""
MAX_MATRIX = 2**18
"""Coefficients of the largest block matrix; rates that would need more go through the gathering kernel."""
GATHER_OUTPUTS = 2_048

Samples = NDArray[np.float32]


class Resampler:
    """Low-pass and change of rate by a ratio of whole numbers, the same bit for bit under any chunking.

    Flat within 0.1 dB up to 0.9 of the lower Nyquist frequency, at least 80 dB down from that frequency on.
    Output k sits at the time k / rate_out of the input: the filter's delay is taken out. `process` holds back what
    still needs later input, about 5 ms from 32 kHz on and up to 20 ms below; `flush` gives it out as if silence
    followed. n inputs make ceil(n * rate_out / rate_in) outputs in all.
    Equal rates pass through untouched.

    Raises InputError for rates outside 4000 to 384000 Hz or with no manageable ratio.
    """

    def __init__(self, rate_in: int, rate_out: int) -> None:
        for rate in (rate_in, rate_out):
            if not LOWEST_RATE <= rate <= HIGHEST_RATE:
                raise InputError(
                    f"Sound with {rate} samples a second cannot be used; "
                    f"it must be {LOWEST_RATE} to {HIGHEST_RATE} samples a second."
                )
        divisor = math.gcd(rate_in, rate_out)
        self._up, self._down = rate_out // divisor, rate_in // divisor
        self._kernel: _Blocks | _Gather | None = None
        if rate_in != rate_out:
            filters = phase_filters(rate_in, rate_out)
            repeats = math.ceil(BLOCK_OUTPUTS / self._up)
            size = (repeats * self._down + filters.shape[1]) * repeats * self._up
            kind = _Blocks if size <= MAX_MATRIX else _Gather
            self._kernel = kind(filters, self._down)
        self.reset()

    def process(self, samples: NDArray[Any]) -> Samples:
        """Samples [n] at rate_in to the samples [m] at rate_out that are now certain. Raises ValueError unless 1-D."""
        new = np.asarray(samples, np.float32)
        if new.ndim != 1:
            raise ValueError(f"The resampler takes one channel, samples [n], not an array of shape {new.shape}.")
        self._heard += len(new)
        return self._advance(new)

    def flush(self) -> Samples:
        """The outputs that were held back; afterwards the resampler is as new."""
        tail = np.zeros(0, np.float32)
        if self._kernel is not None:
            wanted = -(-self._heard * self._up // self._down) - self._made
            tail = self._advance(np.zeros(self._kernel.span, np.float32))[:wanted]
        self.reset()
        return tail

    def reset(self) -> None:
        """Forget everything heard."""
        self._heard = self._made = 0
        lead = 0 if self._kernel is None else self._kernel.half - 1
        self._held = np.zeros(lead, np.float32)

    def _advance(self, new: Samples) -> Samples:
        if self._kernel is None:
            return new.copy()
        held = np.concatenate((self._held, new))
        out, used = self._kernel.run(held, self._made)
        self._made += len(out)
        self._held = held[used:].copy()
        return out


class _Blocks:
    """Many outputs at once: a block of inputs times a matrix that holds the filters of a block's outputs.

    BLAS may add in another order when a matrix has another shape or a row another place. So every product has ROWS rows
    and block b always stands in row b % ROWS: only then are the bits independent of the chunking.
    """

    def __init__(self, filters: Samples, down: int) -> None:
        up, taps = filters.shape
        repeats = math.ceil(BLOCK_OUTPUTS / up)
        self.half = taps // 2
        self._outputs, self._inputs = repeats * up, repeats * down
        self.span = (self._outputs - 1) * down // up + taps
        self._matrix = np.zeros((self.span, self._outputs), np.float32)
        for output in range(self._outputs):
            start, phase = divmod(output * down, up)
            self._matrix[start : start + taps, output] = filters[phase]
        self._rows = np.zeros((ROWS, self.span), np.float32)

    def run(self, held: Samples, made: int) -> tuple[Samples, int]:
        """Outputs of all full blocks in `held` (which begins at the first tap of output `made`), and inputs used up."""
        blocks = max((len(held) - self.span) // self._inputs + 1, 0)
        step = held.itemsize
        # The rows of all blocks, which overlap; as_strided would take longer than the sums.
        inputs: Samples = np.ndarray((blocks, self.span), np.float32, held, strides=(self._inputs * step, step))
        out = np.empty((blocks, self._outputs), np.float32)
        done = 0
        while done < blocks:
            row = (made // self._outputs + done) % ROWS
            count = min(ROWS - row, blocks - done)
            self._rows[row : row + count] = inputs[done : done + count]
            out[done : done + count] = (self._rows @ self._matrix)[row : row + count]
            done += count
        return out.reshape(-1), blocks * self._inputs


class _Gather:
    """One output at a time, each with its own filter: for rates that share few factors (44056 to 24000 Hz)."""

    def __init__(self, filters: Samples, down: int) -> None:
        self._filters, self._down = filters, down
        self.half = filters.shape[1] // 2
        self.span = filters.shape[1]

    def run(self, held: Samples, made: int) -> tuple[Samples, int]:
        """All outputs that `held` suffices for (it begins at the first tap of output `made`), and inputs used up."""
        up = len(self._filters)
        base = made * self._down // up
        # An output needs span inputs from its own first tap; `limit` is the first input that is too late for one.
        limit = base + len(held) - self.span + 1
        count = max(-(-limit * up // self._down) - made, 0)
        out = np.empty(count, np.float32)
        for first in range(0, count, GATHER_OUTPUTS):
            part = slice(first, min(first + GATHER_OUTPUTS, count))
            start, phase = np.divmod((made + np.arange(part.start, part.stop)) * self._down, up)
            inputs = held[(start - base)[:, None] + np.arange(self.span)]
            np.einsum("ij,ij->i", inputs, self._filters[phase], out=out[part])
        return out, (made + count) * self._down // up - base
