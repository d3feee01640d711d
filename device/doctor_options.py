"""What the command line of `lampyris doctor` understands; kept light, so that --help answers at once."""

import argparse
from typing import Any

EPILOG = """\
examples:
  lampyris doctor                            what a lamp on this machine would use
  lampyris doctor --mic usb --seconds 10     with a microphone that has 'usb' in its name
  lampyris doctor --settings lamp.toml       with the strip and the pins of a lamp
  lampyris doctor --json | python -m json.tool

exit codes: 0 nothing fails, though there may be warnings (!);
2 wrong usage or bad input; 3 microphone, light, rights or computer fail;
4 only the model does (runtime, bundle, ear); if both do, 3, because a
wire must be mended by hand first
"""
LEAST_S, MOST_S = 1.0, 600.0


def add_doctor(commands: Any) -> None:
    """Add `doctor` to the subcommands of the parser."""
    doctor = commands.add_parser(
        "doctor",
        help="find out what does not work",
        description="Looks at microphone, strip, model, rights and computer, and says what to do about\n"
        "all that is not right. It changes nothing, and takes neither microphone nor strip\n"
        "from a lamp that runs.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    doctor.add_argument("--mic", metavar="NAME", help="a microphone, as for 'listen' (default: on a Pi the I2S one)")
    doctor.add_argument("--seconds", type=_seconds, default=5.0, metavar="N", help="to hear it, 1 to 600 (5)")
    doctor.add_argument(
        "--strip",
        type=_socket,
        metavar="socket[:PATH]",
        help="the writer must run, at its usual socket or another (default: only on a Pi it must)",
    )
    doctor.add_argument("--bundle", metavar="DIR", help="a model: folder, ID or 'built-in' (default: the one in use)")
    doctor.add_argument("--settings", metavar="lamp.toml", help="settings: strip, gate, panel")
    doctor.add_argument("--json", action="store_true", help="one JSON object instead, see docs/doctor.md")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not LEAST_S <= seconds <= MOST_S:  # NaN fails too
        raise argparse.ArgumentTypeError(f"{text!r} is no time to hear; give seconds from {LEAST_S:g} to {MOST_S:g}")
    return seconds


def _socket(text: str) -> str:
    kind, colon, path = text.partition(":")
    if kind == "socket" and bool(colon) == bool(path):
        return text
    raise argparse.ArgumentTypeError(f"{text!r} is no strip to ask; give socket or socket:PATH, or leave it out")
