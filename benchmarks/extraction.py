"""How extraction over a corpus scales with cores: the same files with one worker, then with all.

    python benchmarks/extraction.py [--files 24] [--seconds 30] [--json]

Needs the extra `trainer`. The files are stretches of the demo piece at various levels, written to a temporary folder;
each run begins with an empty cache and workers that are already up.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))


def measure(files: int, seconds: float) -> dict[str, float]:
    """Wall times, and what the cores bring: speedup / cores is 1 when they bring all."""
    import numpy as np
    import soundfile

    from device.features.spec import FeatureSpec
    from trainer.cache import FeatureCache, frames_of

    spec = FeatureSpec(blocks=("short_term", "log_mel", "contrast", "flatness", "onset"))
    cores = len(os.sched_getaffinity(0))
    piece, rate = soundfile.read(ROOT / "device/assets/demo.ogg", dtype="float32")
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = []
        for i in range(files):
            start = rng.integers(len(piece))
            cut = np.take(piece, range(start, start + int(seconds * rate)), axis=0, mode="wrap")
            paths.append(folder / f"{i}.ogg")
            soundfile.write(paths[-1], cut * rng.uniform(0.3, 1.0), rate)
        times = {}
        for jobs in (1, cores):
            frames_of(paths[:cores], FeatureCache(folder / f"warm{jobs}", spec), jobs)
            start_s = time.perf_counter()
            frames_of(paths, FeatureCache(folder / f"cold{jobs}", spec), jobs)
            times[jobs] = time.perf_counter() - start_s
    return {
        "files": files,
        "audio_s": files * seconds,
        "cores": cores,
        "one_core_s": round(times[1], 2),
        "all_cores_s": round(times[cores], 2),
        "speedup": round(times[1] / times[cores], 2),
        "audio_s_per_s": round(files * seconds / times[cores], 1),
    }


def main() -> None:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=24)
    parser.add_argument("--seconds", type=float, default=30.0, help="length of each")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    options = parser.parse_args()
    result = measure(options.files, options.seconds)
    if options.json:
        print(json.dumps(result))
        return
    print(f"{result['files']} files of {options.seconds:.0f} s: one core {result['one_core_s']} s, ", end="")
    print(f"{result['cores']} cores {result['all_cores_s']} s, {result['speedup']} x as fast,", end=" ")
    print(f"{result['audio_s_per_s']:.0f} s of sound a second")


if __name__ == "__main__":
    main()
