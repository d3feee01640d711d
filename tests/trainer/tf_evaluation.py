"""Cross-validation: who trains on what, on which scale answers come back, and what is fitted again."""

from collections.abc import Iterator
from pathlib import Path

import jax
import keras
import numpy as np
import pytest

from device.errors import InputError
from device.features.pooling import pooled_columns
from tests.trainer import made_up
from trainer import evaluation, fitting
from trainer.batches import Batches
from trainer.dataset import Dataset
from trainer.evaluation import HeldOut, Work, cross_validate, gathered
from trainer.folds import fold_of
from trainer.models.recurrent import build
from trainer.prediction import Predictor
from trainer.protocols import Protocol
from trainer.recipe import Recipe
from trainer.run_folder import RunFolder
from trainer.storage import read_json

CONSTANT = 0.5
"""What the network below says of every rating, in deviations of the training clips."""


@pytest.fixture
def fitted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[int, list[int]]]]:
    """(tag, training clips) of every training; no time is spent on one."""
    seen: list[tuple[int, list[int]]] = []

    class Constant:
        def __init__(self, data: Dataset, chosen: np.ndarray, recipe: Recipe, tag: int, checkpoint: Path) -> None:
            seen.append((tag, chosen.tolist()))
            self.batches = Batches(data, chosen, recipe, pooled_columns(recipe.features.columns))
            self.model = build(recipe.model, self.batches.mean, self.batches.deviation, seed=tag)

        def run(self, progress: fitting.Progress) -> keras.Model:
            layer = self.model.get_layer("ratings")
            kernel, bias = layer.get_weights()
            layer.set_weights([0 * kernel, 0 * bias + CONSTANT])
            return self.model

    monkeypatch.setattr(fitting, "Fitting", Constant)
    # All of them compile to the same.
    monkeypatch.setattr(jax, "clear_caches", lambda: None)
    return seen


def work(folder: Path, data: Dataset, used: Recipe, protocol: Protocol, conditions: dict | None = None) -> Work:
    folder.mkdir(parents=True, exist_ok=True)
    return Work(RunFolder(folder), used, data, protocol, conditions or {})


def artist(data: Dataset, folds: int = 2) -> Protocol:
    return Protocol("artist", fold_of(data.clips, "artist", folds, 0), 10_000)


def test_nobody_trains_on_what_it_is_tested_on(tmp_path: Path, fitted: list[tuple[int, list[int]]]) -> None:
    used = made_up.recipe()
    data = made_up.dataset(used, 16)
    protocol = artist(data)
    held = cross_validate(work(tmp_path, data, used, protocol), jobs=1)
    assert len(fitted) == 4
    assert len({tag for tag, _ in fitted}) == 4
    for tag, chosen in fitted:
        number = (tag - 10_000) // 50
        assert chosen == protocol.kept(number).tolist()
        out = {(data.clips[i].corpus, data.clips[i].group) for i in protocol.left_out(number)}
        assert not out & {(data.clips[i].corpus, data.clips[i].group) for i in chosen}
    assert sorted(held.positions.tolist()) == list(range(16))


def test_answers_are_on_the_scale_of_the_training_clips(tmp_path: Path, fitted: list[tuple[int, list[int]]]) -> None:
    used = made_up.recipe(members=1)
    data = made_up.dataset(used, 16)
    protocol = artist(data)
    held = cross_validate(work(tmp_path, data, used, protocol), jobs=1)
    for row, position in enumerate(held.positions):
        if position % 2 == 0:
            continue
        kept = [i for i in protocol.kept(int(protocol.fold[position])) if i % 2]
        valence = data.means[kept, 0].astype(float)
        assert held.told.ratings[row, 0] == pytest.approx(valence.mean() + CONSTANT * valence.std(), abs=1e-5)
    # A corpus that nobody trained on has no scale to come back to.
    strange = Protocol("without_soundtracks360", np.where(np.arange(16) % 2, 0, -1), 60_000)
    held = cross_validate(work(tmp_path, data, used, strange), jobs=1)
    np.testing.assert_allclose(held.told.ratings, CONSTANT, atol=1e-6)


def test_only_what_is_missing_is_fitted_again(tmp_path: Path, fitted: list[tuple[int, list[int]]]) -> None:
    used = made_up.recipe()
    data = made_up.dataset(used, 16)
    task = work(tmp_path, data, used, artist(data))
    first = cross_validate(task, jobs=1)
    files = sorted((tmp_path / "folds").iterdir())
    assert len(files) == 4
    times = {path: path.stat().st_mtime_ns for path in files}
    for spoil in (Path.unlink, lambda path: path.write_bytes(b"PK nothing")):
        fitted.clear()
        spoil(files[2])
        again = cross_validate(task, jobs=1)
        assert [tag for tag, _ in fitted] == [10_050]
        np.testing.assert_array_equal(first.told.ratings, again.told.ratings)
        assert all(path.stat().st_mtime_ns == times[path] for path in files if path != files[2])
    files[0].unlink()
    with pytest.raises(InputError, match=r"artist_2_fold_0_member_0\.npz is missing; run the evaluation again"):
        gathered(task)


