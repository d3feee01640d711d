"""A run's evaluation: protocol after protocol, each kept as soon as it is done."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from device.errors import InputError
from trainer import scoring, stability
from trainer.augmentation.change import CONDITIONS, Change
from trainer.backend import use_jax
from trainer.corpora import registry
from trainer.dataset import Dataset
from trainer.evaluation import Conditions, HeldOut, Work, cross_validate, groups_of
from trainer.loading import heard, load
from trainer.protocols import CHECK, NAMES, corpora_of, protocols
from trainer.recipe import Recipe
from trainer.rendering import is_midi
from trainer.run_folder import RunFolder, commit
from trainer.scoring import Sheet
from trainer.storage import read_json, write_arrays, write_json

STABILITY = "stability"
CHOICES = (*NAMES, STABILITY, CHECK)

MOST_FOLDS, MOST_MEMBERS, MOST_REPETITIONS = 40, 50, 10
"""Beyond these two trainings would share a seed (Protocol.tag, evaluation.fit_fold)."""


class Judgement(msgspec.Struct, frozen=True):
    """What an evaluation needs. command: for the record, without names of this machine's folders."""

    run: RunFolder
    recipe: Recipe
    corpora: Path
    cache: Path
    folds: int
    repetitions: int
    jobs: int
    command: str

    def judge(self, names: Sequence[str]) -> None:
        """Evaluate by the named protocols (of CHOICES), printing scores; RUN/scores.json grows with each.

        InputError for a second CHECK of the same run: its folds are untouched only once.
        """
        if self.folds > MOST_FOLDS or self.recipe.members > MOST_MEMBERS or self.repetitions > MOST_REPETITIONS:
            raise InputError(f"At most {MOST_FOLDS} folds, {MOST_MEMBERS} members and {MOST_REPETITIONS} repetitions.")
        if CHECK in names and CHECK in self._before()["runs"]:
            raise InputError(f"{self.run.folder} has had its last check; a second look would no longer be one.")
        data: dict[tuple[str, ...], Dataset] = {}
        for name in names:
            sheet = Sheet(self.recipe.seed)
            if name == STABILITY:
                self._stability(sheet)
            else:
                used = corpora_of(name, self.recipe.corpora)
                absent = [corpus for corpus in used if not (self.corpora / registry.find(corpus).folder).is_dir()]
                if absent and absent[0] not in self.recipe.corpora:
                    print(f"{name} needs the corpus {absent[0]}, which is not there; left out", file=sys.stderr)
                    continue
                if used not in data:
                    data.clear()
                    data[used] = load(self._recipe(used), self.corpora, self.cache, self.jobs)
                self._cross_validate(name, data[used], used, sheet)
            for key, value in sheet.scores.items():
                low_high = "  ({:.4f} to {:.4f})".format(*sheet.intervals[key]) if key in sheet.intervals else ""
                print(f"{key:<44}{value:>8.4f}{low_high}", flush=True)
            if sheet.scores:
                self._keep(name, sheet)

    def _recipe(self, used: tuple[str, ...]) -> Recipe:
        weights = dict(zip(self.recipe.corpora, self.recipe.weights, strict=True))
        return msgspec.structs.replace(
            self.recipe, corpora=used, weights=tuple(weights.get(name, 1.0) for name in used)
        )

    def _cross_validate(self, name: str, data: Dataset, used: tuple[str, ...], sheet: Sheet) -> None:
        every = protocols(name, data.clips, self.folds, self.repetitions, self.recipe.seed)
        if not every:
            print(f"{name} needs a corpus that the run does not use; left out", file=sys.stderr)
        done = []
        for protocol in every:
            conditions = self._conditions(data) if protocol.conditions else {}
            prints = tuple(change.fingerprint for change in self._changes) if protocol.conditions else ()
            work = Work(self.run, self._recipe(used), data, protocol, conditions, prints)
            held = cross_validate(work, self.jobs)
            done.append(held)
            scoring.score(held, data, sheet)
            write_arrays(self.run.folder / "held_out" / f"{protocol.name}.npz", **_record(held, data, self.recipe))
        if name == "stratified" and every:
            scoring.repeated(sheet, done, data)

    @property
    def _changes(self) -> list[Change]:
        return [Change(name, 0, str(self.corpora)) for name in CONDITIONS]

    def _conditions(self, data: Dataset) -> Conditions:
        changes = self._changes
        usable, frames = heard(data.clips, changes, self.recipe, self.cache, self.jobs)
        if tuple(usable) != data.clips:
            raise InputError("Some clips can't be heard in every condition; see the lines above and take them out.")
        return {change.name.removeprefix("test_"): own for change, own in zip(changes, frames, strict=True)}

    def _stability(self, sheet: Sheet) -> None:
        if not self.run.finished:
            print("stability needs the run's own networks; fit it first", file=sys.stderr)
            return
        use_jax()
        import keras

        used = self.run.recipe()
        clips = [clip for name in used.corpora for clip in registry.load(name, self.corpora).clips]
        # Every corpus of sound serves; MIDI would have to be rendered first.
        models = [keras.saving.load_model(self.run.member(i), compile=False) for i in range(used.members)]
        try:
            curve = stability.error_curve([clip.path for clip in clips if not is_midi(clip.path)], models, used)
        except InputError as error:
            # Small corpora of one's own lack long clips; all other protocols still tell something.
            print(error, file=sys.stderr)
            return
        mean = curve.mean(axis=0)
        sheet.add("stability_error_at_once", float(mean[0]))
        for seconds in (5, 10, 15, 20):
            sheet.add(f"stability_error_{seconds}s", float(mean[round(seconds / self.recipe.step_s) - 1]))
        sheet.add("stability_error_settled", stability.settled_error(curve, self.recipe.step_s))
        late = curve[:, round(stability.SETTLED_S / self.recipe.step_s) :]
        sheet.add("stability_error_worst_clip_settled", float(late.max(initial=0.0)))
        step_s = np.array(self.recipe.step_s)
        write_arrays(self.run.folder / "held_out" / "stability.npz", error=curve.astype(np.float32), step_s=step_s)

    def _before(self) -> dict[str, Any]:
        path = self.run.folder / "scores.json"
        nothing: dict[str, Any] = {"scores": {}, "intervals": {}, "runs": {}}
        return nothing | read_json(path) if path.is_file() else nothing

    def _keep(self, name: str, sheet: Sheet) -> None:
        before = self._before()
        now = datetime.now(UTC).isoformat(timespec="seconds")
        origin = {
            "command": self.command,
            "seed": self.recipe.seed,
            "date": now,
            "commit": commit(),
            "members": self.recipe.members,
            "folds": self.folds,
            "repetitions": self.repetitions,
        }
        content = {
            "protocol": protocol_text(self.recipe, self.folds, self.repetitions),
            "scores": {**before["scores"], **sheet.scores},
            "intervals": {**before["intervals"], **sheet.intervals},
            "runs": {**before["runs"], name: origin},
            **origin,
        }
        write_json(self.run.folder / "scores.json", content)


