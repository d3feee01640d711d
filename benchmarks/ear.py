"""What the whole listener costs, from a card to light, and how long its ways are.

    python benchmarks/ear.py [--seconds 20] [--bundle DIR] [--ear DIR] [--json]

The listener is a process of its own: real capture code on a stand-in for PyAudio that calls back in real time, block by
block, with the sound of the left slot of a card at 48 kHz: held chords, and a click every 0.7 s; conditioning,
features, networks, gate, tracker, scene "pulse" at 60 frames a second; its light goes to the writer, another process
with the null driver. Needs the lamp's own runtime.

cpu_percent: processor time of the listener, its stand-in of a card included, of one core, once it runs.
sound_to_frame_ms: from the first sample of a hop in the air until its emotion is known and its light is painted, 99th
percentile: a hop is 50 ms, so 80 is a hop and 30 ms. sound_to_light_ms: from a click in the air to the first frame that
the driver gets whose middle, where that scene begins, is a tenth brighter, 95th percentile, and the longest beside it;
one that is not seen within 0.4 s counts as that. music: share of the hops that the ear took for it, without which
nothing pulses. rss_mb: the most memory the listener had. start_s: from the start of the process to its first light in
the driver. instructions_per_audio_s: by cachegrind, of the same listener on a card in simulated time, its light going
nowhere, the difference between two lengths; none without valgrind. load: of the machine, which should be idle.
pi_zero_2_percent: what these instructions are of one core there, if it does one in a cycle at 1 GHz, which no one has
measured.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
CLICK_S, FIRST_S = 0.7037, 4.0
LOST_S = 0.4
CHORDS, CHORD_S = ((48, 55, 60, 64), (45, 57, 60, 64), (41, 53, 57, 60), (43, 55, 59, 62)), 2.0

LISTENER = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
import numpy as np
from threading import Event, Thread
from device.color.palette_file import load_palette
from device.emotion.bundle import load_bundle
from device.hearing.sound_class import SoundClass
from device.lamp import Lamp
from device.pace import Live
from device.settings import LightSettings, Settings
from hardware.capture.microphone import CaptureMicrophone
from hardware.light.client import SocketStrip
from pathlib import Path
sound = np.load(sys.argv[2])
clock = {"first": None}
class Card:
    def __init__(self, rate, frames_per_buffer, stream_callback, **_):
        self.n, self.call, self.over = frames_per_buffer, stream_callback, Event()
        self.thread = Thread(target=self.run, daemon=True)
    def start_stream(self):
        self.thread.start()
    def run(self):
        start = clock["first"] = time.monotonic()
        for i in range(len(sound) // self.n):
            due = start + (i + 1) * self.n / 48_000
            if self.over.wait(max(0.0, due - time.monotonic())):
                return
            part = sound[i * self.n : (i + 1) * self.n]
            self.call(part.tobytes(), self.n, {"input_buffer_adc_time": due - self.n / 48_000}, 0)
    def is_active(self):
        return self.thread.is_alive()
    def close(self):
        self.over.set()
class PortAudio:
    def get_device_count(self):
        return 1
    def get_device_info_by_index(self, index):
        return {"index": 0, "name": "bench (hw:0,0)", "maxInputChannels": 2, "defaultSampleRate": 48_000.0}
    def open(self, **options):
        return Card(**options)
    def terminate(self):
        pass
class Audio:
    paInt32, paInputUnderflow, paInputOverflow, paContinue, paInvalidSampleRate = 2, 1, 2, 0, -9997
    PyAudio = PortAudio
microphone = CaptureMicrophone("bench", audio=Audio)
live, felt = Live(lambda: microphone.behind_s), []
def wait(t_s):
    if round(t_s * 60) % 3 == 0:
        felt.append((time.monotonic(), t_s))
    live(t_s)
settings = Settings(light=LightSettings(scene="pulse"))
strip = SocketStrip(settings.strip.pixels, sys.argv[3])
bundle, kinds = load_bundle(sys.argv[4]), SoundClass(Path(sys.argv[5]))
lamp = Lamp(microphone, strip, bundle, load_palette("lampyris"), settings, wait, kinds=kinds)
assert lamp.knows_kinds
used, sounds = None, []
for hop in lamp.hops():
    if hop.t_s > 3:
        sounds.append(hop.sound)
    if used is None and hop.t_s > 3:
        used = time.process_time(), time.monotonic()
    if hop.sound == "nothing" or hop.t_s > len(sound) / 48_000 - 0.3:
        break
cpu_s, wall_s = time.process_time() - used[0], time.monotonic() - used[1]
late = [at_s - clock["first"] - t_s for at_s, t_s in felt if t_s > 3]
print(json.dumps({
    "first_s": clock["first"], "cpu_percent": 100 * cpu_s / wall_s, "late_s": late, "lost": microphone.lost,
    "music": sounds.count("music") / len(sounds),
    "rss_mb": next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) * 1024 / 1e6,
}))
"""
SIMULATED = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from device.color.palette_file import load_palette
from device.emotion.bundle import load_bundle
from device.hearing.sound_class import SoundClass
from device.lamp import Lamp
from device.pace import Live
from device.settings import LightSettings, Settings
from hardware.capture.microphone import CaptureMicrophone
from hardware.light.null import NullStrip
from pathlib import Path
from tests.fakes.pyaudio import Card, FakeAudio
sound = np.load(sys.argv[2])
audio = FakeAudio([Card(sound=lambda start, count: sound[start : start + count])])
microphone = CaptureMicrophone("voicehat", clock=audio.clock, sleep=audio.sleep, audio=audio)
settings = Settings(light=LightSettings(scene="pulse"))
wait = Live(lambda: microphone.behind_s, audio.clock, audio.sleep)
bundle, kinds = load_bundle(sys.argv[3]), SoundClass(Path(sys.argv[4]))
lamp = Lamp(microphone, NullStrip(60), bundle, load_palette("lampyris"), settings, wait, kinds=kinds)
for hop in lamp.hops():
    if hop.t_s > float(sys.argv[5]) - 0.01:
        break
