"""`lampyris listen`: puts a lamp together from the options, and shows what it does."""

import argparse
import json
import os
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import msgspec

import device
from device.cli import STOPPED, own_version
from device.color.palette import Palette
from device.color.palette_file import load_palette, palette_names
from device.color.power import light_share
from device.controls import AllControls, Controls
from device.emotion.bundle import BUNDLE_FILES
from device.emotion.choice import Choice
from device.emotion.place import default_store
from device.emotion.store import Store
from device.errors import InputError
from device.hearing.sound_class import SoundClass
from device.keys import HELP, Keys
from device.lamp import FRAMES_PER_S, NOTHING, Lamp
from device.output import say, warn
from device.pace import Live, RealTime, Wait, at_once
from device.panel import Panel, switch_off
from device.progress import Progress
from device.screen import Screen
from device.service import bundle_of, microphone_of
from device.settings import Settings, load_settings
from device.trace import Trace
from hardware.capture.devices import preferred
from hardware.capture.microphone import CaptureMicrophone
from hardware.errors import HardwareError
from hardware.file_microphone import FileMicrophone
from hardware.light.client import SocketStrip
from hardware.light.ink import Ink, choose_ink
from hardware.light.notify import notify
from hardware.light.null import NullStrip
from hardware.light.terminal import TerminalStrip
from hardware.microphone import Microphone
from hardware.service import Service
from hardware.strip import Strip

DEMO = Path(device.__file__).parent / "assets" / "demo.ogg"
UNWATCHED_PER_S = 20
"""Light frames when only the trace counts: one for every hop of 50 ms."""
BLOCK_S = {"real": 0.05, "max": 1.0}
"""Files are read in the pace of the light, or, when only speed counts, by the second."""


def listen(options: argparse.Namespace) -> int:
    """Run the lamp until the music ends or the user stops it. Raises InputError and HardwareError."""
    with Service(options.service, warn) as service:
        return _listen(options, service)


def _listen(options: argparse.Namespace, service: Service) -> int:
    settings = _settings(options, service)
    palette = load_palette(settings.light.palette)
    given = options.song if options.file is None else options.file
    mic = options.mic if options.mic is not None or given is not None else preferred()
    if mic is not None and options.speed == "max":
        raise InputError("A microphone has only its own time; leave --speed max out, or play a file.")
    song = DEMO if given is None else Path(given)
    place = default_store()

    store = Store(place) if place else None
    choice = Choice(bundle_of(service, options.bundle, store), store, warn)
    with choice, choice, ExitStack() as stack:  # twice, see there
        choice.start()
        if options.trace is not None:
            _keep_apart(
                options.trace, None if mic else song, options.settings, *(choice.folder / name for name in BUNDLE_FILES)
            )
        microphone, title, total_s, wait = _source(mic, song, options.speed, service)
        stack.callback(microphone.close)
        ink = choose_ink(sys.stdout) if options.strip == "terminal" else Ink.PLAIN
        playable = ink is not Ink.PLAIN and sys.stdin is not None and sys.stdin.isatty()
        keys = HELP if playable else ()
        screen = Screen(palette, ink, total_s, title, keys)
        exposure = 1.0 / light_share(palette, settings.strip)
        lamp_strip = _strip(options.strip, settings.strip.pixels, screen, ink, exposure)
        watched = options.speed == "real" or options.strip == "terminal"
        rate = FRAMES_PER_S if watched else UNWATCHED_PER_S
        panel = stack.enter_context(Panel(settings.panel))
        sources: list[Controls] = [] if panel.controls is None else [panel.controls]
        if playable:
            leave = lamp_strip.give_back if isinstance(lamp_strip, TerminalStrip) else None
            sources.append(stack.enter_context(Keys(sys.stdin.fileno(), leave)))
        more = _other_palettes(settings.light.palette) if sources else []
        controls = AllControls(sources)
        # That the demo piece is music need not be found out, and its distorted guitars sound like noise to the ear.
        kinds = None if mic is None and song == DEMO else SoundClass()
        lamp = Lamp(microphone, lamp_strip, choice.bundle, palette, settings, wait, rate, controls, more, kinds)
        if mic is not None and not lamp.knows_kinds:  # a file is music, by whoever chose it
            warn(f"{choice.bundle_id} is for other features than the ear's, so speech and noise are taken for music.")
        trace = None
        if options.trace is not None:
            trace = stack.enter_context(Trace(options.trace, _header(choice, microphone.name)))
        stack.callback(lamp_strip.close)
        plain = options.strip == "terminal" and ink is Ink.PLAIN
        if plain:
            say(f"with  {choice.bundle_id}")
        started = time.monotonic()
        interrupted = _run(lamp, lamp_strip, screen, trace, plain, choice, panel)
        wall_s = time.monotonic() - started
    for line in screen.summary(wall_s, lamp.limited_share):
        say(line)
    say(f"with  {choice.bundle_id}{', which has passed its trial' if choice.passed else ''}")
    if isinstance(microphone, CaptureMicrophone) and microphone.lost:
        lost_s = microphone.lost / microphone.rate
        warn(f"{lost_s:.2f} s of sound were lost; the lamp took them as pauses.")
    if lamp.bad_samples:
        warn(f"{lamp.bad_samples} samples of {microphone.name} were not numbers.")
    if lamp.ended_by == "shutdown" and (why := switch_off()) is not None:
        warn(f"The lamp is dark, but this machine can't be shut down by its button ({why}); shut it down by hand.")
    return STOPPED if interrupted else 0


