"""The sheet holds what the held-out answers come to, by hand and by name."""

from dataclasses import replace

import numpy as np
import pytest

from tests.trainer import made_up
from trainer import scores, scoring
from trainer.dataset import Dataset
from trainer.evaluation import HeldOut
from trainer.prediction import Told, average
from trainer.protocols import Protocol
from trainer.scoring import Sheet
from trainer.targets import RATINGS


@pytest.fixture(name="data")
def _data() -> Dataset:
    used = made_up.recipe()
    return made_up.dataset(used, own=[*made_up.clips(24), *made_up.pieces(3)], shortest=30)


def told(data: Dataset, positions: np.ndarray, seed: int, noise: float = 0.4) -> Told:
    """The truth, more or less; where there is none, anything."""
    rng = np.random.default_rng(seed)
    quadrant = np.eye(4)[np.maximum(data.quadrants[positions], 0)] + noise * rng.random((len(positions), 4))
    ratings = np.nan_to_num(data.means[positions]) + noise * rng.standard_normal((len(positions), len(RATINGS)))
    return Told(np.tanh(ratings[:, :2]), quadrant / quadrant.sum(axis=1, keepdims=True), ratings)


def held_out(data: Dataset, name: str, positions: np.ndarray, **more: object) -> HeldOut:
    fold = np.full(len(data.clips), -1)
    fold[positions] = np.arange(len(positions)) % 2
    members = [told(data, positions, seed) for seed in (1, 2)]
    given = {"conditions": {}, "steps": [], **more}
    return HeldOut(Protocol(name, fold, 0), positions, members, average(members), **given)


def test_artist_scores_by_hand(data: Dataset) -> None:
    # In no order of the dataset: folds come one after the other.
    positions = np.random.default_rng(0).permutation(24)
    held, sheet = held_out(data, "artist", positions), Sheet(0)
    scoring.score(held, data, sheet)
    songs, films = positions % 2 == 0, positions % 2 == 1
    truth, said = data.quadrants[positions[songs]], held.told.quadrant[songs].argmax(axis=1)
    assert sheet.scores["4qaed_f1_artist"] == round(scores.macro_f1(truth, said), 4)
    assert sheet.scores["4qaed_accuracy_artist"] == round(float((truth == said).mean()), 4)
    one = np.mean([scores.macro_f1(truth, member.quadrant[songs].argmax(axis=1)) for member in held.members])
    assert sheet.scores["4qaed_f1_one_member_artist"] == round(float(one), 4)
    for column, axis in enumerate(("valence", "energy")):
        rated, answer = data.means[positions[films], column], held.told.ratings[films, column]
        for kind, value in scores.regression(rated, answer).items():
            assert sheet.scores[f"soundtracks_{kind}_{axis}"] == pytest.approx(value, abs=6e-5)
        low, high = sheet.intervals[f"soundtracks_r2_{axis}"]
        assert low <= sheet.scores[f"soundtracks_r2_{axis}"] <= high
    low, high = sheet.intervals["4qaed_f1_artist"]
    assert low <= sheet.scores["4qaed_f1_artist"] <= high
    assert not [name for name in sheet.scores if "vgmidi" in name or "change" in name]


def test_of_a_corpus_never_trained_on_the_other_head_has_to_tell(data: Dataset) -> None:
    songs, films = np.arange(0, 24, 2), np.arange(1, 24, 2)
    held, sheet = held_out(data, "without_soundtracks360", films), Sheet(0)
    scoring.score(held, data, sheet)
    quadrant = held.told.quadrant
    expected = quadrant[:, 0] + quadrant[:, 3] - quadrant[:, 1] - quadrant[:, 2]
    value = scores.pearson(data.means[films, 0], expected)
    assert sheet.scores["soundtracks_r_valence_without_soundtracks360"] == pytest.approx(value, abs=6e-5)
    assert not [name for name in sheet.scores if name.startswith("4qaed")]
    held, sheet = held_out(data, "without_4qaed", songs), Sheet(0)
    scoring.score(held, data, sheet)
    value = scores.macro_f1(data.quadrants[songs], scores.numbers_of(held.told.ratings))
    assert sheet.scores["4qaed_f1_without_4qaed"] == pytest.approx(value, abs=6e-5)
    assert not [name for name in sheet.scores if name.startswith("soundtracks")]