def protocol_text(recipe: Recipe, folds: int, repetitions: int) -> dict[str, Any]:
    """What the scores mean, for the card."""
    return {
        "folds": folds,
        "artist": "4QAED: stratified folds grouped by artist; Soundtracks: folds grouped by album, left out jointly",
        "stratified": f"4QAED: stratified folds of clips, artists on both sides; mean of {repetitions} repetitions",
        "vgmidi": "five folds of pieces, the other corpora in every training set; all steps of all pieces together",
        "without_CORPUS": "trained without that corpus, tested on all of it: 4QAED by the signs of standardized "
        "ratings (f1_medians: around the middle of what is told, without labels), Soundtracks by what quadrants expect",
        "check": "as artist, with other folds, run once when everything was chosen; the clips are the same",
        "conditions": "mean change of a clip's mean valence and arousal, and loss of F1, in rooms and noises that "
        "training never used; all: room, noise 10 dB below, microphone and -20 dB together",
        "stability": "change of the run's own networks, which know the clips, after ten minutes of other music",
        "prediction": f"mean over the ensemble and over the steps after {recipe.warmup_s:g} s",
        "quadrant": "the quadrant head's most probable class; f1_signs: the signs of the lamp's (valence, arousal)",
        "r2": "1 - SSE / SST over all held-out clips together, ratings head, on the scale of the training clips",
        "intervals": "95 %, bootstrap over artists, albums or pieces",
        "members": recipe.members,
        "selection": "recipe and features were chosen by hand on artist-grouped folds of seed 0 and their conditions, "
        "so all lean high, check least",
    }


def _record(held: HeldOut, data: Dataset, recipe: Recipe) -> dict[str, Any]:
    """Everything that a report shows of one cross-validation, without the corpora at hand."""
    chosen = held.positions
    record: dict[str, Any] = {
        "names": np.array([f"{data.clips[i].corpus}/{data.clips[i].id}" for i in chosen]),
        "groups": np.array(groups_of(data, chosen)),
        "fold": held.protocol.fold[chosen],
        "true_quadrant": data.quadrants[chosen],
        "true_ratings": data.means[chosen],
        "features": np.array([data.plain.of(int(i)).mean(axis=0) for i in chosen]),
        "emotion": held.told.emotion,
        "quadrant": held.told.quadrant,
        "ratings": held.told.ratings,
    }
    for condition, told in held.conditions.items():
        record[f"emotion@{condition}"] = told.emotion
        record[f"quadrant@{condition}"] = told.quadrant
    if held.steps:
        record["step_s"] = np.array(recipe.step_s)
        record["step_starts"] = np.cumsum([0, *(len(steps.emotion) for steps in held.steps)])
        record["step_true"] = np.concatenate([data.plain.ratings_of(int(i))[:, :2] for i in chosen])
        record["step_told"] = np.concatenate([steps.ratings[:, :2] for steps in held.steps])
    return record
