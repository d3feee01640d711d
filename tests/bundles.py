"""Bundles to install, and a store that holds some."""

from pathlib import Path
from typing import Any

import msgspec

from device.emotion.bundle import load_bundle, write_bundle
from device.emotion.store import Store

TINY = Path(__file__).parent / "golden" / "tiny_bundle"


def variant(folder: Path, name: str, **changes: Any) -> Path:
    """The tiny bundle under another name, in folder/NAME."""
    tiny = load_bundle(TINY)
    write_bundle(folder / name, msgspec.structs.replace(tiny.card, name=name, **changes), tiny.model)
    return folder / name


def name_in_use(store: Store) -> str | None:
    """What the current bundle is called on its card; it must load."""
    current = store.current()
    return None if current is None else store.load(current).card.name
