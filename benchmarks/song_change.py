"""How soon the light is right after another song begins, on songs that the networks have not heard.

    python benchmarks/song_change.py --run runs/default --corpora DIR [--pairs 40] [--half 1] [--plot SVG]

Clips of 4QAED, 18 s of one and then one of the opposite quadrant, from the same fold of RUN/proof, so that its
networks have heard neither; --pairs for each of the four directions. Half 0 of the artists (by hash) was tuned on,
half 1 was not. Joined by a cut, a crossfade of 2 s, and pauses of 1 and 3 s; "6 dB" are cuts from a song as much
louder or quieter. All lie over noise at -85 dBFS, the hiss of a microphone, and are heard through the lamp's
conditioner, features, gate, runner, song change and tracker. What the gate hears is music; what it doesn't is silence.

In JSON, for every join, without and with SongChange ("old", "new"), and for a lamp switched on at the beginning of the
second song ("fresh"), at 2, 3, 5 and 10 s of that song: far, the mean distance in valence and arousal of the light from
what the network says at the end of the second song alone (mean of its last 5 s); near, the share within 0.25 of it;
as_fresh, the share within 0.25 of the light of "fresh" at that time; settled and label, the shares whose quadrant is
that of this answer, and that of the people; found, the share of changes told within 5 s.
Then, for the second songs alone: false_alarms in 10 minutes (of the time after the first 6 s, in which none can be),
alarm_shift, the mean distance in valence and arousal by which they move the light, over all the time, and the share of
songs over whose last 15 s the light's mean has the people's quadrant. hop_us: what SongChange takes, a hop, on this
machine.
Needs the trainer's and the conversion's packages. Plotting needs matplotlib.
"""

import argparse
import hashlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"  # that converts; the trainer's is another

import numpy as np
from joblib import Parallel, delayed

sys.path.insert(0, str(Path(__file__).parents[1]))

from device.emotion.bundle import Bundle, load_bundle
from device.emotion.runner import UNKNOWN, Runner
from device.emotion.shipped import SHIPPED
from device.emotion.tracker import Tracker
from device.features.extractor import FeatureExtractor
from device.features.spec import FeatureSpec
from device.hearing.condition import Conditioner
from device.hearing.gate import GateSettings, SoundGate
from device.hearing.level import Level
from device.hearing.song_change import LEAST, RECENT, STEP_S, SongChange
from hardware.microphone import Block

RATE, HOP_S = 24_000, 0.05
TIMES_S = (2, 3, 5, 10)
OPPOSITE = {"Q1": "Q3", "Q3": "Q1", "Q2": "Q4", "Q4": "Q2"}
JOINS = ("cut", "cut 6 dB", "fade", "pause 1", "pause 3")
FIRST_S, CURVE_S = 18, 12
NEAR = 0.25
DEAF_S = (RECENT + LEAST) * STEP_S


class Heard(NamedTuple):
    """Frames [hops, width] and levels [hops] of a sound; at_s: when the second song begins."""

    frames: np.ndarray
    level_db: np.ndarray
    at_s: float


class Felt(NamedTuple):
    """Every hop's answer and light [hops, 2], and the times at which a change was told."""

    answer: np.ndarray
    light: np.ndarray
    changes_s: list[float]


def joined(first: np.ndarray, second: np.ndarray, join: str, louder_db: float) -> tuple[np.ndarray, int]:
    """Both songs at equal power, and where the second begins."""
    a, b = (0.1 * song / np.sqrt(np.mean(np.square(song))) for song in (first, second))
    if join == "cut 6 dB":
        a = a * 10 ** (louder_db / 20)
    if join == "fade":
        count = 2 * RATE
        rise = np.sin(np.linspace(0, np.pi / 2, count))
        mixed = a[-count:] * rise[::-1] + b[:count] * rise
        return np.concatenate([a[:-count], mixed, b[count:]]), len(a) - count
    pause = np.zeros(int(join.split()[1]) * RATE if join.startswith("pause") else 0)
    return np.concatenate([a, pause, b]), len(a) + len(pause)


def hear(sound: np.ndarray, at: int, spec: FeatureSpec, rng: np.random.Generator) -> Heard:
    """What the lamp's hearing makes of it."""
    noisy = (sound + 10 ** (-85 / 20) * rng.standard_normal(len(sound))).astype(np.float32)
    conditioner = Conditioner(RATE, 1, RATE)
    samples = np.concatenate([conditioner.process(Block(noisy[:, None])), conditioner.flush()])
    frames, level_db = FeatureExtractor(spec).process(samples), Level(spec.hop).process(samples)
    return Heard(frames, level_db[: len(frames)], at / RATE)


def pair(number: int, paths: tuple[Path, Path], spec: FeatureSpec) -> dict[str, Heard]:
    """The second song alone, and after the first by every join."""
    from trainer.extraction import decoded

    rng = np.random.default_rng(number)
    first, second = (decoded(path, RATE).astype(np.float64) for path in paths)
    out = {"alone": hear(0.1 * second / np.sqrt(np.mean(np.square(second))), 0, spec, rng)}
    first = first[: int((FIRST_S + rng.uniform(0, 0.4)) * RATE)]
    second = second[: (CURVE_S + 2) * RATE]
    for join in JOINS:
        out[join] = hear(*joined(first, second, join, 6 if number % 2 else -6), spec, rng)
    return out


