"""Protocols: who is left out together, and what each of them is for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from device.errors import InputError
from trainer.corpora import fourqaed, soundtracks, vgmidi
from trainer.corpora.clip import Clip
from trainer.folds import fold_of

NAMES = ("artist", "stratified", "vgmidi", "corpus")
"""What `evaluate` runs unless told otherwise."""
CHECK = "check"
"""Artist-grouped folds that nothing was chosen on; to be run once, at the end."""

CHECK_SEED = 7919
"""Added to the recipe's seed for the folds of the check."""
VGMIDI_FOLDS = 5
ALWAYS = -1
"""The fold of clips that are in every training set."""


@dataclass(frozen=True)
class Protocol:
    """One cross-validation.

    name: of its files. corpora: which are loaded; None for the recipe's. fold: int [clips], the number of the fold
    that leaves each clip out, or ALWAYS. tag: seeds of its members begin here. conditions: whether the held-out clips
    are also heard in rooms, noise and so on. steps: whether every step is kept, for labels over time.
    proof: whether the networks themselves are kept, for the conversion.
    """

    name: str
    fold: NDArray[np.int64]
    tag: int
    conditions: bool = False
    steps: bool = False
    proof: bool = False

    @property
    def count(self) -> int:
        """Number of folds."""
        return int(self.fold.max()) + 1

    def left_out(self, number: int) -> NDArray[np.int64]:
        """Positions of the clips of fold `number`."""
        return np.flatnonzero(self.fold == number)

    def kept(self, number: int) -> NDArray[np.int64]:
        """Positions of the clips that fold `number` trains on."""
        return np.flatnonzero(self.fold != number)


def corpora_of(name: str, used: tuple[str, ...]) -> tuple[str, ...]:
    """The corpora that a protocol needs: the recipe's, and VGMIDI for its own."""
    if name == vgmidi.NAME and vgmidi.NAME not in used:
        return (*used, vgmidi.NAME)
    return used


def protocols(name: str, clips: Sequence[Clip], folds: int, repetitions: int, seed: int) -> list[Protocol]:
    """The cross-validations that go by a name of NAMES or CHECK; none where the corpora don't hold what it needs.

    artist, check: all corpora grouped. stratified: 4QAED without groups, as its literature does, `repetitions` times
    with other folds. vgmidi: its pieces in five folds, the other corpora always there. corpus: each of 4QAED and
    Soundtracks left out as a whole. InputError when a corpus is too small for so many folds.
    """
    here = {clip.corpus for clip in clips}
    if name == "artist":
        return [Protocol(name, fold_of(clips, "artist", folds, seed), 10_000, conditions=True, proof=True)]
    if name == CHECK:
        return [Protocol(name, fold_of(clips, "artist", folds, seed + CHECK_SEED), 20_000, conditions=True)]
    if name == "stratified":
        if fourqaed.NAME not in here:
            return []
        return [
            Protocol(f"{name}_{i + 1}", fold_of(clips, "stratified", folds, seed + i), 30_000 + 2_000 * i)
            for i in range(repetitions)
        ]
    if name == vgmidi.NAME:
        if vgmidi.NAME not in here:
            return []
        own = np.array([clip.corpus == vgmidi.NAME for clip in clips])
        fold = np.full(len(clips), ALWAYS)
        fold[own] = fold_of([clip for clip in clips if clip.corpus == vgmidi.NAME], "artist", VGMIDI_FOLDS, seed)
        return [Protocol(name, fold, 50_000, steps=True)]
    if name == "corpus":
        found = []
        for i, corpus in enumerate((fourqaed.NAME, soundtracks.NAME)):
            own = np.array([clip.corpus == corpus for clip in clips])
            if own.any() and not own.all():
                found.append(Protocol(f"without_{corpus}", np.where(own, 0, ALWAYS), 60_000 + 1_000 * i))
        return found
    raise InputError(f"The protocol {name!r} is not known; choose from {', '.join((*NAMES, CHECK))}.")
