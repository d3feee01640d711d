"""The command `lampyris`."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from device.bundle_options import add_bundle
from device.color.scenes.names import SCENES
from device.doctor_options import add_doctor
from device.errors import InputError
from device.light_options import add_light
from device.output import warn
from device.palette_options import add_palette
from hardware.errors import HardwareError

EPILOG = """\
examples:
  lampyris listen song.mp3                           watch the lamp follow a song
  lampyris listen song.ogg --strip null --speed max --trace song.jsonl
                                                     only write down what it feels
  lampyris listen --mic usb                          hear the room, by a microphone with 'usb' in its name
  lampyris listen --scene pulse --palette aurora     other light; while it runs, the keys s and p change it
  sudo lampyris light --user $USER                   drive a real strip, in another shell, for
  lampyris listen song.ogg --strip socket
  lampyris bundle install models/mine                let it feel with another network
  lampyris doctor                                    find out what does not work

exit codes: 0 fine, 2 wrong usage or bad input, 130 stopped by the user; doctor has more, see its --help
"""

STOPPED = 130
"""128 + SIGINT, as shells count."""
STOPPING_S = 1.0
"""So long after a signal a further one is taken for the same; one that comes later means that it hangs."""


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
        description="Hears music and glows, silently: the light is all it shows. Without a SONG it hears the I2S "
        "microphone of a Raspberry Pi; elsewhere it follows the demo piece that comes with it.",
    )
    source = listen.add_mutually_exclusive_group()
    source.add_argument("song", nargs="?", metavar="SONG", help="a wav, flac, ogg, opus or mp3 file")
    source.add_argument("--file", metavar="SONG", help="the same, as an option")
    source.add_argument(
        "--mic", metavar="NAME", help="a microphone, by a part of its name, or 'default' for the system's own"
    )
    listen.add_argument(
        "--strip",
        type=_strip,
        default="terminal",
        metavar="{terminal,null,socket[:PATH]}",
        help="where the light goes; socket: to the writer 'lampyris light' (%(default)s)",
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
        "--bundle",
        metavar="DIR",
        help="a model for once: folder, ID or 'built-in' (default: the one in use)",
    )
    listen.add_argument("--scene", choices=SCENES, help="how the light moves (default: of the settings, else glow)")
    listen.add_argument(
        "--palette", metavar="NAME|FILE", help="its colors, see 'lampyris palette' (default: of the settings)"
    )
    listen.add_argument("--settings", metavar="lamp.toml", help="settings: strip, light, tracker, gate")
    listen.add_argument(
        "--service",
        action="store_true",
        help="as a unit of systemd: waits for its microphone, goes on with the last good settings when these are "
        "broken, and after 5 crashes in 2 minutes glows in safe mode",
    )
    add_light(commands)
    add_palette(commands)
    add_bundle(commands)
    add_doctor(commands)
    return lampyris


def _strip(name: str) -> str:
    if name in ("terminal", "null", "socket") or (name.startswith("socket:") and len(name) > len("socket:")):
        return name
    raise argparse.ArgumentTypeError(f"{name!r} is no strip; choose terminal, null or socket")


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
            if options.command == "doctor":
                from device.doctor.command import doctor

                return doctor(options)
            if options.command == "palette":
                from device.palette_command import palette

                return palette(options)
            if options.command == "light":
                from hardware.light.command import light

                return light(options)
            from device.listen import listen

            return listen(options)
    except (InputError, HardwareError) as error:
        warn(str(error))
        return 2
    except KeyboardInterrupt:
        return STOPPED
    except BrokenPipeError:
        # Who read our output has gone; Python would complain once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0


@contextmanager
def _stoppable() -> Iterator[None]:
    """SIGTERM and SIGHUP end the lamp as Ctrl-C does, so that they leave terminal and trace in order too.

    While it is stopping, a second one of them does not interrupt it; after STOPPING_S it does.
    """
    stopping_s: float | None = None

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopping_s
        now_s = time.monotonic()
        if stopping_s is None or now_s - stopping_s > STOPPING_S:
            stopping_s = now_s
            raise KeyboardInterrupt

    numbers = [signal.SIGTERM, signal.SIGHUP]
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a shell lets background jobs ignore it
        numbers.append(signal.SIGINT)
    before = {number: signal.signal(number, stop) for number in numbers}
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by who started us: what is said goes nowhere
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115
    try:
        yield
    finally:
        for number, handler in before.items():
            # Once all is in order a late signal may end the process, but not by the traceback of a KeyboardInterrupt.
            signal.signal(number, handler if stopping_s is None else signal.SIG_DFL)