def feel(bundle: Bundle, heard: Heard, tells: bool) -> Felt:
    """As Lamp does it; tells: whether changes of song count."""
    runner, songs = Runner(bundle), SongChange(bundle.card.features.columns)
    tracker, gate = Tracker(), SoundGate(GateSettings())
    answers, light, changes_s = [], [], []
    for hop, (frame, level_db) in enumerate(zip(heard.frames, heard.level_db, strict=True), start=1):
        emotion = runner.process(frame)
        sound = gate.process(float(level_db), HOP_S)
        change = songs.process(frame, sound, HOP_S)
        if change is not None:
            changes_s.append(hop * HOP_S)
        if change is not None and tells:
            if change == "pause":
                runner.reset()
                emotion = UNKNOWN
            else:
                emotion = runner.renew()
            tracker.hurry()
        shown = tracker.process(emotion, sound, HOP_S)
        answers.append((emotion.valence, emotion.arousal))
        light.append((shown.valence, shown.arousal))
    return Felt(np.array(answers), np.array(light), changes_s)


def fold_bundles(run: Path) -> list[Bundle]:
    """The networks of each fold of RUN/proof, as the lamp runs them, in float32."""
    import msgspec

    from convert.graph import build_graph
    from convert.heldout import read_folds, read_proof
    from convert.members import load_member
    from convert.run import read_run
    from convert.tflite import to_tflite

    content, card = read_run(run), load_bundle(SHIPPED).card
    proof = read_proof(content)
    if proof is None:
        sys.exit(f"{run} has no proof: run 'python -m trainer evaluate {run} --protocol artist' first.")
    bundles = []
    for fold in read_folds(content, proof):
        graph = build_graph([load_member(path, content.width) for path in fold.networks], content.width)
        changed = msgspec.structs.replace(card, quantization="float32", members=len(fold.networks))
        bundles.append(Bundle(changed, to_tflite(graph, "float32")))
    return bundles


def pairs(run: Path, corpora: Path, count: int, half: int) -> list[tuple[int, tuple[Path, Path], int]]:
    """(fold, both files, quadrant of the second, 0 to 3), the same in every run."""
    from trainer.corpora import registry
    from trainer.protocols import protocols
    from trainer.run_folder import RunFolder

    recipe = RunFolder(run).recipe()
    clips = [clip for name in recipe.corpora for clip in registry.load(name, corpora).clips]
    folds = protocols("artist", clips, 10, 1, recipe.seed)[0]
    rng = np.random.default_rng(0)
    found: dict[str, list[tuple[int, tuple[Path, Path], int]]] = {quadrant: [] for quadrant in OPPOSITE}
    for number in range(folds.count):
        own = [clips[i] for i in folds.left_out(number) if clips[i].corpus == "4qaed"]
        own = [clip for clip in own if hashlib.sha256(clip.group.encode()).digest()[0] % 2 == half]
        for here, there in OPPOSITE.items():
            firsts = rng.permutation([i for i, clip in enumerate(own) if clip.quadrant == here])
            seconds = rng.permutation([i for i, clip in enumerate(own) if clip.quadrant == there])
            found[here] += [
                (number, (own[a].path, own[b].path), list(OPPOSITE).index(there))
                for a, b in zip(firsts, seconds, strict=False)
            ]
    chosen = []
    for own_pairs in found.values():
        chosen += [own_pairs[i] for i in rng.permutation(len(own_pairs))[:count]]
    return chosen


def quadrants(points: np.ndarray) -> np.ndarray:
    """0 to 3 for Q1 to Q4, of [..., 2]."""
    up, right = points[..., 1] >= 0, points[..., 0] >= 0
    return np.where(up, np.where(right, 0, 1), np.where(right, 3, 2))


def one(number: int, paths: tuple[Path, Path], label: int, bundle: Bundle) -> dict[str, dict[str, Any]]:
    """Of each join and way: light [CURVE_S, 2] after the change, what it should be, and whether it was found."""
    sounds = pair(number, paths, bundle.card.features)
    alone = {way: feel(bundle, sounds["alone"], way == "new") for way in ("old", "new")}
    settled = alone["old"].answer[-round(5 / HOP_S) :].mean(axis=0)
    out: dict[str, dict[str, Any]] = {
        "alone": {
            "minutes": (len(sounds["alone"].frames) * HOP_S - DEAF_S) / 60,
            "shift": float(np.linalg.norm(alone["new"].light - alone["old"].light, axis=1).mean()),
            "alarms": len(alone["new"].changes_s),
            **{way: quadrants(felt.light[-round(15 / HOP_S) :].mean(axis=0)) == label for way, felt in alone.items()},
        }
    }

    def after(felt: Felt, at_s: float) -> np.ndarray:
        at = round(at_s / HOP_S)
        return felt.light[at : at + round(CURVE_S / HOP_S)]

    for join in JOINS:
        heard = sounds[join]
        old, new = feel(bundle, heard, False), feel(bundle, heard, True)
        out[join] = {
            "old": after(old, heard.at_s),
            "new": after(new, heard.at_s),
            "fresh": after(alone["old"], 0.0),
            "settled": settled,
            "label": label,
            "found": any(heard.at_s - 3 < t_s <= heard.at_s + 5 for t_s in new.changes_s),
        }
    return out


