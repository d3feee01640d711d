"""Options of `fit` for a training that takes a moment."""

SMALL = [
    *("--epochs", "2", "--members", "1", "--jobs", "1", "--units", "4", "--dense", "4", "--batch", "4"),
    *("--crop-s", "2", "--warmup-s", "0.5", "--blocks", "flatness", "onset", "--pool", "4", "--changes", "none"),
]
"""--jobs is no part of the recipe, so `tune` takes these without it."""
