"""Honest folds: who is left out together."""

import warnings
from collections import Counter
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

from device.errors import InputError
from trainer.corpora.clip import Clip

Protocol = Literal["stratified", "artist"]
PROTOCOLS: tuple[Protocol, ...] = ("artist", "stratified")


def quadrant_of(valence: float, arousal: float) -> str:
    """The quadrant of a point; an axis' zero counts as positive."""
    if arousal >= 0:
        return "Q1" if valence >= 0 else "Q2"
    return "Q4" if valence >= 0 else "Q3"


def stratum(clip: Clip) -> str:
    """What folds keep balanced: the quadrant, or that of the ratings (an unknown one counts as 0)."""
    return clip.quadrant or quadrant_of(clip.valence or 0.0, clip.arousal or 0.0)


def fold_of(clips: Sequence[Clip], protocol: Protocol, count: int, seed: int) -> NDArray[np.int64]:
    """[clips] the number of the fold that leaves each clip out.

    Every corpus is folded by itself, and fold i of all corpora is left out together. "artist" keeps each group
    (artist, album) in one fold; "stratified" splits corpora of clips with a quadrant freely, as their literature
    does, and all others by group. InputError when a corpus is too small.
    """
    folds = np.full(len(clips), -1, dtype=np.int64)
    for corpus in dict.fromkeys(clip.corpus for clip in clips):
        members = np.flatnonzero([clip.corpus == corpus for clip in clips])
        own = [clips[i] for i in members]
        free = protocol == "stratified" and all(clip.quadrant is not None for clip in own)
        groups = None if free else [clip.group for clip in own]
        different = len(own) if groups is None else len(set(groups))
        if different < count:
            raise InputError(f"{corpus} has only {different} groups; use fewer --folds than that.")
        strata = [stratum(clip) for clip in own]
        # A corpus too small to have any stratum in every fold is split without looking at them.
        if max(Counter(strata).values()) < count:
            kind = KFold if free else GroupKFold
        else:
            kind = StratifiedKFold if free else StratifiedGroupKFold
        splitter = kind(count, shuffle=True, random_state=seed)
        try:
            with warnings.catch_warnings():
                # A rare stratum cannot be in every fold; that is no fault.
                warnings.filterwarnings("ignore", "The least populated class")
                splits = list(splitter.split(np.zeros(len(own)), strata, groups))
        except ValueError as error:
            raise InputError(f"{corpus} cannot be split into {count} folds: {str(error).rstrip('.')}.") from None
        for number, (_, held_out) in enumerate(splits):
            folds[members[held_out]] = number
    return folds
