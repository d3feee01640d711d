"""What a step of a bundle costs in the lamp's runner, Python included, beside the same step in plain numpy.

    python benchmarks/runner.py [--bundle DIR] [--steps 2000] [--rounds 7] [--json]

Needs the lamp's own runtime only. One thread, processor time, the best of the rounds, both in turns within one run. A
step is made every pool_hops hops (400 ms in the shipped network). rss_mb is the most memory that a process had which
loads the bundle and runs it, and nothing else: Python, numpy, the runtime and the model; bare_mb is Python with numpy.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

MEMORY = """
import resource, sys
sys.path.insert(0, sys.argv[1])
import numpy as np
np.ones(4) @ np.ones(4)
if len(sys.argv) > 2:
    from device.emotion.bundle import load_bundle
    from device.emotion.runner import Runner
    runner = Runner(load_bundle(sys.argv[2]))
    for _ in range(400):
        runner.process(np.zeros(len(runner.columns), np.float32))
print(next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024)
"""


def best(act: Callable[[], object], steps: int) -> float:
    """Microseconds of processor time a step."""
    start = time.process_time()
    for _ in range(steps):
        act()
    return (time.process_time() - start) / steps * 1e6


def memory_mb(*arguments: str) -> float:
    """The most that a process of its own had in memory."""
    command = [sys.executable, "-c", MEMORY, str(ROOT), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout.splitlines()[-1])


def measure(bundle: Path, steps: int, rounds: int) -> dict[str, float | str]:
    """Times and sizes of one bundle."""
    from benchmarks.numpy_step import NumpyStep, random_weights
    from device.emotion.bundle import load_bundle
    from device.emotion.runner import model_of
    from device.emotion.runtime import choose_runtime, runtime_label

    loaded = load_bundle(bundle)
    card = loaded.card
    model = model_of(loaded)
    width = 2 * card.features.width
    floor_step = NumpyStep(random_weights(card.model, card.members, width), card.members)
    frame = np.random.default_rng(0).standard_normal(width).astype(np.float32)
    ours, floor = [], []
    for _ in range(rounds):
        ours.append(best(lambda: model.process(frame), steps))
        floor.append(best(lambda: floor_step.process(frame), steps))
    return {
        "step_us": round(min(ours), 1),
        "floor_us": round(min(floor), 1),
        "ratio": round(min(ours) / min(floor), 2),
        "rss_mb": round(memory_mb(str(bundle)), 1),
        "bare_mb": round(memory_mb(), 1),
        "bundle_bytes": sum(path.stat().st_size for path in Path(bundle).iterdir()),
        "model_bytes": card.model_bytes,
        "arena_bytes": card.arena_bytes,
        "quantization": card.quantization,
        "members": card.members,
        "runtime": runtime_label(choose_runtime()),
        "share_of_a_core": round(min(ours) / (card.pool_hops * card.features.hop_s * 1e6), 7),
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
    print(f"a step of {row['members']} members  {row['step_us']:>8.1f} us   {row['quantization']}, {row['runtime']}")
    print(f"the same in numpy       {row['floor_us']:>8.1f} us   float32; the step takes {row['ratio']:.2f} x as long")
    print(f"memory of the process   {row['rss_mb']:>8.1f} MB   Python and numpy alone: {row['bare_mb']:.1f} MB")
    print(
        f"the bundle              {row['bundle_bytes'] / 1000:>8.1f} kB   the model {row['model_bytes'] / 1000:.1f} kB"
    )


if __name__ == "__main__":
    main()