def test_stratified_repetitions_are_put_together(data: Dataset) -> None:
    sheet, runs = Sheet(0), []
    for number in (1, 2):
        positions = np.random.default_rng(number).permutation(24)
        runs.append(held_out(data, f"stratified_{number}", positions))
        scoring.score(runs[-1], data, sheet)
    scoring.repeated(sheet, runs, data)
    both = [sheet.scores[f"4qaed_f1_stratified_{i}"] for i in (1, 2)]
    assert sheet.scores["4qaed_f1_stratified"] == pytest.approx(np.mean(both), abs=6e-5)
    assert sheet.scores["4qaed_f1_stratified_sd"] == pytest.approx(np.std(both, ddof=1), abs=6e-5)
    low, high = sheet.intervals["4qaed_f1_stratified"]
    assert low <= sheet.scores["4qaed_f1_stratified"] <= high
    assert not [name for name in sheet.scores if name.startswith("soundtracks")]


def test_anyones_own_music_is_scored_too(data: Dataset) -> None:
    names = {"4qaed": "folder", "soundtracks360": "pmemo"}
    clips = tuple(replace(clip, corpus=names.get(clip.corpus, clip.corpus)) for clip in data.clips)
    own, sheet = replace(data, clips=clips), Sheet(0)
    scoring.score(held_out(own, "artist", np.arange(24)), own, sheet)
    assert 0 <= sheet.scores["folder_f1_artist"] <= 1
    assert {
        f"pmemo_{kind}_{axis}_artist" for kind in ("r2", "rmse", "ccc", "r") for axis in ("valence", "arousal")
    } <= set(sheet.intervals)


def test_curves_are_judged_step_by_step(data: Dataset) -> None:
    positions = np.array([26, 24, 25])
    rng = np.random.default_rng(3)
    steps = []
    for position in positions:
        rows = data.plain.ratings_of(int(position))
        answer = np.nan_to_num(rows) + 0.1 * rng.standard_normal(rows.shape)
        steps.append(Told(answer[:, :2], np.full((len(rows), 4), 0.25), answer))
    held, sheet = held_out(data, "vgmidi", positions, steps=steps), Sheet(0)
    scoring.score(held, data, sheet)
    rows = np.concatenate([data.plain.ratings_of(int(i)) for i in positions])
    answers = np.concatenate([one.ratings for one in steps])
    # Steps before a curve begins are not judged.
    known = np.isfinite(rows[:, 0])
    assert 0 < known.sum() < len(known)
    assert sheet.scores["vgmidi_ccc_valence"] == pytest.approx(scores.ccc(rows[known, 0], answers[known, 0]), abs=6e-5)
    assert sheet.scores["vgmidi_r_within_arousal"] > 0.8
    low, high = sheet.intervals["vgmidi_ccc_valence"]
    assert low <= sheet.scores["vgmidi_ccc_valence"] <= high


def test_conditions_are_held_against_the_plain_sound(data: Dataset) -> None:
    positions = np.arange(24)
    held = held_out(data, "artist", positions)
    moved = Told(held.told.emotion + np.array([0.1, -0.2]), np.roll(held.told.quadrant, 1, axis=1), held.told.ratings)
    held = held_out(data, "artist", positions, conditions={"room": moved, "quiet": held.told})
    sheet = Sheet(0)
    scoring.score(held, data, sheet)
    assert sheet.scores["change_valence_room"] == pytest.approx(0.1, abs=6e-5)
    assert sheet.scores["change_arousal_room"] == pytest.approx(0.2, abs=6e-5)
    assert sheet.scores["change_valence_quiet"] == 0.0
    assert sheet.scores["4qaed_f1_loss_quiet"] == 0.0
    plain, room = sheet.scores["4qaed_f1_artist"], sheet.scores["4qaed_f1_room"]
    assert sheet.scores["4qaed_f1_loss_room"] == pytest.approx(plain - room, abs=2e-4)
