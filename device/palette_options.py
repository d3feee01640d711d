"""What the command line of `lampyris palette` understands; kept light, so that --help answers at once."""

import argparse
from typing import Any

EPILOG = """\
examples:
  lampyris palette list                     the palettes that come with the lamp
  lampyris palette show aurora              its colors on the plane of emotions
  lampyris palette check mine.toml          every mistake in a palette of your own, with its line
  lampyris listen --palette mine.toml       and off you go

To make one, copy a file of device/color/palettes and change its colors.
"""


def add_palette(commands: Any) -> None:
    """Add `palette` to the subcommands of the parser."""
    palette = commands.add_parser(
        "palette",
        help="look at and check palettes",
        description="Looks after palettes: which color the lamp has for which emotion.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = palette.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="which palettes there are", description="Lists the palettes that ship.")
    check = actions.add_parser(
        "check",
        help="whether a palette is a good one",
        description="Tells every mistake in a palette, where it is and what to do, and warns of colors that look alike "
        "or are too dark. Exit code 2 if there is a mistake.",
    )
    check.add_argument("file", metavar="FILE", help="a palette, as a .toml file")
    show = actions.add_parser(
        "show",
        help="what a palette looks like",
        description="Draws the plane of emotions in the palette's colors: valence from left to right, arousal from "
        "bottom to top, with the anchors.",
    )
    show.add_argument("palette", metavar="NAME|FILE", help="the name of one that ships, or a .toml file")
    show.add_argument("--png", metavar="FILE", help="draw it into a PNG file instead")
