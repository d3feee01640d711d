"""Self-test: a sound that every lamp can make, and whether the bundle still says of it what it said when it was made.

It goes all the way from samples to emotion, so that it finds a wrong numpy, a runtime that computes otherwise, and
features that do not fit the model, on the very machine that is to use the bundle.
"""

import os
import resource
import signal as signals
import subprocess
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from device.emotion.bundle import Bundle, load_bundle
from device.emotion.card import SelfTest
from device.emotion.runner import Runner
from device.errors import InputError
from device.features.extractor import extract
from device.features.spec import FeatureSpec

POOLS = 10
TOLERANCE = 0.02
"""Of valence, arousal and spread. Processors and runtimes round differently; a broken one is further off than that."""
PATIENCE_S = 120.0
MOST_MEMORY = 2 << 30
"""Bytes of address space that a test in a process of its own may take."""


def signal(spec: FeatureSpec, hops: int) -> NDArray[np.float32]:
    """`hops` frames of a made-up piece: a major chord that swells, from its middle on a minor one an octave lower,
    and under both a beat, four times a second. Peak below 0.5."""
    t = np.arange(spec.window + (hops - 1) * spec.hop) / spec.rate
    middle = t[-1] / 2
    swell = 0.1 + 0.2 * np.sin(np.pi * t / middle) ** 2
    chords = ((440.0, 554.37, 659.26), (220.0, 261.63, 329.63))
    major, minor = (sum(np.sin(2 * np.pi * f * t) for f in chord) / 3 for chord in chords)
    beat = np.sin(2 * np.pi * 90.0 * t) * np.exp(-30.0 * (t % 0.25))
    return (swell * np.where(t < middle, major, minor) + 0.15 * beat).astype(np.float32)


def answers(bundle: Bundle, runtime: str | None = None) -> NDArray[np.float64]:
    """[POOLS, 3] valence, arousal and spread after each pool of the signal, from a fresh start."""
    card = bundle.card
    runner = Runner(bundle, runtime)
    told = [runner.process(frame) for frame in extract(signal(card.features, POOLS * card.pool_hops), card.features)]
    return np.array([(e.valence, e.arousal, e.spread) for e in told[card.pool_hops - 1 :: card.pool_hops]])


def expected(bundle: Bundle, runtime: str | None = None) -> SelfTest:
    """What is to stand on the card of a bundle that was proved by other means."""
    rows = tuple((float(v), float(a), float(s)) for v, a, s in answers(bundle, runtime).round(6))
    return SelfTest(rows, TOLERANCE)


def self_test(bundle: Bundle, runtime: str | None = None) -> float:
    """The largest difference from what the card expects.

    Raises InputError if it is beyond the card's tolerance, or if the card expects nothing.
    """
    test = bundle.card.self_test
    if test is None or len(test.expected) != POOLS:
        raise InputError(f"The bundle {bundle.card.name!r} has no self-test on its card; convert it again.")
    difference = float(np.abs(answers(bundle, runtime) - np.array(test.expected)).max())
    if not difference <= test.tolerance:  # a result that is no number fails too
        raise InputError(
            f"The bundle {bundle.card.name!r} fails its self-test on this machine: it is off by {difference:.2g}, "
            f"allowed is {test.tolerance:g}; copy or convert it again."
        )
    return difference


def self_test_apart(folder: Path) -> float:
    """As `self_test`, of the bundle in `folder` and in a process of its own: a flatbuffer may crash its runtime.

    Raises InputError also if it does, or if it takes all memory or more than PATIENCE_S.
    """
    command = [sys.executable, "-m", "device.emotion.self_test", str(folder.resolve())]
    # From the folder that holds this package, so that it is found whether installed or not.
    home = Path(__file__).resolve().parents[2]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            command, cwd=home, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE_S
        )
    except subprocess.TimeoutExpired as error:
        raise InputError(f"The bundle {folder} does not end its self-test; convert it again.") from error
    words = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
    if done.returncode == 0 and words:
        return float(words[-1])
    if done.returncode == 2 and words:
        raise InputError(words[-1])
    how = signals.Signals(-done.returncode).name if done.returncode < 0 else words[-1] if words else "no reason given"
    raise InputError(f"The bundle {folder} crashes the TFLite runtime of this machine ({how}); convert it again.")


def main(arguments: list[str]) -> int:
    """Test the bundle in a folder, and print what it is off by."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    try:
        print(self_test(load_bundle(arguments[0])))
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
