"""Tuning: looking for a better recipe, on folds that neither `evaluate` nor its check uses.

The folds are other ones, the clips are the same: what is found best here leans a little high in `evaluate`'s artist
protocol too, as everything does that was chosen on these clips.
"""

import fcntl
import hashlib
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import numpy as np
import optuna
from optuna.trial import TrialState

from device.errors import InputError
from trainer import loading, scores
from trainer.corpora import fourqaed, soundtracks
from trainer.dataset import Dataset
from trainer.evaluation import PLAIN, Work, fit_fold
from trainer.folds import fold_of
from trainer.parallel import each
from trainer.protocols import Protocol
from trainer.recipe import Recipe
from trainer.run_folder import RunFolder
from trainer.tuning.space import SPACE, Range, changed, recipe_of, space, suggested, tuned
from trainer.tuning.telling import finished, line, spelled, table

FOLD_SEED = 104_729
"""Added to the recipe's seed for the folds of the tuning; no protocol has it."""
TAG = 90_000
"""Seeds of the members begin here."""

WORST = -1.0
"""No score counts for less, or a training that ran away would say more than all others together."""
STARTUP = 5
"""Trials before the first one is pruned."""


class Study(msgspec.Struct, frozen=True):
    """A study to be begun or carried on. recipe: where it starts, and all that is not tuned.

    trials: finished ones when it is done, pruned ones counted; hours: after so many no trial begins. None: no limit.
    """

    folder: Path
    recipe: Recipe
    corpora: Path
    cache: Path
    folds: int
    trials: int
    hours: float | None = None

    def run(self) -> None:
        """Try recipes and print a line for each, then the best ones. The same call carries a stopped study on.

        InputError when the study was begun with another recipe, folds or clips, or is at work elsewhere.
        """
        for name in (fourqaed.NAME, soundtracks.NAME):
            if name not in self.recipe.corpora:
                raise InputError(f"Tuning is judged on {fourqaed.NAME} and {soundtracks.NAME}: --use lacks {name}.")
        end = math.inf if self.hours is None else time.monotonic() + 3600 * self.hours
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        # The narrowest corner of the space must be a recipe too; better to know now than in some trial.
        changed(self.recipe, {name: of.low for name, of in space(self.recipe).items() if isinstance(of, Range)})
        with locked(self.folder):
            data = None
            study = self._open()
            if len(finished(study)) < self.trials:
                data = loading.load(self.recipe, self.corpora, self.cache)
                self._same_clips(study, data)
            while data is not None and len(finished(study)) < self.trials and time.monotonic() < end:
                self._one(study, data)
            print(table(study, self.recipe), flush=True)

    def _open(self) -> optuna.Study:
        study = optuna.create_study(
            storage=f"sqlite:///{(self.folder / 'study.db').absolute()}",
            study_name="recipe",
            direction="maximize",
            load_if_exists=True,
            pruner=optuna.pruners.MedianPruner(n_startup_trials=STARTUP),
        )
        # A sampler begun anew would draw the same again.
        study.sampler = optuna.samplers.TPESampler(seed=self.recipe.seed + len(study.trials))
        told = study.user_attrs
        if "recipe" in told:
            try:
                names = msgspec.json.decode(told["recipe"], type=Recipe).differences(self.recipe)
            except msgspec.ValidationError as error:
                raise InputError(f"{self.folder} is not of this version: {error}.") from None
            names += ["folds"] if told["folds"] != self.folds else []
            if names:
                raise InputError(
                    f"{self.folder} was begun with other options ({', '.join(names)}); "
                    "give those again or choose another STUDY."
                )
        else:
            study.set_user_attr("folds", self.folds)
            study.set_user_attr("recipe", msgspec.json.encode(self.recipe).decode())
            study.enqueue_trial(tuned(self.recipe))
        # Nobody else is at work (locked), so these were cut off by force.
        for trial in study.get_trials(states=(TrialState.RUNNING,)):
            study.tell(trial.number, state=TrialState.FAIL)
            if set(trial.params) == set(SPACE):
                study.enqueue_trial(trial.params)
        return study

    def _same_clips(self, study: optuna.Study, data: Dataset) -> None:
        names = [f"{clip.corpus}/{clip.id}" for clip in data.clips]
        digest = hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]
        if study.user_attrs.setdefault("clips", digest) != digest:
            raise InputError(f"{self.folder} was begun with other clips; choose another STUDY for these.")
        study.set_user_attr("clips", digest)

    def _one(self, study: optuna.Study, data: Dataset) -> None:
        """One trial, told to the study whatever becomes of it."""
        trial = study.ask()
        try:
            recipe = changed(self.recipe, suggested(trial, self.recipe))
            value = self._value(trial, msgspec.structs.replace(recipe, members=1), data)
        except optuna.TrialPruned:
            study.tell(trial, state=TrialState.PRUNED)
        except KeyboardInterrupt:
            # It comes again, and finds the folds that it finished.
            study.tell(trial, state=TrialState.FAIL)
            study.enqueue_trial(trial.params)
            raise
        except BaseException:
            study.tell(trial, state=TrialState.FAIL)
            print(f"trial {trial.number} failed: {spelled(recipe_of(trial, self.recipe), self.recipe)}", flush=True)
            raise
        else:
            study.tell(trial, value)
        print(line(study.trials[trial.number], study, self.recipe), flush=True)

    def _value(self, trial: optuna.Trial, recipe: Recipe, data: Dataset) -> float:
        """The mean of the scores over all held-out clips; TrialPruned when others were better after as many folds."""
        digest = hashlib.sha256(msgspec.json.encode(recipe)).hexdigest()[:12]
        run = RunFolder(self.folder / "trials" / digest)
        run.begin(recipe)
        fold = fold_of(data.clips, "artist", self.folds, recipe.seed + FOLD_SEED)
        work = Work(run, recipe, data, Protocol("tuning", fold, TAG), {})
        value = WORST
        for number in range(self.folds):
            if work.stored(number, 0) is None:
                for _ in each(fit_fold, [(work, number, 0)], jobs=1):
                    pass
            parts = judged(work, number + 1)
            for name, part in parts.items():
                trial.set_user_attr(name, part)
            value = float(np.mean(list(parts.values())))
            trial.report(value, number)
            if number + 1 < self.folds and trial.should_prune():
                raise optuna.TrialPruned
        return value


