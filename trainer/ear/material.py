"""Which clips the ear learns from, and which of them are held out together."""

from collections.abc import Sequence
from pathlib import Path

from device.errors import InputError
from trainer.augmentation.library import recording
from trainer.augmentation.seeds import digest
from trainer.corpora import fourqaed, gate, registry, soundtracks
from trainer.corpora.clip import Clip

CORPORA = (gate.NAME, fourqaed.NAME, soundtracks.NAME)
KINDS = ("music", "speech", "noise")
FOLDS = 5

Deck = dict[str, list[Clip]]
"""Clips by kind."""


def clips(place: Path) -> list[Clip]:
    """All clips of CORPORA. InputError when a corpus is missing, or holds too little of a kind."""
    found = [clip for name in CORPORA for clip in registry.load(name, place).clips if clip.sound in KINDS]
    for kind in KINDS:
        if len({fold_of(clip, 0) for clip in found if clip.sound == kind}) < FOLDS:
            raise InputError(
                f"There is too little {kind} for {FOLDS} folds; get the corpora {', '.join(CORPORA)} whole."
            )
    return found


def group(clip: Clip) -> str:
    """What a clip shares with others: artist or album (music), speaker (speech), recording (noise).

    Takes and copies of one ESC-50 recording count as one, whatever collection they came by.
    """
    own = recording(clip.id) if clip.corpus == gate.NAME and clip.sound == "noise" else clip.group
    return f"{clip.corpus}/{own}"


def fold_of(clip: Clip, seed: int) -> int:
    """The fold, 0 to FOLDS - 1, that a clip's group belongs to."""
    return int.from_bytes(digest("ear fold", seed, group(clip))[:4], "little") % FOLDS


def deck(every: Sequence[Clip], fold: int, seed: int) -> Deck:
    """The clips of one fold by kind, in the order of their names."""
    own = sorted((clip for clip in every if fold_of(clip, seed) == fold), key=lambda clip: (clip.corpus, clip.id))
    return {kind: [clip for clip in own if clip.sound == kind] for kind in KINDS}
