"""From the corpora's folder to a Dataset, by way of the caches of renderings and features."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from device.errors import InputError
from trainer.augmentation.change import Change
from trainer.cache import FeatureCache, frames_of
from trainer.corpora import registry, words
from trainer.corpora.clip import Clip
from trainer.dataset import Dataset, assemble
from trainer.recipe import Recipe
from trainer.rendering import is_midi, rendered

Frames = list[NDArray[np.float32]]


def load(recipe: Recipe, corpora: Path, cache: Path, jobs: int = -1) -> Dataset:
    """All usable clips of the recipe's corpora; what can't be rendered or decoded is named on stderr and left out."""
    clips = [clip for name in recipe.corpora for clip in registry.load(name, corpora).clips]
    if recipe.tag_ratings:
        clips = _rated_by_tags(clips, words.read(corpora))
    changes = [None, *(Change(name, variant, str(corpora)) for name, variant in recipe.hearings)]
    usable, frames = heard(clips, changes, recipe, cache, jobs)
    return assemble(usable, frames, recipe)


def _rated_by_tags(clips: Sequence[Clip], norms: words.Norms) -> list[Clip]:
    """Valence and arousal of the mood words, for clips that have those and no numbers."""
    out = []
    for clip in clips:
        mood = norms.mood(clip.tags) if clip.valence is None and clip.arousal is None else None
        out.append(clip if mood is None else replace(clip, valence=mood[0], arousal=mood[1]))
    return out


def heard(
    clips: Sequence[Clip], changes: Sequence[Change | None], recipe: Recipe, cache: Path, jobs: int = -1
) -> tuple[list[Clip], list[Frames]]:
    """The clips that can be heard in all these ways, and for each way their pooled frames.

    A clip must hold a step beyond the warm-up, or no step of it would ever count.
    """
    sounds = _sounds(clips, cache, jobs)
    usable = [clip for clip in clips if clip.path in sounds]
    every: list[dict[Path, NDArray[np.float32]]] = []
    for change in changes:
        store = FeatureCache(cache, recipe.features, recipe.pool_hops, change)
        found, failed = frames_of([sounds[clip.path] for clip in usable], store, jobs)
        names = {sounds[clip.path]: clip for clip in usable}
        for path, why in failed.items():
            print(f"left out {names[path].corpus}/{names[path].path.name}: {why}", file=sys.stderr)
        usable = [clip for clip in usable if sounds[clip.path] in found]
        every.append(found)
    kept = []
    for clip in usable:
        if all(len(found[sounds[clip.path]]) > recipe.warmup_steps for found in every):
            kept.append(clip)
        else:
            print(f"left out {clip.corpus}/{clip.path.name}: shorter than the warm-up", file=sys.stderr)
    if not kept:
        raise InputError("No clip is long enough to be learned from; check the corpora.")
    return kept, [[found[sounds[clip.path]] for clip in kept] for found in every]


def _sounds(clips: Sequence[Clip], cache: Path, jobs: int) -> dict[Path, Path]:
    """The sound file of every clip that has one: its own or, for MIDI, what was rendered from it."""
    sounds = {clip.path: clip.path for clip in clips if not is_midi(clip.path)}
    scores = [clip.path for clip in clips if is_midi(clip.path)]
    if scores:
        found, failed = rendered(scores, cache, jobs=jobs)
        for path, why in failed.items():
            print(f"left out {path.name}: {why}", file=sys.stderr)
        sounds |= found
    return sounds
