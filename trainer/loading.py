"""From the corpora's folder to a Dataset, by way of the cache."""

import sys
from pathlib import Path

from trainer.cache import FeatureCache, frames_of
from trainer.corpora import registry
from trainer.dataset import Dataset, assemble
from trainer.recipe import Recipe


def load(recipe: Recipe, corpora: Path, cache: Path, jobs: int = -1) -> Dataset:
    """All usable clips of the recipe's corpora; what can't be decoded is named on stderr and left out."""
    clips = [clip for name in recipe.corpora for clip in registry.load(name, corpora).clips]
    found, failed = frames_of([clip.path for clip in clips], FeatureCache(cache, recipe.features), jobs)
    for path, why in failed.items():
        print(f"left out {path.name}: {why}", file=sys.stderr)
    # A clip must hold a step beyond the warm-up, or no frame of it would ever count.
    shortest = (recipe.warmup_steps + 1) * recipe.pool_hops
    usable = [clip for clip in clips if clip.path in found and len(found[clip.path]) >= shortest]
    for clip in clips:
        if clip.path in found and len(found[clip.path]) < shortest:
            print(f"left out {clip.path.name}: shorter than the warm-up", file=sys.stderr)
    return assemble(usable, [found[clip.path] for clip in usable], recipe)
