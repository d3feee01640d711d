"""What the LED writer costs and how steady it is, against one multiplication and tobytes of the frame in numpy.

    python benchmarks/light.py [--pixels 300] [--fps 60] [--seconds 20] [--json]

The writer runs as its own process on one core with the null driver and the usual budget; this process sends it frames
from another core, at the same rate, with real-time priority if it may, so that its own jitter isn't measured.
cpu_percent is of one core, system time included. A second run, with a driver that notes the time, gives jitter_p99_ms,
how far the pauses between frames are off, and latency_p50_ms and latency_p99_ms, from the client's send to the driver.
vs_floor is the processor time of a frame in the writer, sleeping and waking included, over the floor; render_us is the
arithmetic of it alone. The machine should be idle, because other programs make jitter: load is its load, and
sleep_p99_ms and wake_us are jitter and cost of a program without priority that does nothing but sleep for a frame.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from hardware.light.client import SocketStrip  # noqa: E402
from hardware.light.render import Renderer  # noqa: E402
from hardware.light.settings import StripSettings  # noqa: E402

BITS = 24
TIMED = """
import sys, time
sys.path.insert(0, sys.argv.pop(1))
notes = open(sys.argv.pop(1), "w")
from device.cli import main
from hardware.light import command
from hardware.light.drivers.null import NullDriver
shown = []
class Timed(NullDriver):
    def _send(self, frame):
        shown.append((time.monotonic(), frame[:8].tobytes(), frame.max()))
command.open_driver = lambda name, settings: Timed(settings.leds)
code = main(sys.argv[1:])
for at_s, pixels, most in shown:
    # Dimmed to the budget, a 1 is still the most and anything else less than half of it.
    print(repr(at_s), sum((byte > 0.7 * most) << i for i, byte in enumerate(pixels)), file=notes)