def summary(results: list[dict[str, dict[str, Any]]]) -> tuple[dict[str, Any], dict[str, dict[str, np.ndarray]]]:
    """What main prints, and the mean distance over time [hops] by join and way."""
    numbers: dict[str, Any] = {"pairs": len(results), "times_s": TIMES_S}
    curves: dict[str, dict[str, np.ndarray]] = {}
    settled = np.array([own["cut"]["settled"] for own in results])
    label = np.array([own["cut"]["label"] for own in results])
    at = [round(t_s / HOP_S) - 1 for t_s in TIMES_S]
    for join in JOINS:
        fresh = np.array([own[join]["fresh"] for own in results])
        rows: dict[str, Any] = {"found": float(np.mean([own[join]["found"] for own in results]))}
        curves[join] = {}
        for way in ("old", "new", "fresh"):
            light = np.array([own[join][way] for own in results])
            far = np.linalg.norm(light - settled[:, None], axis=2)
            kind = quadrants(light)
            curves[join][way] = far.mean(axis=0)
            rows[way] = {
                "far": far[:, at].mean(axis=0).round(3).tolist(),
                "near": (far[:, at] < NEAR).mean(axis=0).round(3).tolist(),
                "as_fresh": (np.linalg.norm(light - fresh, axis=2) < NEAR)[:, at].mean(axis=0).round(3).tolist(),
                "settled": (kind == quadrants(settled)[:, None])[:, at].mean(axis=0).round(3).tolist(),
                "label": (kind == label[:, None])[:, at].mean(axis=0).round(3).tolist(),
            }
        numbers[join] = rows
    alone = [own["alone"] for own in results]
    minutes = sum(own["minutes"] for own in alone)
    numbers["minutes_alone"] = round(minutes, 1)
    numbers["false_alarms"] = round(10 * sum(own["alarms"] for own in alone) / minutes, 2)
    numbers["alarm_shift"] = round(float(np.mean([own["shift"] for own in alone])), 4)
    numbers["accuracy_alone"] = {way: float(np.mean([own[way] for own in alone])) for way in ("old", "new")}
    return numbers, curves


def hop_us(spec: FeatureSpec) -> float:
    """Microseconds of SongChange for a hop."""
    frames = np.random.default_rng(0).normal(-40, 5, (4000, spec.width)).astype(np.float32)
    songs = SongChange(spec.columns)
    begin_s = time.perf_counter()
    for frame in frames:
        songs.process(frame, "music", HOP_S)
    return 1e6 * (time.perf_counter() - begin_s) / len(frames)


def plot(path: str, curves: dict[str, dict[str, np.ndarray]]) -> None:
    """Mean distance against seconds since the change."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "song change"  # the same picture has the same bytes
    from matplotlib import pyplot

    figure, every = pyplot.subplots(1, 3, figsize=(10, 3.4), sharey=True, layout="constrained")
    titles = {"cut": "A cut", "fade": "A crossfade of 2 s", "pause 3": "A pause of 3 s"}
    looks = {
        "old": ("#b0722c", "-", "without"),
        "new": ("#1b6d8c", "-", "with song changes"),
        "fresh": ("#777777", "--", "lamp switched on at 0 s"),
    }
    for axes, (join, title) in zip(every, titles.items(), strict=True):
        for way, (color, line, name) in looks.items():
            far = curves[join][way]
            axes.plot(HOP_S * np.arange(1, len(far) + 1), far, color=color, linestyle=line, label=name)
        axes.axvline(5, color="#bbbbbb", linewidth=0.8)
        axes.set(xlabel="seconds since the second song began", title=title, xlim=(0, CURVE_S), ylim=(0, None))
        axes.spines[["top", "right"]].set_visible(False)
    every[0].set_ylabel("distance from the settled answer\n(valence–arousal plane, −1 to 1)")
    every[0].legend(frameon=False)
    figure.savefig(path, format="svg", metadata={"Date": None})


def main() -> None:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=40, help="for each direction")
    parser.add_argument("--half", type=int, choices=(0, 1), default=1)
    parser.add_argument("--jobs", type=int, default=-1)
    parser.add_argument("--plot", metavar="SVG", help="draw it too")
    options = parser.parse_args()
    chosen = pairs(options.run, options.corpora, options.pairs, options.half)
    bundles = fold_bundles(options.run)
    results = Parallel(options.jobs)(
        delayed(one)(number, paths, label, bundles[fold]) for number, (fold, paths, label) in enumerate(chosen)
    )
    numbers, curves = summary(results)
    numbers["hop_us"] = round(hop_us(bundles[0].card.features), 1)
    if options.plot:
        plot(options.plot, curves)
    print(json.dumps(numbers))


if __name__ == "__main__":
    main()
