"""What a step of the shipped network costs, beside a floor: its weights multiplied with a vector once, by numpy.

    python benchmarks/step.py [--bundle DIR] [--steps 2000] [--rounds 7] [--json]

Needs the lamp's own runtime only. One thread, processor time, the best of the rounds, both in turns within one run.
A step is made every pool_hops hops (400 ms in the shipped network).
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))


def best(act: Callable[[], object], steps: int) -> float:
    """Microseconds of processor time a step."""
    start = time.process_time()
    for _ in range(steps):
        act()
    return (time.process_time() - start) / steps * 1e6


def measure(bundle: Path, steps: int, rounds: int) -> dict[str, float]:
    """Times and sizes of one bundle."""
    from device.emotion.bundle import load_bundle
    from device.emotion.runner import StepModel

    loaded = load_bundle(bundle)
    model = StepModel(loaded)
    rng = np.random.default_rng(0)
    frame = rng.standard_normal(2 * loaded.card.features.width).astype(np.float32)
    # As many weights as the file has room for, at four bytes each, whatever they are stored as.
    size = 2 if loaded.card.quantization == "float16" else 4
    weights = rng.standard_normal((max(1, len(loaded.model) // size // len(frame)), len(frame))).astype(np.float32)
    ours, floor = [], []
    for _ in range(rounds):
        ours.append(best(lambda: model.process(frame), steps))
        floor.append(best(lambda: weights @ frame, steps))
    return {
        "step_us": round(min(ours), 1),
        "floor_us": round(min(floor), 1),
        "ratio": round(min(ours) / min(floor), 2),
        "bundle_bytes": len(loaded.model),
        "members": loaded.card.members,
        "share_of_a_core": round(min(ours) / (loaded.card.pool_hops * loaded.card.features.hop_s * 1e6), 7),
    }


def main() -> None:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, default=ROOT / "models" / "default")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    options = parser.parse_args()
    row = measure(options.bundle, options.steps, options.rounds)
    if options.json:
        print(json.dumps(row))
        return
    print(f"a step of {row['members']} members   {row['step_us']:>8.1f} us")
    print(f"floor (weights @ frame)  {row['floor_us']:>8.1f} us   the step takes {row['ratio']:.2f} x as long")
    print(f"size                     {row['bundle_bytes'] / 1000:>8.1f} kB")


if __name__ == "__main__":
    main()