notes.close()
sys.exit(code)
"""


def light_of(number: int, pixels: int) -> Any:
    """A moving picture, [pixels, 3], whose first 8 pixels are the number in bits, which nothing in between changes."""
    frame = 0.2 + 0.2 * np.sin(np.arange(3 * pixels, dtype=np.float32) / 30 + number / 20).reshape(pixels, 3)
    frame.ravel()[:BITS] = (number >> np.arange(BITS)) & 1
    return frame.astype(np.float32)


def play(strip: SocketStrip, fps: float, seconds: float) -> list[float]:
    """Send frames in time; when each was sent."""
    frames = [light_of(number, strip.pixels) for number in range(round(fps * seconds))]
    sent, start_s = [], time.monotonic()
    for i, frame in enumerate(frames):
        time.sleep(max(0.0, start_s + i / fps - time.monotonic()))
        strip.show(frame)
        sent.append(time.monotonic())
    return sent


def processor_s(pid: int) -> float:
    """User and system time of a process of one thread so far."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def rss_mb(pid: int) -> float:
    """What a process holds in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def with_writer(
    command: list[str], pixels: int, fps: float, folder: Path, use: Callable[[int, SocketStrip], Any]
) -> Any:
    """Start a writer, use it, end it."""
    (folder / "lamp.toml").write_text(f"[strip]\npixels = {pixels}\nfps = {fps}\n")
    options = ["--driver", "null", "--socket", str(folder / "s"), "--settings", str(folder / "lamp.toml")]
    cores = sorted(os.sched_getaffinity(0))
    writer = subprocess.Popen([*command, "light", *options], stderr=subprocess.PIPE, text=True, cwd=ROOT)
    assert writer.stderr is not None
    writer.stderr.readline()
    os.sched_setaffinity(writer.pid, {cores[-1]})
    try:
        with SocketStrip(pixels, folder / "s") as strip:
            return use(writer.pid, strip)
    finally:
        writer.send_signal(signal.SIGTERM)
        writer.communicate()


def best_us(act: Callable[[], object], times: int = 2000) -> float:
    """Processor time of the fastest of some rounds, in microseconds a call."""
    rounds = []
    for _ in range(7):
        start_s = time.process_time()
        for _ in range(times):
            act()
        rounds.append((time.process_time() - start_s) / times * 1e6)
    return min(rounds)


def sleeping(fps: float, seconds: float = 5.0) -> tuple[float, float]:
    """What a program that only sleeps gets here: p99 of how far its pauses are off in ms, and us a wake-up."""
    woken, start_s, before_s = [], time.monotonic(), time.process_time()
    for i in range(round(fps * seconds)):
        time.sleep(max(0.0, start_s + i / fps - time.monotonic()))
        woken.append(time.monotonic())
    wake_us = (time.process_time() - before_s) / len(woken) * 1e6
    return float(np.percentile(np.abs(np.diff(woken) - 1 / fps), 99)) * 1e3, wake_us


def render_us(pixels: int, fps: float) -> float:
    """A frame taken and rendered, without any waiting."""
    renderer = Renderer(StripSettings(pixels=pixels), "RGB", 1 / fps)
    light = np.rint(light_of(1, pixels) * 65535).astype(np.uint16)
    now_s = 0.0

    def frame() -> None:
        nonlocal now_s
        now_s += 1 / fps
        renderer.take(light, now_s)
        renderer.process(now_s)

    for _ in range(60):
        frame()
    return best_us(frame)


def measure(pixels: int, fps: float, seconds: float) -> dict[str, float]:
    """All numbers."""
    load = os.getloadavg()[0]

    def cost(pid: int, strip: SocketStrip) -> tuple[float, float]:
        play(strip, fps, 2.0)
        before_s, start_s = processor_s(pid), time.monotonic()
        play(strip, fps, seconds)
        return (processor_s(pid) - before_s) / (time.monotonic() - start_s), rss_mb(pid)

    bare_ms, wake_us = sleeping(fps)
    with suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        share, memory = with_writer([sys.executable, "-m", "device"], pixels, fps, folder, cost)
        notes = folder / "notes"
        timed = [sys.executable, "-c", TIMED, str(ROOT), str(notes)]
        sent = with_writer(timed, pixels, fps, folder, lambda pid, strip: play(strip, fps, seconds + 3))
        rows = [line.split() for line in notes.read_text().splitlines()]
    with suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    settled = round(3 * fps)  # until then the beat finds the client's
    shown_s = {int(number): float(at_s) for at_s, number in reversed(rows)}  # the first time that each was shown
    waited = [shown_s[i] - at_s for i, at_s in enumerate(sent) if i >= settled and i in shown_s]
    times = np.array([float(at_s) for at_s, _ in rows])
    times = times[(times > sent[settled]) & (times < sent[-1])]
    off = np.abs(np.diff(times) - 1 / fps)
    frame = np.ones((pixels, 3), np.float32)
    floor_us = best_us(lambda: (frame * np.float32(0.5)).tobytes())
    frame_us = share / fps * 1e6
    return {
        "cpu_percent": round(100 * share, 2),
        "jitter_p99_ms": round(float(np.percentile(off, 99)) * 1e3, 3),
        "latency_p50_ms": round(float(np.percentile(waited, 50)) * 1e3, 3),
        "latency_p99_ms": round(float(np.percentile(waited, 99)) * 1e3, 3),
        "rss_mb": round(memory, 1),
        "vs_floor": round(frame_us / floor_us, 1),
        "frame_us": round(frame_us, 1),
        "render_us": round(render_us(pixels, fps), 1),
        "floor_us": round(floor_us, 2),
        "sleep_p99_ms": round(bare_ms, 3),
        "wake_us": round(wake_us, 1),
        "frames_not_shown": sum(i not in shown_s for i in range(settled, len(sent))),
        "pixels": pixels,
        "fps": fps,
        "load": round(load, 2),
    }


def main() -> None:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pixels", type=int, default=300)
    parser.add_argument("--fps", type=float, default=60.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    options = parser.parse_args()
    row = measure(options.pixels, options.fps, options.seconds)
    if options.json:
        print(json.dumps(row))
        return
    for name, value in row.items():
        print(f"{name:18}{value:>10}")


if __name__ == "__main__":
    main()
