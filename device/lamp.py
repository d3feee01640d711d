"""The lamp: the one place that knows the whole way of a sound, from a microphone to a strip."""

import math
from collections import deque
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from device.color.no_ear import NoEar
from device.color.palette import Palette
from device.color.power import light_share
from device.color.stage import Stage
from device.controls import AllControls, Controls
from device.emotion.bundle import Bundle
from device.emotion.runner import UNKNOWN, Runner
from device.emotion.tracker import Tracker
from device.features.extractor import FeatureExtractor
from device.hearing.bands import Bands
from device.hearing.condition import Conditioner
from device.hearing.ear import Ear
from device.hearing.level import FLOOR_DB, Level
from device.hearing.normalize import Kind, Normalizer
from device.hearing.onset import Onset
from device.hearing.song_change import Change, SongChange
from device.hearing.sound_class import SoundClass
from device.hop import Hop
from device.pace import Wait, at_once
from device.settings import Settings
from hardware.light.limit import CurrentLimiter
from hardware.microphone import Block, Microphone
from hardware.strip import Strip

FRAMES_PER_S = 60
NOTHING = "nothing"
"""The sound of a microphone that is away: not even silence."""
ANOTHER_S = 2.0
"""After a gap of so long it may be another song."""


class Lamp:
    """Hears a microphone and lights a strip.

    hops() is the loop: it yields a Hop for each hop of sound, after its light was shown. Nothing runs in the
    background and nothing asks a clock, but for `wait`, which may hold up each light frame. With fewer frames_per_s
    than 60 it shows the last ones of each hop only: the same light, for those who do not watch it.

    controls: asked before each light frame what people want of the lamp. more_palettes: what they can choose beside
    `palette`. kinds: tells music from speech and noise; None, or one for other features than the bundle's, takes every
    sound for music, see `knows_kinds`. shown: light frames so far.
    """

    def __init__(
        self,
        microphone: Microphone,
        strip: Strip,
        bundle: Bundle,
        palette: Palette,
        settings: Settings,
        wait: Wait = at_once,
        frames_per_s: int = FRAMES_PER_S,
        controls: Controls | None = None,
        more_palettes: Sequence[Palette] = (),
        kinds: SoundClass | None = None,
    ) -> None:
        spec = bundle.card.features
        self._microphone, self._strip, self._wait = microphone, strip, wait
        power = settings.strip
        palettes = (palette, *more_palettes)
        self._brightness = {each: settings.light.brightness * light_share(each, power) for each in palettes}
        self._hop_s = spec.hop_s
        self._conditioner = Conditioner(microphone.rate, microphone.slots, spec.rate, microphone.live)
        # How loud a recording is says something of its mood; how loud a microphone is doesn't.
        self._normalizer = Normalizer(spec.hop, spec.hop_s) if microphone.live else None
        self._extractor = FeatureExtractor(spec)
        self._level = Level(spec.hop)
        self._bands = Bands(spec.rate, spec.hop)
        self._ear = Ear(settings.gate, spec, kinds)
        self._onset = Onset()
        self._deaf, self._no_ear = False, NoEar()
        self._runner = Runner(bundle)
        self._songs = SongChange(spec.columns)
        times = settings.tracker
        self._tracker = Tracker(times.rise_s, times.fall_s, times.valence_s, times.spread_s, times.rest_s)
        self.stage = Stage(palettes, strip.pixels, settings.light.scene)
        self._controls = AllControls([]) if controls is None else controls
        self.ended_by: str | None = None
        self.limiter = CurrentLimiter(strip.pixels, power.budget_ma, power.channel_ma, power.idle_ma)
        self._frames: deque[NDArray[np.float32]] = deque()
        # A window longer than the hop ends some hops after the one it begins with: its frame is held back till then.
        self._delay = math.ceil(spec.window / spec.hop) - 1
        self._since = 0  # hops since the start or the last gap
        self._frames_per_hop = max(1, round(frames_per_s * self._hop_s))
        self._emotion = UNKNOWN
        self._hops = 0
        self._heard_last = (FLOOR_DB, self._bands.silence)  # level and bands of the last hop
        self._heard = 0  # samples per slot, those lost too
        self.shown = 0

    @property
    def bad_samples(self) -> int:
        """Samples so far that were not numbers and counted as silence."""
        return self._conditioner.non_finite

    @property
    def heard(self) -> int:
        """Samples per slot so far, those that were lost too."""
        return self._heard

    @property
    def clipped_share(self) -> float:
        """Share of the samples of the last 5 s that were at full scale, 0 to 1."""
        return self._conditioner.clipped_share

    @property
    def knows_kinds(self) -> bool:
        """Whether speech and noise are told from music."""
        return self._ear.knows_kinds

    @property
    def limited_share(self) -> float:
        """Share of the light frames so far that the current limiter dimmed, 0 to 1."""
        return self.limiter.limited_frames / max(1, self._hops * self._frames_per_hop)

    def hops(self) -> Iterator[Hop]:
        """Listen until the source ends, or until someone ends it; then ended_by says how, "quit" or "shutdown"."""
        while not self._over and (block := self._microphone.read()) is not None:
            yield from self._hear(block)
        yield from self._follow(self._conditioner.flush())

    @property
    def _over(self) -> bool:
        return self.ended_by is not None and self.stage.dark

    def _hear(self, block: Block) -> Iterator[Hop]:
        away_s = (block.lost + block.deaf * len(block.samples)) / self._microphone.rate
        if block.lost:
            yield from self._bridge(block)
            # What comes now does not follow what was: a feature or a state across the gap would be made up.
            self._extractor.reset()
            self._level.reset()
            self._bands.reset()
            self._onset.reset()
            self._runner.reset()
            self._songs.reset()
            if away_s >= ANOTHER_S:
                self._tracker.hurry()
            self._frames.clear()
            self._since = 0
        self._deaf = block.deaf
        if away_s > 0:
            self._ear.gap(away_s)
            if self._normalizer is not None:
                self._normalizer.gap(away_s)
        self._heard += block.lost + len(block.samples)
        yield from self._follow(self._conditioner.process(block))

    def _bridge(self, block: Block) -> Iterator[Hop]:
        """The hop of a gap's end, if any: light and controls go on, also where gaps leave no hop whole."""
        # By the samples, so that the parts of a hop that are let go at each gap don't add up.
        due = round((self._heard + block.lost) / self._microphone.rate / self._hop_s)
        if due > self._hops and not self._over:
            self._hops = due - 1
            yield self._hop(None, *self._heard_last)

    def _follow(self, samples: NDArray[np.float32]) -> Iterator[Hop]:
        if self._normalizer is None or self._deaf:
            yield from self._hops_of(samples, samples)
        else:
            for part in self._normalizer.parts(samples):
                yield from self._hops_of(part, self._normalizer.process(part))

    def _hops_of(self, samples: NDArray[np.float32], normalized: NDArray[np.float32]) -> Iterator[Hop]:
        self._frames.extend(self._extractor.process(normalized))
        for level_db, bands_db in zip(self._level.process(samples), self._bands.process(samples), strict=True):
            if self._over:
                return
            features = None
            if self._since >= self._delay:
                features = self._frames.popleft()
                # While nothing is known of what comes after a gap, what was felt before it stays.
                if (felt := self._runner.process(features)) is not UNKNOWN:
                    self._emotion = felt
            self._since += 1
            self._heard_last = (float(level_db), bands_db)
            yield self._hop(features, float(level_db), bands_db)

    def _turn(self, change: Change) -> None:
        """Another song: what was felt before has nothing to do with it."""
        if change == "pause":
            self._runner.reset()
        else:
            self._emotion = self._runner.renew()
        self._tracker.hurry()

    def _obey(self, event: str) -> None:
        if event in ("quit", "shutdown"):
            self.ended_by = event
            self.stage.off()
        elif self.ended_by is not None:
            return  # what was begun is finished: the light goes out
        elif event == "next_scene":
            self.stage.next_scene()
        elif event == "next_palette":
            self.stage.next_palette()
        elif event == "toggle":
            self.stage.toggle()
        else:
            raise ValueError(f"there is no control {event!r}")

    def _hop(self, features: NDArray[np.float32] | None, level_db: float, bands_db: NDArray[np.float64]) -> Hop:
        # Silence that was not heard tells nothing of the room.
        sound = NOTHING if self._deaf else self._ear.process(features, level_db, self._hop_s)
        if self._normalizer is not None and not self._deaf:
            kind: Kind = "music" if sound == "music" else "perhaps" if self._ear.unsure else "other"
            self._normalizer.learn(level_db, kind)
        change = self._songs.process(features, sound, self._hop_s)
        if change is not None:
            self._turn(change)
        onset = self._onset.process(bands_db, self._hop_s)
        emotion = self._tracker.process(self._emotion, sound, self._hop_s)
        end_s = (self._hops + 1) * self._hop_s
        frame_s = self._hop_s / self._frames_per_hop
        for left in range(self._frames_per_hop, 0, -1):
            # Counted back from the end, so that the last one has the same time at any rate.
            t_s = end_s - left / FRAMES_PER_S
            for event in self._controls.events():
                self._obey(event)
            frame = self.stage.process(emotion, level_db, onset, sound, t_s)
            brightness = np.float32(self.stage.weigh(self._brightness.__getitem__))
            frame = frame * (brightness * np.float32(self._no_ear.process(self._deaf, frame_s)))
            if not self._strip.keeps_limit:
                frame = self.limiter.process(frame)
            self._wait(t_s)
            self._strip.show(frame)
            self.shown += 1
        self._hops += 1
        return Hop(self._hops * self._hop_s, emotion, sound, level_db, frame.mean(axis=0))
