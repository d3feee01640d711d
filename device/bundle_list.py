"""What is in the store, in words: what runs, what is on trial, what is broken."""

from device.bundle_page import printable
from device.emotion import shipped, trial
from device.emotion.bundle import load_bundle
from device.emotion.card import Card
from device.emotion.choice import PROVEN_S
from device.emotion.reason import reason
from device.emotion.store import Store
from device.errors import InputError


def called(bundle_id: str | None) -> str:
    """What to call a bundle of the store, None for the one that ships."""
    return shipped.BUILT_IN if bundle_id is None else bundle_id


def fault(store: Store, bundle_id: str | None) -> str | None:
    """Why the lamp would not start with this bundle; None if it would, as far as that shows without trying."""
    folder = shipped.SHIPPED if bundle_id is None else store.folder / bundle_id
    if not folder.is_dir():
        return "its folder is gone"
    try:
        store.check_signature(store.read(folder).card, folder)
        count = 0 if bundle_id is None else trial.starts(store.folder, bundle_id) or 0
    except InputError as error:
        return reason(error).replace(f"{folder}/", "").replace(f"The bundle {folder}", "it")
    return f"its first {count} starts failed" if count >= trial.MOST_STARTS else None


def state(store: Store, bundle_id: str | None) -> str:
    """Of a bundle in the store, None for the one that ships: in use or previous, on trial, broken."""
    current, previous = store.current(), store.previous()
    notes = []
    if bundle_id == current:
        notes.append("in use")
    elif bundle_id is not None and bundle_id == previous:
        notes.append("previous")
    why = fault(store, bundle_id)
    if why is not None:
        notes.append(f"broken: {why}")
    elif bundle_id is not None and (count := trial.starts(store.folder, bundle_id)) is not None:
        failed = f", {count} of {trial.MOST_STARTS} starts failed" if count else ""
        notes.append(f"on trial ({PROVEN_S:g} s of music to go){failed}")
    return ", ".join(notes)


def rows(store: Store) -> list[str]:
    """A line for each installed bundle and the one that ships."""
    current = store.current()
    ids: list[str | None] = [*store.ids()]
    # Links that lead nowhere are listed too: that is what one looks for.
    ids += [name for name in (current, store.previous()) if name is not None and name not in ids]
    ids.append(None)
    width = max(len(called(name)) for name in ids)
    lines = []
    for name in ids:
        card = _card(store, name)
        said = [state(store, name), "" if card is None else f"{card.quantization} {card.kind} model of {card.created}"]
        mark = "*" if name == current else " "
        lines.append(printable(f"{mark} {called(name):<{width}}  {', '.join(filter(None, said))}"))
    return lines


def _card(store: Store, bundle_id: str | None) -> Card | None:
    try:
        return load_bundle(shipped.SHIPPED if bundle_id is None else store.folder / bundle_id).card
    except InputError:  # `state` says it
        return None
