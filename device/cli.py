"""The command `lampyris`."""

import argparse
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from device.bundle_options import add_bundle
from device.errors import InputError
from hardware.errors import HardwareError

EPILOG = """\
examples:
  lampyris listen song.mp3                           watch the lamp follow a song
  lampyris listen song.ogg --strip null --speed max --trace song.jsonl
                                                     only write down what it feels
  lampyris bundle install models/mine                let it feel with another network

exit codes: 0 fine, 2 wrong usage or bad input, 130 stopped by the user
"""

STOPPED = 130
"""128 + SIGINT, as shells count."""


def own_version() -> str:
    """The version of this release, as installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("lampyris")
    except PackageNotFoundError:
        return "not installed"


class _Version(argparse.Action):
    """Looks the version up only when asked."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(f"lampyris {own_version()}")
        parser.exit()


def parser() -> argparse.ArgumentParser:
    """What the command line understands."""
    lampyris = argparse.ArgumentParser(
        prog="lampyris",
        description="A lamp that listens: it hears music and lights up in the color of its emotion.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    lampyris.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = lampyris.add_subparsers(dest="command", required=True, metavar="COMMAND")
    listen = commands.add_parser(
        "listen",
        help="hear music and glow",
        description="Hears music and glows, silently: the light is all it shows. Without a SONG it follows the demo "
        "piece that comes with it.",
    )
    source = listen.add_mutually_exclusive_group()
    source.add_argument("song", nargs="?", metavar="SONG", help="a wav, flac, ogg, opus or mp3 file")
    source.add_argument("--file", metavar="SONG", help="the same, as an option")
    source.add_argument(
        "--mic", metavar="NAME", help="a microphone, by a part of its name (comes with a later release)"
    )
    listen.add_argument(
        "--strip", choices=("terminal", "null"), default="terminal", help="where the light goes (%(default)s)"
    )
    listen.add_argument(
        "--trace", metavar="T.jsonl", help="write a line of JSON for every hop of 50 ms: what was heard, felt and shown"
    )
    listen.add_argument(
        "--speed",
        choices=("real", "max"),
        default="real",
        help="the music's own time, or as fast as this machine can (%(default)s)",
    )
    listen.add_argument(
        "--bundle", metavar="DIR", help="a model for once (default: the installed one, else the one that comes with it)"
    )
    listen.add_argument("--settings", metavar="lamp.toml", help="settings: strip, light, tracker, gate")
    add_bundle(commands)
    return lampyris


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code. Trouble is one sentence on standard error."""
    # numpy's BLAS would start a thread for every core; for matrices as small as ours they only wait, at full speed.
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    try:
        with _stoppable():
            options = parser().parse_args(arguments)
            # Imported here, so that --help and a typing error answer at once.
            if options.command == "bundle":
                from device.bundle_command import bundle

                return bundle(options)
            from device.listen import listen

            return listen(options)
    except (InputError, HardwareError) as error:
        print(f"lampyris: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return STOPPED
    except BrokenPipeError:
        # Who read our output has gone; Python would complain once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0


@contextmanager
def _stoppable() -> Iterator[None]:
    """SIGTERM and SIGHUP end the lamp as Ctrl-C does, so that they leave terminal and trace in order too."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by who started us: what is said goes nowhere
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
