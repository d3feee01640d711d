"""The command `lampyris`."""

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from device.errors import InputError
from hardware.errors import HardwareError

EPILOG = """\
examples:
  lampyris listen --file song.mp3                    watch the lamp follow a song
  lampyris listen --file song.ogg --strip null --speed max --trace song.jsonl
                                                     only write down what it feels

exit codes: 0 fine, 2 wrong usage or bad input
"""


def own_version() -> str:
    """The version of this release, as installed."""
    try:
        return version("lampyris")
    except PackageNotFoundError:
        return "not installed"


def parser() -> argparse.ArgumentParser:
    """What the command line understands."""
    lampyris = argparse.ArgumentParser(
        prog="lampyris",
        description="A lamp that listens: it hears music and lights up in the color of its emotion.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    lampyris.add_argument("--version", action="version", version=f"lampyris {own_version()}")
    commands = lampyris.add_subparsers(dest="command", required=True, metavar="COMMAND")
    listen = commands.add_parser(
        "listen",
        help="hear music and glow",
        description="Hears music and glows. Without --file it plays the demo piece that comes with it.",
    )
    source = listen.add_mutually_exclusive_group()
    source.add_argument("--file", metavar="SONG", help="a wav, flac, ogg, opus or mp3 file")
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
    listen.add_argument("--bundle", metavar="DIR", help="another model than the one that comes with it")
    listen.add_argument("--settings", metavar="lamp.toml", help="settings: strip, light, tracker, gate")
    return lampyris


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code. Trouble is one sentence on standard error."""
    options = parser().parse_args(arguments)
    # Imported here, so that --help and a typing error answer at once.
    from device.listen import listen

    try:
        return listen(options)
    except (InputError, HardwareError) as error:
        print(f"lampyris: {error}", file=sys.stderr)
        return 2
