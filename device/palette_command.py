"""`lampyris palette`: lists, checks and shows palettes."""

import argparse
import sys
import tomllib
from pathlib import Path

from device import palette_picture
from device.color.palette_advice import advice
from device.color.palette_file import SHIPPED, load_palette, palette_names, palette_text
from device.color.palette_reader import PaletteReader
from device.color.png import png_bytes
from device.errors import InputError
from device.output import say
from hardware.light.ink import choose_ink


def palette(options: argparse.Namespace) -> int:
    """Do what the options say. Raises InputError."""
    if options.action == "list":
        for name in palette_names():
            description = tomllib.loads((SHIPPED / f"{name}.toml").read_text(encoding="utf-8"))["description"]
            say(f"{name:<10} {description}")
    elif options.action == "check":
        _check(options.file)
    else:
        _show(options.palette, options.png)
    return 0


def _check(file: str) -> None:
    reader = PaletteReader(file)
    reader.read(palette_text(Path(file)))
    # In the order of the text, what is missing from it last.
    for problem in sorted(reader.problems, key=lambda problem: (problem.line is None, problem.line)):
        say(_at(problem.line) + problem.sentence)
    if reader.palette is None:
        count = len(reader.problems)
        raise InputError(f"the palette {file} has {count} mistake{'s' * (count > 1)}; correct them and check again")
    warnings = advice(reader.palette)
    for name, sentence in warnings:
        say(f"{_at(reader.anchor_lines.get(name))}warning: {sentence}")
    anchors = len(reader.anchor_lines)
    said = f"{len(warnings)} warning{'s' * (len(warnings) > 1)}" if warnings else "nothing to complain about"
    say(f"{file}: '{reader.palette.name}', {anchors} anchors, {said}")


def _show(name: str, png: str | None) -> None:
    palette = load_palette(name)
    if png is None:
        for line in palette_picture.terminal_lines(palette, choose_ink(sys.stdout)):
            say(line)
        return
    try:
        Path(png).write_bytes(png_bytes(palette_picture.pixels(palette)))
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        reason = getattr(error, "strerror", None) or "no file can have that name"
        raise InputError(f"the picture {png!r} can't be written ({reason}); choose another place") from error


def _at(line: int | None) -> str:
    return "" if line is None else f"line {line}: "