def test_other_clips_or_conditions_are_other_answers(tmp_path: Path, fitted: list[tuple[int, list[int]]]) -> None:
    used = made_up.recipe(members=1)
    data = made_up.dataset(used, 16)
    cross_validate(work(tmp_path, data, used, artist(data)), jobs=1)
    fitted.clear()
    frames = [data.plain.of(i) for i in range(16)]
    task = work(tmp_path, data, used, artist(data), {"room": [2 * own for own in frames], "same": frames})
    held = cross_validate(task, jobs=1)
    assert len(fitted) == 2
    np.testing.assert_allclose(held.conditions["same"].quadrant, held.told.quadrant, atol=1e-6)
    assert np.abs(held.conditions["room"].quadrant - held.told.quadrant).max() > 1e-4
    more = made_up.dataset(used, 20)
    fitted.clear()
    cross_validate(work(tmp_path, more, used, artist(more)), jobs=1)
    assert len(fitted) == 2


def test_steps_are_kept_where_the_protocol_says_so(tmp_path: Path, fitted: list[tuple[int, list[int]]]) -> None:
    used = made_up.recipe(corpora=("soundtracks360", "vgmidi"))
    data = made_up.dataset(used, own=[*made_up.clips(8)[1::2], *made_up.pieces(5)], shortest=20)
    fold = np.where(np.arange(9) < 4, -1, np.arange(9) % 5)
    protocol = Protocol("vgmidi", fold, 50_000, steps=True)
    held = cross_validate(work(tmp_path, data, used, protocol), jobs=1)
    assert all(set(range(4)) <= set(chosen) for _, chosen in fitted)
    for row, (position, steps) in enumerate(zip(held.positions, held.steps, strict=True)):
        assert len(steps.emotion) == len(steps.ratings) == data.plain.lengths[position]
        # A clip's answer is the mean over its steps after the warm-up.
        mean = steps.mean(used.warmup_steps)
        np.testing.assert_allclose(mean.quadrant[0], held.told.quadrant[row], atol=1e-5)
        np.testing.assert_allclose(mean.ratings[0], held.told.ratings[row], atol=1e-5)
        others = [i for i in range(4, 9) if fold[i] != fold[position]]
        valence = data.means[others, 0].astype(float)
        assert steps.ratings[-1, 0] == pytest.approx(valence.mean() + CONSTANT * valence.std(), abs=1e-5)


def test_a_real_fold_comes_out_the_same_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used = made_up.recipe(members=1, epochs=1)
    data = made_up.dataset(used, 16)
    task = work(tmp_path, data, used, artist(data))
    models: list[keras.Model] = []

    class Kept(Predictor):
        def __init__(self, model: keras.Model) -> None:
            models.append(model)
            super().__init__(model)

    monkeypatch.setattr(evaluation, "Predictor", Kept)
    first: HeldOut = cross_validate(task, jobs=1)
    (tmp_path / "folds" / "artist_2_fold_1_member_0.npz").unlink()
    again = cross_validate(task, jobs=1)
    assert len(models) == 3
    for part in ("emotion", "quadrant", "ratings"):
        np.testing.assert_array_equal(getattr(first.told, part), getattr(again.told, part))
    assert not list(tmp_path.glob("checkpoints/*"))
    assert (tmp_path / "log.jsonl").read_text().count("artist_2_fold_1_member_0") == 2


def test_a_proof_holds_networks_and_the_clips_they_have_not_seen(
    tmp_path: Path, fitted: list[tuple[int, list[int]]]
) -> None:
    used = made_up.recipe()
    data = made_up.dataset(used, 16)
    protocol = Protocol("artist", fold_of(data.clips, "artist", 2, 0), 10_000, proof=True)
    task = work(tmp_path, data, used, protocol)
    held = cross_validate(task, jobs=1)
    folder = tmp_path / "proof"
    listed = read_json(folder / "proof.json")
    assert listed["warmup_steps"] == used.warmup_steps
    told, quadrants = [], []
    for number, fold in enumerate(listed["folds"]):
        rows = np.load(folder / fold["held_out"])
        out = protocol.left_out(number)
        np.testing.assert_array_equal(rows["quadrant"], data.quadrants[out])
        np.testing.assert_array_equal(rows["ratings"], data.means[out, :2])
        frames = np.split(rows["frames"], rows["starts"][1:-1])
        for own, position in zip(frames, out, strict=True):
            np.testing.assert_array_equal(own, data.plain.of(position))
        networks = [keras.saving.load_model(folder / name, compile=False) for name in fold["networks"]]
        answers = [Predictor(network).clips(frames, listed["warmup_steps"]) for network in networks]
        ratings = np.mean([answer.ratings[:, :2] for answer in answers], axis=0)
        told.append(ratings * rows["spread"] + rows["offset"])
        quadrants.append(np.mean([answer.quadrant for answer in answers], axis=0))
    # Whoever has the proof alone comes to the scores of the evaluation.
    np.testing.assert_allclose(np.concatenate(told), held.told.ratings[:, :2], atol=1e-5)
    np.testing.assert_allclose(np.concatenate(quadrants), held.told.quadrant, atol=1e-5)


@pytest.mark.parametrize("gone", ["artist_2_fold_1_member_0.keras", "artist_2_fold_1.npz", "proof.json"])
def test_a_proof_is_made_whole_again(tmp_path: Path, fitted: list[tuple[int, list[int]]], gone: str) -> None:
    used = made_up.recipe(members=1)
    data = made_up.dataset(used, 16)
    task = work(tmp_path, data, used, Protocol("artist", fold_of(data.clips, "artist", 2, 0), 10_000, proof=True))
    cross_validate(task, jobs=1)
    fitted.clear()
    (tmp_path / "proof" / gone).unlink()
    cross_validate(task, jobs=1)
    assert (tmp_path / "proof" / gone).is_file()
    assert [tag for tag, _ in fitted] == ([] if gone == "proof.json" else [10_050])
