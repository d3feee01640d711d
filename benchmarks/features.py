"""How fast the 68 features are: against three libraries, against the bare transform, and one hop at a time.

    python benchmarks/features.py [--audio FILE] [--seconds 30] [--rounds 7] [--json]

Needs the extra `bench` (pip install -c constraints.txt -e '.[bench]'). All run in one thread on the same samples, in
turns; the figure of each is the median of its rounds. The floor is a Hann window and rfft over the same frames.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_threads] = "1"  # before numpy is loaded

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]


def seconds_of(work: Callable[[], object]) -> float:
    """Processor time of one call: other work on the machine changes it less than the wall clock."""
    start = time.process_time()
    work()
    return time.process_time() - start


def measure(audio: Path, seconds: float, rounds: int) -> dict[str, float]:
    """Times in milliseconds and the ratios of them."""
    import numpy as np
    from peers import PEERS
    from scipy.fft import rfft

    from device.features.extractor import FeatureExtractor, extract
    from device.features.spec import FeatureSpec
    from device.features.spectra import FRAMES_AT_ONCE
    from device.hearing.condition import Conditioner
    from hardware.file_microphone import FileMicrophone

    spec = FeatureSpec()
    with FileMicrophone(audio, 1.0) as microphone:
        conditioner = Conditioner(microphone.rate, microphone.slots, spec.rate)
        parts = []
        while (block := microphone.read()) is not None:
            parts.append(conditioner.process(block))
    heard = np.concatenate(parts).astype(np.float64)
    samples = np.resize(heard, int(seconds * spec.rate))
    samples = (samples - samples.mean()) / np.abs(samples).max()
    frames = samples[: len(samples) // spec.hop * spec.hop].reshape(-1, spec.hop)
    window = np.hanning(spec.window)
    hops = [np.ascontiguousarray(frame) for frame in frames]
    stream = FeatureExtractor(spec)

    def floor() -> None:
        # In the runs that ours works in too: all at once, most of the time goes into fresh memory.
        for start in range(0, len(frames), FRAMES_AT_ONCE):
            rfft(frames[start : start + FRAMES_AT_ONCE] * window, axis=1)

    work: dict[str, Callable[[], object]] = {
        "ours": lambda: extract(samples, spec),
        "floor": floor,
        "stream": lambda: [stream.process(hop) for hop in hops],
    }
    work |= {name: make(samples, spec.rate, spec.window) for name, make in PEERS.items()}
    for run in work.values():
        run()  # warms caches, and compiles where a library does
    times: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, run in work.items():
            times[name].append(seconds_of(run))
    ms = {name: 1000 * median(values) for name, values in times.items()}
    return {
        "audio_s": len(samples) / spec.rate,
        "frames": len(frames),
        **{f"{name}_ms": round(value, 3) for name, value in ms.items()},
        **{f"vs_{name}": round(ms[name] / ms["ours"], 2) for name in PEERS},
        "vs_floor": round(ms["ours"] / ms["floor"], 2),
        "hop_us": round(1000 * ms["stream"] / len(hops), 1),
    }


def table(result: dict[str, float]) -> str:
    """The same for people."""
    rows = [("", "ms", "ours is")]
    peers = ("pyaudioanalysis", "librosa", "opensmile")
    rows += [(name, f"{result[f'{name}_ms']:.1f}", f"{result[f'vs_{name}']:.1f} x as fast") for name in peers]
    rows.append(("floor (window + rfft)", f"{result['floor_ms']:.2f}", f"{result['vs_floor']:.2f} x its time"))
    rows.append(("ours, batch", f"{result['ours_ms']:.2f}", ""))
    rows.append(("ours, hop by hop", f"{result['stream_ms']:.1f}", f"{result['hop_us']:.0f} us a hop of 50 ms"))
    lines = [f"{name:24}{value:>10}   {note}" for name, value, note in rows]
    return "\n".join([f"68 features of {result['audio_s']:.0f} s, {result['frames']} frames, one thread", *lines])


def main() -> None:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--audio", type=Path, default=ROOT / "device/assets/demo.ogg", help="a sound file (the demo piece)"
    )
    parser.add_argument("--seconds", type=float, default=30.0, help="length of the sound, repeated if it is shorter")
    parser.add_argument("--rounds", type=int, default=7, help="measurements of each")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    options = parser.parse_args()
    result = measure(options.audio, options.seconds, options.rounds)
    print(json.dumps(result) if options.json else table(result))


if __name__ == "__main__":
    main()