"""
WRITER = """
import sys, time
sys.path.insert(0, sys.argv.pop(1))
notes = open(sys.argv.pop(1), "w")
from device.cli import main
from hardware.light import command
from hardware.light.drivers.null import NullDriver
shown = []
class Timed(NullDriver):
    def _send(self, frame):
        middle = len(frame) // 2
        shown.append((time.monotonic(), float(frame[middle - 2 : middle + 2].astype(float).mean())))
command.open_driver = lambda name, settings: Timed(settings.leds)
code = main(sys.argv[1:])
for at_s, mean in shown:
    print(repr(at_s), mean, file=notes)
notes.close()
sys.exit(code)
"""


def card_sound(seconds: float) -> np.ndarray:
    """Held chords over a little noise, with clicks, as a card gives it: int32 [n, 2], the right slot dead."""
    rng = np.random.default_rng(0)
    t = np.arange(round(seconds * 48_000)) / 48_000
    mono = 5e-4 * rng.standard_normal(len(t))
    for at, chord in enumerate(CHORDS):
        place = (t / CHORD_S - at) % len(CHORDS)
        swell = np.clip(np.minimum(place, 1 - place) * 4, 0, 1) * (place < 1)
        for pitch in chord:
            for order in range(1, 7):
                mono += 0.02 * swell * np.sin(2 * np.pi * order * 440 * 2 ** ((pitch - 69) / 12) * t) / order
    for click_s in np.arange(FIRST_S, seconds - 1.0, CLICK_S):
        begin = round(click_s * 48_000)
        mono[begin : begin + 960] += 0.3 * rng.standard_normal(960) * np.exp(-np.arange(960) / 240)
    out = np.zeros((len(mono), 2), np.int32)
    out[:, 0] = np.clip(mono, -0.999, 0.999) * 2.0**31
    return out


def instructions(bundle: Path, ear: Path, folder: Path) -> float | None:
    """A second of audio, in instructions of the listener, or None without valgrind."""
    if not shutil.which("valgrind"):
        return None
    counts = []
    np.save(folder / "simulated.npy", card_sound(26.0))
    arguments = [str(ROOT), str(folder / "simulated.npy"), str(bundle), str(ear)]
    for seconds in (8, 24):
        command = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
        lamp = [sys.executable, "-c", SIMULATED, *arguments, str(seconds)]
        done = subprocess.run([*command, *lamp], capture_output=True, text=True, check=True)
        told = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
        assert told is not None, done.stderr
        counts.append(int(told[1].replace(",", "")))
    return (counts[1] - counts[0]) / 16


def measure(seconds: float, bundle: Path, ear: Path) -> dict[str, float | None]:
    """All numbers."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.save(folder / "sound.npy", card_sound(seconds))
        options = ["light", "--driver", "null", "--socket", str(folder / "s")]
        notes = folder / "notes"
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(ROOT), str(notes), *options], stderr=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert writer.stderr is not None
        writer.stderr.readline()
        begun_s = time.monotonic()
        arguments = [str(ROOT), str(folder / "sound.npy"), str(folder / "s"), str(bundle), str(ear)]
        done = subprocess.run(
            [sys.executable, "-c", LISTENER, *arguments], stdout=subprocess.PIPE, text=True, check=True
        )
        writer.send_signal(signal.SIGTERM)
        writer.communicate()
        told = json.loads(done.stdout)
        shown = np.array([[float(word) for word in line.split()] for line in notes.read_text().splitlines()])
        count = instructions(bundle, ear, folder)
    lit = shown[(shown[:, 0] > begun_s) & (shown[:, 1] > 0)]
    delays_s = []
    for click_s in np.arange(FIRST_S, seconds - 1.0, CLICK_S) + told["first_s"]:
        around = lit[(lit[:, 0] > click_s - 0.02) & (lit[:, 0] < click_s + LOST_S)]
        brighter = np.flatnonzero((around[1:, 1] > 1.1 * around[0, 1]) & (around[1:, 0] > click_s))
        delays_s.append(around[1 + brighter[0], 0] - click_s if len(brighter) else LOST_S)
    return {
        "cpu_percent": round(told["cpu_percent"], 2),
        "sound_to_frame_ms": round(1e3 * float(np.percentile(told["late_s"], 99)), 1),
        "sound_to_frame_p50_ms": round(1e3 * float(np.percentile(told["late_s"], 50)), 1),
        "sound_to_light_ms": round(1e3 * float(np.percentile(delays_s, 95)), 1),
        "sound_to_light_p50_ms": round(1e3 * float(np.percentile(delays_s, 50)), 1),
        "sound_to_light_max_ms": round(1e3 * max(delays_s), 1),
        "clicks": len(delays_s),
        "clicks_seen": sum(1 for delay_s in delays_s if delay_s < LOST_S),
        "music": round(told["music"], 3),
        "rss_mb": round(told["rss_mb"], 1),
        "start_s": round(float(lit[0, 0]) - begun_s, 2),
        "instructions_per_audio_s": None if count is None else round(count),
        "pi_zero_2_percent": None if count is None else round(100 * count / 1e9, 1),
        "lost": told["lost"],
        "load": round(load, 2),
    }


def main() -> None:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--bundle", type=Path, default=ROOT / "models/default")
    parser.add_argument("--ear", type=Path, default=ROOT / "models/gate")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    options = parser.parse_args()
    numbers = measure(options.seconds, options.bundle.resolve(), options.ear.resolve())
    if options.json:
        print(json.dumps(numbers))
        return
    for name, value in numbers.items():
        print(f"{name:26} {value}")


if __name__ == "__main__":
    main()