def judged(work: Work, folds: int) -> dict[str, float]:
    """4QAED's macro-F1 and Soundtracks' R² of valence and energy over the clips of the first folds together."""
    data, quadrants, ratings, positions = work.data, [], [], []
    for number in range(folds):
        content = work.stored(number, 0)
        if content is None:
            raise InputError(f"{work.name(number, 0)}.npz can't be read back; is the disk full?")
        quadrants.append(content[f"quadrant@{PLAIN}"].argmax(axis=1))
        ratings.append(content[f"ratings@{PLAIN}"])
        positions.append(work.protocol.left_out(number))
    chosen, told, rated = np.concatenate(positions), np.concatenate(quadrants), np.concatenate(ratings)
    kinds = np.array(data.corpora)[chosen]
    songs, films = kinds == fourqaed.NAME, kinds == soundtracks.NAME
    found = {"f1": scores.macro_f1(data.quadrants[chosen[songs]], told[songs])}
    for column, axis in enumerate(("valence", "energy")):
        found[f"r2_{axis}"] = scores.r2(data.means[chosen[films], column], rated[films, column])
    return {name: max(WORST, value) if math.isfinite(value) else WORST for name, value in found.items()}


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Alone with the study; InputError when another process has it or its folder can't be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stream = (folder / "lock").open("w")
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror}; choose another STUDY.") from None
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(f"{folder} is being tuned by another process; wait for it or stop it.") from None
        yield
