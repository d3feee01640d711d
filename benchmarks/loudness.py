"""How much a quiet microphone changes what the lamp feels, with and without its normalization.

    python benchmarks/loudness.py [--corpora DIR] [--clips 24] [--seed 0] [--json]

Clips of two corpora, drawn by chance, as loud as they are and 20, 37 and 47 dB quieter, through the whole lamp: once
taken for recordings, whose level is left alone, and once for a live microphone, which is normalized. Told is the mean
distance of arousal, over the last 10 s, from the same clip as it is. Without an ear, so that no clip is rested at.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from device.color.palette_file import load_palette
from device.emotion.bundle import load_bundle
from device.emotion.shipped import SHIPPED
from device.lamp import Lamp
from device.settings import Settings
from hardware.light.null import NullStrip
from hardware.microphone import Block
from trainer.corpora import registry
from trainer.corpora.clip import Clip
from trainer.extraction import decoded

RATE, BLOCK, LAST_S = 48_000, 4_800, 10.0
QUIETER_DB = (0, 20, 37, 47)
CORPORA = ("4qaed", "soundtracks360")


class Sound:
    """Samples [n] as a microphone."""

    rate, slots, name = RATE, 1, "benchmark"

    def __init__(self, samples: np.ndarray, live: bool) -> None:
        self.live, self._rest = live, samples

    def read(self) -> Block | None:
        part, self._rest = self._rest[:BLOCK], self._rest[BLOCK:]
        return Block(part[:, None]) if len(part) else None

    def close(self) -> None:
        self._rest = self._rest[:0]


def arousal(samples: np.ndarray, live: bool, bundle: object) -> float:
    lamp = Lamp(Sound(samples, live), NullStrip(1), bundle, load_palette("lampyris"), Settings(), frames_per_s=20)
    felt = [hop.emotion.arousal for hop in lamp.hops()]
    return float(np.mean(felt[-round(LAST_S / 0.05) :]))


def measure(clips: list[Clip]) -> dict[str, dict[str, float]]:
    bundle = load_bundle(SHIPPED)
    away: dict[tuple[str, int], list[float]] = {}
    for clip in clips:
        samples = decoded(clip.path, RATE)
        samples = samples[: 30 * RATE]
        as_is = arousal(samples, False, bundle)
        for quieter_db in QUIETER_DB:
            quiet = (samples * 10 ** (-quieter_db / 20)).astype(np.float32)
            for name, live in (("as it was", False), ("normalized", True)):
                away.setdefault((name, quieter_db), []).append(abs(arousal(quiet, live, bundle) - as_is))
    return {
        name: {f"{db} dB": round(float(np.mean(away[name, db])), 3) for db in QUIETER_DB}
        for name in ("as it was", "normalized")
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=Path, help="folder of corpora (default: $LAMPYRIS_CORPORA)")
    parser.add_argument("--clips", type=int, default=24, help="of each corpus (default: 24)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = registry.corpora_dir(options.corpora)
    told = {}
    for name in CORPORA:
        every = registry.load(name, folder).clips
        chosen = np.random.default_rng(options.seed).choice(len(every), options.clips, replace=False)
        told[name] = measure([every[int(at)] for at in chosen])
    if options.json:
        print(json.dumps(told, indent=2))
        return
    for name, rows in told.items():
        for way, values in rows.items():
            print(f"{name:<12} {way:<10} " + "  ".join(f"{db} quieter {value:.3f}" for db, value in values.items()))


if __name__ == "__main__":
    main()
