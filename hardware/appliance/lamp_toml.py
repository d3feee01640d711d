"""lamp.toml as text: single settings are set and new ones explained, and everything else stays as its owner left it."""

import re
import tomllib
from pathlib import Path
from typing import Any

from hardware.errors import HardwareError

TEMPLATE = Path(__file__).with_name("lamp.toml")
_SECTION = re.compile(r"\s*(?:#\s*)?\[(\w+)\]\s*(?:#.*)?")
_KEY = re.compile(r"\s*(?:#\s*)?(\w+)\s*=.*")


def parse(text: str, where: str) -> dict[str, Any]:
    """The settings. Raises HardwareError for what is not TOML, or has something else in place of a section."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise HardwareError(f"The settings {where} are not TOML: {error}; correct that line.") from error
    for name, table in data.items():
        if not isinstance(table, dict):
            raise HardwareError(f"The setting {name} in {where} is in no section; put [strip] or another above it.")
    return data


def with_setting(text: str, section: str, key: str, value: int | bool, where: str) -> str:
    """The text with `key` set in `section`: in its line if it has one, or in that of its comment, else in a new one.

    Raises HardwareError when the text is written in a way that this can't follow.
    """
    wanted = parse(text, where)
    if wanted.get(section, {}).get(key) == value:
        return text
    wanted.setdefault(section, {})[key] = value
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    lines = text.splitlines()
    here, place, header = "", None, None
    for number, line in enumerate(lines):
        if found := _SECTION.fullmatch(line):
            # One in a comment begins no section: what follows it only explains.
            here = "" if line.lstrip().startswith("#") else found[1]
            if here == section:
                header = number
        elif here == section and (found := _KEY.fullmatch(line)) and found[1] == key:
            commented = line.lstrip().startswith("#")
            if place is None or not commented:
                place = number
    if header is None:
        lines += ["", f"[{section}]", f"{key} = {shown}"]
    elif place is None:
        lines.insert(header + 1, f"{key} = {shown}")
    else:
        note = re.search(r"\s+#[^\"']*$", lines[place].lstrip().removeprefix("#"))
        lines[place] = f"{key} = {shown}{note[0] if note else ''}"
    changed = "\n".join(lines) + "\n"
    try:
        followed = tomllib.loads(changed) == wanted
    except tomllib.TOMLDecodeError:
        followed = False
    if not followed:
        raise HardwareError(f"{section}.{key} in {where} is written in an unusual way; set it to {shown} by hand.")
    return changed


def keys(text: str) -> dict[tuple[str, str], str]:
    """All settings that the text names, also in comments: section and key -> the whole line."""
    found: dict[tuple[str, str], str] = {}
    section = ""
    for line in text.splitlines():
        if match := _SECTION.fullmatch(line):
            section = match[1]
        elif section and (match := _KEY.fullmatch(line)):
            found.setdefault((section, match[1]), line.strip())
    return found


def new_keys(text: str, template: str) -> dict[tuple[str, str], str]:
    """What the template names and the text does not, section and key -> the template's line."""
    known = keys(text)
    return {key: line for key, line in keys(template).items() if key not in known}


def with_explained(text: str, new: dict[tuple[str, str], str], version: str) -> str:
    """The text with these lines at its end, all of them comments."""
    lines = [text.rstrip("\n"), "", f"# New in {version}; to change one, write it into its section above."]
    for section in dict.fromkeys(section for section, _ in new):
        lines.append(f"# [{section}]")
        lines += [line for (its, _), line in new.items() if its == section]
    return "\n".join(lines) + "\n"
