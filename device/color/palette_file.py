"""Palettes from TOML: those that ship beside this file, by name, and anyone's own, by path."""

from pathlib import Path

from device.color.palette import Palette
from device.color.palette_reader import PaletteReader, nearest
from device.errors import InputError

SHIPPED = Path(__file__).with_name("palettes")


def palette_names() -> list[str]:
    """The names of the palettes that ship."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def load_palette(name_or_path: str) -> Palette:
    """The palette of that name, or, for a text that ends in .toml, of that file.

    Raises InputError when there is none, or when the file is not a good palette.
    """
    path = Path(name_or_path)
    if path.suffix != ".toml":
        names = palette_names()
        if name_or_path not in names:
            raise InputError(
                f"there is no palette '{name_or_path}'{nearest(name_or_path, names)}; "
                f"choose one of {', '.join(names)}, or give the path of a .toml file"
            )
        path = SHIPPED / f"{name_or_path}.toml"
    return parse_palette(palette_text(path), str(path))


def palette_text(path: Path) -> str:
    """The text of a palette file. Raises InputError when it can't be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:  # ValueError: not UTF-8, or a name that no file can have
        reason = getattr(error, "strerror", None) or "it is not a text file"
        raise InputError(f"the palette {str(path)!r} can't be read ({reason}); check the path") from error


def parse_palette(text: str, where: str) -> Palette:
    """A palette from TOML text; `where` is how errors call it. Raises InputError with its first mistake."""
    reader = PaletteReader(where)
    reader.read(text)
    if reader.palette is None:
        raise InputError(reader.problems[0].sentence)
    return reader.palette
