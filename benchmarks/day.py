"""A day of listening in accelerated time: does memory grow, does time drift, does light come late?

    python benchmarks/day.py [--hours 24] [--seed 0] [--bundle DIR] [--ear DIR] [--json]

The whole lamp with the real capture code hears a simulated card at 48 kHz, whose time only waiting moves, and shows
its light on a null strip. Each minute of the programme (tests/programme.py) has its sound: the demo piece at gains
from 0 to -40 dB, talk, a fan, rain, a quiet room, digital silence, square waves at full scale; in the left slot, the
right one or both. Every few minutes something goes wrong: an overrun, or a lamp held up, of 10 ms, 1 s or 60 s; a card
that is pulled out and comes back under another index, that hangs without an error, or that another program takes, for
up to 90 s. Someone asks for another scene or palette every ten minutes.

rss_mb_1h, rss_mb_24h: memory of this process (VmRSS, MB of 10^6 bytes, after a collection of garbage) after the first
hour, or the first quarter where that is shorter, and at the end; growth_mb is their difference, rss_mb_most the most
between. drift_s: time of the last hop minus the samples so far, those lost too, over their rate; clock_drift_s: minus
the simulated clock. lag_ms_max: from the first sample of a hop to its light, by the simulated clock (computing takes
no time there), while the lamp isn't held up; catch_up_s: until it is on time again after that. found_s, back_s: the
longest from a fault to darkness of the ear, and from its end to sound. non_finite: hops with a number that is none.
waiting_s: the most sound that waited in the ring. state_kb: the most that all objects of the lamp held.
realtime_factor: simulated over wall-clock time, wall_s; cpu_s is processor time.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from tqdm import tqdm

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from device.emotion.bundle import load_bundle  # noqa: E402
from device.errors import InputError  # noqa: E402
from device.hearing.sound_class import SHIPPED, SoundClass  # noqa: E402
from tests.day import Day  # noqa: E402


def measure(hours: float, seed: int, bundle: Path, ear: Path) -> dict[str, object]:
    """All numbers of one run."""
    day = Day(load_bundle(bundle), SoundClass(ear), hours, seed)
    wall_s, cpu_s = time.monotonic(), time.process_time()
    with tqdm(total=round(60 * hours), unit=" min", mininterval=2.0) as bar:
        seen = day.run(bar.update)
    wall_s, cpu_s = time.monotonic() - wall_s, time.process_time() - cpu_s
    early, last = seen.early_rss_mb(hours), seen.rss_mb[-1][1]
    return {
        "hours": hours,
        "seed": seed,
        "rss_mb_1h": round(early, 3),
        "rss_mb_24h": round(last, 3),
        "growth_mb": round(last - early, 3),
        "rss_mb_most": round(max(mb for _, mb in seen.rss_mb), 3),
        "drift_s": round(seen.drift_s, 4),
        "clock_drift_s": round(seen.clock_drift_s, 4),
        "lag_ms_max": round(1e3 * seen.lag_s, 1),
        "catch_up_s": round(seen.catch_up_s, 3),
        "found_s": round(seen.found_s, 3),
        "back_s": round(seen.back_s, 3),
        "hops": seen.hops,
        "non_finite": seen.non_finite,
        "waiting_s": round(seen.waiting_s, 3),
        "state_kb": round(seen.state_kb, 1),
        "sounds": seen.sounds,
        "faults": seen.faults,
        "outages": day.microphone.outages,
        "lost_s": round(day.microphone.lost / day.microphone.rate, 1),
        "rss_mb": [(round(hour, 2), round(mb, 3)) for hour, mb in seen.rss_mb],
        "wall_s": round(wall_s, 1),
        "cpu_s": round(cpu_s, 1),
        "realtime_factor": round(3600 * hours / wall_s, 1),
    }


def main() -> int:
    """Read the options, measure, print; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bundle", type=Path, default=ROOT / "models/default")
    parser.add_argument("--ear", type=Path, default=SHIPPED, help="the network that tells music from the rest")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    options = parser.parse_args()
    if not 0.1 <= options.hours <= 1000 or options.seed < 0:
        print("A day has 0.1 to 1000 hours, and a seed is no less than 0; give others.", file=sys.stderr)
        return 2
    try:
        numbers = measure(options.hours, options.seed, options.bundle, options.ear)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(numbers))
        return 0
    for name, value in numbers.items():
        print(f"{name:16} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
