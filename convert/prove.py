"""Prove a bundle in a runtime that cannot share a process with TensorFlow.

`python -m convert.prove BUNDLE FRAMES.npy OUT.npy RUNTIME` steps through the frames and saves the outputs, then
runs the self-test. This module must not import TensorFlow.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from device.emotion.bundle import Bundle, load_bundle, write_bundle
from device.emotion.runner import model_of
from device.emotion.self_test import self_test
from device.errors import InputError


def output_here(bundle: Bundle, frames: NDArray[np.float32], runtime: str | None = None) -> NDArray[np.float32]:
    """[T, 2 * members] of the bundle's model, one frame after the other from a fresh start."""
    model = model_of(bundle, runtime)
    return np.stack([model.process(frame) for frame in frames])


def output_elsewhere(bundle: Bundle, frames: NDArray[np.float32], runtime: str) -> NDArray[np.float32]:
    """[T, 2 * members] of the bundle in a process of its own. Raises InputError, with its last words, if that fails."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_bundle(folder / "bundle", bundle.card, bundle.model)
        np.save(folder / "frames.npy", frames)
        paths = [str(folder / part) for part in ("bundle", "frames.npy", "out.npy")]
        command = [sys.executable, "-m", "convert.prove", *paths, runtime]
        # From the folder that holds this package, so that it is found whether installed or not.
        home = Path(__file__).resolve().parent.parent
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=home)
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
            raise InputError(f"The model does not run in {runtime} ({last}); nothing was written.")
        output: NDArray[np.float32] = np.load(folder / "out.npy")
        return output


def main(arguments: list[str]) -> int:
    """Load, step, save. The parent reads the exit code."""
    bundle, frames, out, runtime = arguments
    try:
        loaded = load_bundle(bundle)
        np.save(out, output_here(loaded, np.load(frames), runtime))
        if loaded.card.self_test is not None:
            self_test(loaded, runtime)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
