"""Which features, and which rate, tell the most: a support vector machine on statistics of whole clips.

    python benchmarks/blocks.py --corpora DIR [--rates 24000 16000] [--seeds 0 1] [--json]

Needs the extra `trainer`, the corpora, and some minutes. Not the lamp's model, but a quick and steady judge of its
input: for each clip the mean and the deviation, over all steps, of what the network sees (mean and deviation of every
column over 400 ms). 4QAED: macro-F1, 10 folds, stratified and grouped by artist; Soundtracks: R2 over 10 folds grouped
by album. Means over the seeds of the folds.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
POOL_HOPS = 8
sys.path.insert(0, str(ROOT))

SETS = {
    "short_term": ("short_term",),
    "log_mel": ("log_mel",),
    "short_term, log_mel": ("short_term", "log_mel"),
    "all but log_mel": ("short_term", "contrast", "flatness", "onset", "tonal"),
    "all but short_term": ("log_mel", "contrast", "flatness", "onset", "tonal"),
    "all but tonal": ("short_term", "log_mel", "contrast", "flatness", "onset"),
    "tonal": ("tonal",),
    "all": ("short_term", "log_mel", "contrast", "flatness", "onset", "tonal"),
}


def statistics(steps: np.ndarray) -> np.ndarray:
    """[2, columns] of pooled frames [T, columns]."""
    return np.stack([steps.mean(axis=0), steps.std(axis=0)])


def judge(x: dict[str, np.ndarray], labels: dict[str, Any], seed: int) -> dict[str, float]:
    """Scores of one set of columns; x: corpus -> [clips, inputs]."""
    from sklearn.metrics import f1_score, r2_score
    from sklearn.model_selection import GroupKFold, StratifiedGroupKFold, StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC, SVR

    quadrants, rated = x["4qaed"], x["soundtracks360"]
    out = {}
    # The scaler is inside the pipeline: it sees the training folds only.
    classifier = make_pipeline(StandardScaler(), SVC(C=3, gamma=0.5 / quadrants.shape[1]))
    for name, folds in (("stratified", StratifiedKFold), ("artist", StratifiedGroupKFold)):
        splits = folds(10, shuffle=True, random_state=seed)
        said = cross_val_predict(classifier, quadrants, labels["quadrant"], groups=labels["artist"], cv=splits)
        out[f"4qaed_f1_{name}"] = f1_score(labels["quadrant"], said, average="macro")
    regressor = make_pipeline(StandardScaler(), SVR(C=1, epsilon=0.1, gamma=0.5 / rated.shape[1]))
    for name in ("energy", "valence"):
        splits = GroupKFold(10, shuffle=True, random_state=seed)
        said = cross_val_predict(regressor, rated, labels[name], groups=labels["album"], cv=splits)
        out[f"soundtracks_r2_{name}"] = r2_score(labels[name], said)
    return out


def measure(corpora: Path, cache: Path | None, rates: list[int], seeds: list[int]) -> list[dict[str, Any]]:
    """A row for each rate and set of blocks."""
    from device.features.names import BLOCK_COLUMNS
    from device.features.pooling import pooled_columns
    from device.features.spec import FeatureSpec
    from trainer.cache import FeatureCache, cache_dir, frames_of
    from trainer.corpora import registry

    clips = {name: registry.load(name, corpora).clips for name in ("4qaed", "soundtracks360")}
    quads, rated = clips["4qaed"], clips["soundtracks360"]
    labels = {
        "quadrant": [clip.quadrant for clip in quads],
        "artist": [clip.group for clip in quads],
        "energy": [clip.arousal for clip in rated],
        "valence": [clip.valence for clip in rated],
        "album": [clip.group for clip in rated],
    }
    rows = []
    for rate in rates:
        spec = FeatureSpec(rate, rate // 20, rate // 20, SETS["all"], deltas=False)
        kept = FeatureCache(cache_dir(cache), spec, POOL_HOPS)
        found, _ = frames_of([clip.path for clip in (*quads, *rated)], kept)
        values = {n: np.stack([statistics(found[c.path].astype(float)) for c in part]) for n, part in clips.items()}
        for name, blocks in SETS.items():
            names = {column for block in blocks for column in BLOCK_COLUMNS[block]}
            index = [i for i, column in enumerate(pooled_columns(spec.columns)) if column.split("_", 1)[1] in names]
            x = {corpus: value[:, :, index].reshape(len(value), -1) for corpus, value in values.items()}
            scores = [judge(x, labels, seed) for seed in seeds]
            means = {key: round(float(np.mean([score[key] for score in scores])), 4) for key in scores[0]}
            rows.append({"rate": rate, "blocks": name, **means})
            print(rows[-1], file=sys.stderr, flush=True)
    return rows


def main() -> None:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=Path, help="folder of the corpora (else LAMPYRIS_CORPORA)")
    parser.add_argument("--cache", type=Path, help="folder for features (else LAMPYRIS_CACHE, else ~/.cache/lampyris)")
    parser.add_argument("--rates", type=int, nargs="+", default=[24_000, 16_000])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    options = parser.parse_args()
    from trainer.corpora import registry

    rows = measure(registry.corpora_dir(options.corpora), options.cache, options.rates, options.seeds)
    if options.json:
        print(json.dumps({"rows": rows, "seeds": options.seeds}))
        return
    print("rate     blocks                 4QAED F1 strat.  artist   Soundtracks R2 energy  valence")
    for row in rows:
        rate, blocks, *scores = row.values()
        print(f"{rate:<9}{blocks:<23}{scores[0]:>15.3f}{scores[1]:>8.3f}{scores[2]:>24.3f}{scores[3]:>9.3f}")


if __name__ == "__main__":
    main()
