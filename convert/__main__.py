"""`python -m convert`: a trained run becomes the bundle that the lamp runs."""

import argparse
import os
import sys
from pathlib import Path

from device.errors import InputError

BACKEND = "tensorflow"
QUANTIZATIONS = ("float32", "float16")

_TEACH = """\
A run holds the trained ensemble as Keras models over whole sequences. The lamp hears one frame at a time, so each
model is turned into a single step: every recurrent layer becomes its cell, and what it remembers goes in and comes
out beside the frame. All members become one TFLite model.

Before anything is written, the new model steps through at least 5 minutes of frames in every TFLite runtime that is
installed, and must answer as Keras does: within 1e-4 for float32, 2e-2 for float16. The bundle is two files:
model.tflite, and card.json, which says what the model is made for, from and how good it is.

example:
  python -m trainer fit --corpora DIR --out runs/first
  python -m convert runs/first --out models/mine
  lampyris listen --file song.ogg --bundle models/mine
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m convert",
        description="Turn a trained run into a bundle for the lamp.",
        epilog=_TEACH,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run", metavar="RUN", type=Path, help="folder that 'python -m trainer fit' wrote")
    parser.add_argument(
        "--out", metavar="DIR", type=Path, required=True, help="folder for the bundle; an old bundle is replaced"
    )
    parser.add_argument(
        "--quantize",
        choices=QUANTIZATIONS,
        default="float32",
        help="how weights are stored: float32 is exact, float16 halves the file (default: %(default)s)",
    )
    parser.add_argument("--name", help="name on the card (default: the run's)")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Convert as the arguments say; 0, or 2 with one sentence on stderr."""
    options = _parser().parse_args(arguments)
    # TensorFlow reads these when it is imported; nothing here needs a GPU or its log.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
    os.environ["KERAS_BACKEND"] = BACKEND  # the trainer's is another
    try:
        if not os.path.isfile(options.run / "run.json"):  # at once, not after the seconds that TensorFlow takes to load
            raise InputError(
                f"{options.run} is no trained run (it has no run.json); make one with 'python -m trainer fit'."
            )
        keras = sys.modules.get("keras")
        if keras is not None and keras.backend.backend() != BACKEND:
            raise InputError(f"Keras runs on {keras.backend.backend()} already; convert in a process of its own.")
        try:
            from convert.pipeline import convert
        except ModuleNotFoundError as error:
            raise InputError(f"{error.name} is not installed; run ./setup.sh test, which installs it.") from error
        convert(options.run, options.out, options.quantize, options.name)
    except InputError as error:
        print(f"lampyris: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("lampyris: stopped; nothing was written.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
