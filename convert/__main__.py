"""`python -m convert`: a trained run becomes the bundle that the lamp runs."""

import argparse
import os
import sys
from pathlib import Path
from typing import get_args

from convert.quiet import quiet
from device.emotion.card import Quantization, Window
from device.errors import InputError

BACKEND = "tensorflow"
AUTO = "auto"
LONGEST = 10_000
"""Steps of a window."""

_TEACH = """\
A run holds the trained ensemble as Keras models over whole sequences. The lamp hears one frame at a time, so each
model is turned into a single step: every recurrent layer becomes its cell, every causal convolution and pooling gets
a buffer, and what is remembered goes in and comes out beside the frame. All members become one TFLite model.

Models that look at what comes later (bidirectional, attention, pooling over all of it) cannot run that way. With
--window N they look at the last N steps at once, again and again.

Five ways to store the network are tried, and the smallest that holds becomes the bundle:
  float32   exact
  float16   matrices halved
  dynamic   matrices in int8, what they are multiplied with in int8 by its own range at every step
  int8      both in int8, by ranges measured on the run's frames
  int16x8   the same with 16 bits for what the matrices are multiplied with
To hold is to answer as Keras does over more than 20 minutes, in every TFLite runtime that is installed; not to drift;
and to lose at most 0.005 of F1 and 0.01 of R2 on the clips that 'python -m trainer evaluate' held out.

The bundle is two files: model.tflite, and card.json, which says what the model is made for, from and how good it is.

example:
  python -m trainer fit --corpora DIR --out runs/first
  python -m trainer evaluate runs/first --protocol artist
  python -m convert runs/first --out models/mine
  lampyris bundle install models/mine
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
        choices=(AUTO, *get_args(Quantization)),
        default=AUTO,
        help="how the network is stored; auto is the smallest way that holds (default: %(default)s)",
    )
    parser.add_argument(
        "--window",
        metavar="N",
        type=_count,
        help="export models that cannot run frame by frame: they look at the last N steps at once",
    )
    parser.add_argument(
        "--every",
        metavar="M",
        type=_count,
        help="with --window: look again whenever M steps have come (default: 1)",
    )
    parser.add_argument("--name", help="name on the card (default: the run's)")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= LONGEST:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {LONGEST}, not {text!r}")
    return int(text)


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
            with quiet():  # TensorFlow greets with pages on the processor
                from convert.pipeline import convert
        except ModuleNotFoundError as error:
            raise InputError(f"{error.name} is not installed; run ./setup.sh test, which installs it.") from error
        if options.every is not None and options.window is None:
            raise InputError("--every goes with --window N, for models that look at many steps at once.")
        window = None if options.window is None else Window(options.window, options.every or 1)
        convert(options.run, options.out, None if options.quantize == AUTO else options.quantize, options.name, window)
    except InputError as error:
        print(f"lampyris: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("lampyris: stopped; nothing was written.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
