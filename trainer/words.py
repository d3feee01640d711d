"""The command line as it may be shown to anyone."""

import os
from collections.abc import Sequence
from pathlib import Path


def command_of(words: Sequence[str]) -> str:
    """The command without the names of this machine's folders, since it ends up in a bundle's card."""
    shown = []
    for word in words:
        option, equals, value = word.partition("=") if word.startswith("--") else ("", "", word)
        shown.append(option + equals + (Path(value).name if os.sep in value else value))
    return " ".join(["python -m trainer", *shown])