def _settings(options: argparse.Namespace, service: Service) -> Settings:
    """The settings, and over them what the command line says of the light."""
    wrong = (InputError, HardwareError)
    settings = service.settings(options.settings, _load, Settings(), wrong, lambda its: Settings(strip=its.strip))
    given = {"scene": options.scene, "palette": options.palette}
    light = msgspec.structs.replace(settings.light, **{key: value for key, value in given.items() if value is not None})
    return msgspec.structs.replace(settings, light=light)


def _load(path: str) -> Settings:
    """The settings, and a look at the palette that they name, so that a broken one counts as a broken setting."""
    settings = load_settings(path)
    load_palette(settings.light.palette)
    return settings


def _other_palettes(name: str) -> list[Palette]:
    """The palettes that ship, after this one and around."""
    names = palette_names()
    if name in names:
        place = names.index(name)
        names = names[place + 1 :] + names[:place]
    return [load_palette(each) for each in names]


def _source(mic: str | None, song: Path, speed: str, service: Service) -> tuple[Microphone, str, float | None, Wait]:
    """What is heard, what the screen calls it, its length in seconds if known, and its pace."""
    if mic is not None:
        capture = microphone_of(service, mic)
        return capture, capture.name, None, Live(lambda: capture.behind_s)
    file = FileMicrophone(song, BLOCK_S[speed])
    return file, _title(song, file.name), file.duration_s, RealTime() if speed == "real" else at_once


def _title(song: Path, name: str) -> str:
    """What the screen calls the music: a file by its name, the demo piece by its own."""
    if song != DEMO:
        return name
    title: str = json.loads(DEMO.with_suffix(".json").read_text(encoding="utf-8"))["title"]
    return f"{title} (light only, no sound)"


def _keep_apart(trace: str, *inputs: str | Path | None) -> None:
    """Refuse a trace that would be written over something that is read."""
    for path in inputs:
        try:
            same = path is not None and os.path.samefile(trace, path)
        except (OSError, ValueError):  # one of them is not there: then they are not the same
            same = False
        if same:
            raise InputError(f"The trace would overwrite {str(path)!r}, which is read; give it another name.")


def _strip(kind: str, pixels: int, screen: Screen, ink: Ink, exposure: float) -> Strip:
    if kind == "null":
        return NullStrip(pixels)
    if kind.partition(":")[0] == "socket":
        return SocketStrip(pixels, kind.partition(":")[2] or None, tell=warn)
    return TerminalStrip(pixels, sys.stdout, caption=screen.caption, ink=ink, exposure=exposure)


def _header(choice: Choice, source: str) -> dict[str, str]:
    card = choice.bundle.card
    return {
        "lampyris": own_version(),
        "bundle": card.name,
        "bundle_id": choice.bundle_id,
        "bundle_sha256": card.model_sha256,
        "features": card.fingerprint,
        "source": source,
    }


def _run(
    lamp: Lamp, strip: Strip, screen: Screen, trace: Trace | None, plain: bool, choice: Choice, panel: Panel
) -> bool:
    """Go through the music; True if the user stopped it."""
    progress = Progress()
    try:
        for hop in lamp.hops():
            choice.heard(hop.t_s)
            progress.process(lamp.heard, lamp.shown)
            trouble = hop.sound == NOTHING or (isinstance(strip, SocketStrip) and strip.away)
            panel.show(hop.sound, trouble, hop.t_s)
            screen.light(lamp.stage.scene, lamp.stage.palette, lamp.stage.lit)
            screen.update(hop.t_s, hop.emotion, hop.sound, hop.level_db, hop.light)
            if trace:
                trace.write(hop)
            if plain and (line := screen.plain_line()):
                say(line)
    except KeyboardInterrupt:
        notify("STOPPING=1")
        return True
    notify("STOPPING=1")
    choice.ended()
    return False
