"""Settings that someone broke by hand: the last good ones stand in for them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Settings = TypeVar("Settings")


def last_good(
    path: Path,
    kept: Path,
    load: Callable[[str], Settings],
    errors: tuple[type[Exception], ...],
    tell: Callable[[str], None],
) -> Settings:
    """The settings at `path`, which are copied to `kept` when they are good and new; else, told once, those at `kept`.

    load: reads settings, and raises one of `errors` for bad ones. Raises that error when none are good.
    """
    try:
        settings = load(str(path))
    except errors as error:
        try:
            settings = load(str(kept))
        except errors:  # there were none yet: what is wrong is in the file that was asked for
            raise error from None
        tell(f"{error} Until then the last good settings count, {kept}.")
        return settings
    try:
        _keep(path, kept, load, errors)
    except OSError as error:
        tell(f"The settings can't be kept for a bad day in {kept} ({error.strerror}); check its folder.")
    return settings


def _keep(path: Path, kept: Path, load: Callable[[str], Settings], errors: tuple[type[Exception], ...]) -> None:
    data = path.read_bytes()
    if kept.exists() and kept.read_bytes() == data:
        return  # nothing is written that need not be
    part = kept.with_name(f".{kept.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        os.write(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        load(str(part))
    except errors:  # it was changed since it was loaded: the next start decides
        part.unlink()
        return
    os.replace(part, kept)
