"""tune: begins with the given recipe, carries on, loses nothing, and says how to do the best again."""

import argparse
import shlex
from pathlib import Path

import jax
import numpy as np
import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.trial import TrialState

from device.features.spec import FeatureSpec
from tests.trainer import made_up
from tests.trainer.small import SMALL
from trainer import options
from trainer.cli import main
from trainer.evaluation import Work
from trainer.protocols import CHECK_SEED, Protocol
from trainer.recipe import ModelOptions, Recipe
from trainer.run_folder import RunFolder
from trainer.storage import write_arrays
from trainer.targets import RATINGS
from trainer.tuning import space as spaces
from trainer.tuning import study as tuning
from trainer.tuning import telling
from trainer.tuning.space import SPACE, Range, changed, recipe_of, space, tuned
from trainer.tuning.study import judged, locked
from trainer.tuning.telling import words

RECIPE = [word for i, word in enumerate(SMALL) if "--jobs" not in SMALL[max(0, i - 1) : i + 1]]
SMALLER = {
    **{name: of for name, of in SPACE.items() if name not in ("units", "epochs", "crop_s", "kind")},
    "kind": ("forked",),
    "units": Range(4, 4, whole=True),
    "epochs": Range(1, 2, whole=True),
    "crop_s": Range(2.0, 2.0),
}


@pytest.fixture(scope="module", name="cache")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spaces, "SPACE", SMALLER)
    monkeypatch.setattr(tuning, "SPACE", SMALLER)
    monkeypatch.setattr(jax, "clear_caches", lambda: None)


def tune(corpora: Path, cache: Path, study: Path, *more: str) -> int:
    places = ["--corpora", str(corpora), "--cache", str(cache), "--folds", "2"]
    return main(["tune", str(study), *places, *RECIPE, *more])


def trials(folder: Path) -> list[optuna.trial.FrozenTrial]:
    return optuna.load_study(study_name="recipe", storage=f"sqlite:///{folder / 'study.db'}").trials


def given_recipe(*more: str) -> Recipe:
    parser = argparse.ArgumentParser()
    options.add_recipe(parser)
    return options.recipe_of(parser.parse_args([*RECIPE, *more]))


def test_a_study_begins_with_the_recipe_and_carries_on(
    corpora: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tune(corpora, cache, tmp_path, "--trials", "2") == 0
    first = trials(tmp_path)
    assert [trial.number for trial in first] == [0, 1]
    assert first[0].params == tuned(given_recipe())
    assert first[1].params != first[0].params
    told = capsys.readouterr().out
    assert "trial 0: " in told
    assert "trial 1: " in told
    for trial in first:
        assert trial.state is TrialState.COMPLETE
        assert trial.value == pytest.approx(sum(trial.user_attrs[n] for n in ("f1", "r2_valence", "r2_energy")) / 3)
        assert len(trial.intermediate_values) == 2

    # Nothing to do: no training, the same table.
    monkeypatch.setattr(tuning, "fit_fold", None)
    assert tune(corpora, cache, tmp_path, "--trials", "2") == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("2 trials, 0 of them pruned; the best:")
    monkeypatch.undo()
    monkeypatch.setattr(spaces, "SPACE", SMALLER)
    monkeypatch.setattr(tuning, "SPACE", SMALLER)

    assert tune(corpora, cache, tmp_path, "--trials", "3") == 0
    later = trials(tmp_path)
    assert len(later) == 3
    assert [trial.value for trial in later[:2]] == [trial.value for trial in first]
    assert later[2].params not in [trial.params for trial in first]
    told = capsys.readouterr().out
    assert "trial 2: " in told
    assert "trial 1: " not in told
    # The words under the best trial make its recipe.
    lines = told.splitlines()
    at = next(i for i, line in enumerate(lines) if "the best:" in line)
    number = int(lines[at + 1].rsplit(" ", 1)[1])
    parser = argparse.ArgumentParser()
    options.add_recipe(parser)
    again = options.recipe_of(parser.parse_args(shlex.split(lines[at + 2])))
    assert again == recipe_of(later[number], given_recipe())

    assert tune(corpora, cache, tmp_path, "--trials", "4", "--batch", "5", "--seed", "3") == 2
    error = capsys.readouterr().err
    assert "was begun with other options (batch, seed)" in error
    assert error.count("\n") == 1
    assert tune(corpora, cache, tmp_path, "--trials", "4", "--folds", "3") == 2
    assert "other options (folds)" in capsys.readouterr().err


def test_a_stopped_or_failed_trial_is_not_lost(
    corpora: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real, calls = tuning.fit_fold, []

    def fold(work: object, number: int, member: int) -> str:
        calls.append(number)
        if len(calls) == 2:
            raise KeyboardInterrupt
        if len(calls) == 4:
            raise RuntimeError("out of memory")
        return real(work, number, member)  # type: ignore[arg-type]

    monkeypatch.setattr(tuning, "fit_fold", fold)
    assert tune(corpora, cache, tmp_path, "--trials", "1") == 130
    assert "the same command carries on" in capsys.readouterr().err
    assert tune(corpora, cache, tmp_path, "--trials", "1") == 0
    # The first fold was there already.
    assert calls == [0, 1, 1]
    done = trials(tmp_path)
    assert [trial.state for trial in done] == [TrialState.FAIL, TrialState.COMPLETE]
    assert done[0].params == done[1].params
    with pytest.raises(RuntimeError, match="out of memory"):
        tune(corpora, cache, tmp_path, "--trials", "2")
    assert "trial 2 failed: " in capsys.readouterr().out
    assert trials(tmp_path)[2].state is TrialState.FAIL


def test_a_worse_trial_is_given_up_early(
    corpora: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    trained: list[int] = []
    own = given_recipe()

    def judged(work: Work, folds: int) -> dict[str, float]:
        good = 0.5 if work.recipe == own else 0.1
        return {"f1": good, "r2_valence": good, "r2_energy": good}

    monkeypatch.setattr(tuning, "STARTUP", 1)
    monkeypatch.setattr(tuning, "judged", judged)
    monkeypatch.setattr(tuning, "fit_fold", lambda work, number, member: trained.append(number))
    assert tune(corpora, cache, tmp_path, "--trials", "2") == 0
    assert [trial.state for trial in trials(tmp_path)] == [TrialState.COMPLETE, TrialState.PRUNED]
    assert trained == [0, 1, 0]
    told = capsys.readouterr().out
    assert "trial 0: 0.5000, the best  as given" in told
    assert "trial 1: pruned after fold 1" in told
    assert "2 trials, 1 of them pruned; the best:" in told


def test_a_training_that_ran_away_counts_as_the_worst(tmp_path: Path) -> None:
    used = made_up.recipe(members=1)
    data = made_up.dataset(used)
    work = Work(RunFolder(tmp_path), used, data, Protocol("tuning", np.arange(12) // 6, tuning.TAG), {})
    for number, size in enumerate((np.nan, 1e9)):
        answers = {"emotion": 2, "quadrant": 4, "ratings": len(RATINGS)}
        content = {f"{name}@plain": np.full((6, width), size, np.float32) for name, width in answers.items()}
        names, digest = work.names(work.protocol.left_out(number)), np.array(work.digest(number))
        write_arrays(tmp_path / "folds" / f"{work.name(number, 0)}.npz", clips=names, digest=digest, **content)
        told = judged(work, number + 1)
        assert (told["r2_valence"], told["r2_energy"]) == (tuning.WORST, tuning.WORST)
        assert 0 <= told["f1"] <= 1


def test_what_runs_late_or_elsewhere_is_refused(
    corpora: Path, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with locked(tmp_path):
        assert tune(corpora, cache, tmp_path, "--trials", "1") == 2
    assert "is being tuned by another process" in capsys.readouterr().err
    assert tune(corpora, cache, tmp_path, "--trials", "1", "--hours", "1e-9") == 0
    assert capsys.readouterr().out.startswith("0 trials")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--trials", "0"], "--trials must be at least 1"),
        (["--trials", "1", "--hours", "0"], "--hours must be above 0"),
        (["--trials", "1", "--folds", "1"], "--folds must be at least 2"),
        (["--trials", "1", "--use", "4qaed"], "--use lacks soundtracks360"),
        (["--trials", "1", "--weight-decay", "0"], "weight_decay must be above 0 to be tuned"),
        (["--trials", "1", "--warmup-s", "2.5", "--crop-s", "30"], "crop_s must be longer than warmup_s"),
    ],
)
def test_bad_options_are_one_sentence(
    corpora: Path, cache: Path, tmp_path: Path, more: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tune(corpora, cache, tmp_path, *more) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1


def test_folds_are_nobody_elses() -> None:
    assert tuning.FOLD_SEED not in (0, CHECK_SEED)
    # Repetitions of the stratified protocol count upwards from the seed.
    assert min(tuning.FOLD_SEED, abs(tuning.FOLD_SEED - CHECK_SEED)) > 1_000


def test_the_space_holds_the_recipe_it_starts_with() -> None:
    own = given_recipe("--dropout", "0.9", "--units", "7")
    wide = space(own)
    assert wide["dropout"] == Range(0.0, 0.9)
    assert wide["units"] == Range(4, 7, whole=True)
    assert changed(own, tuned(own)) == own
    for name, of in SPACE.items():
        value = {**vars_of(Recipe(FeatureSpec())), **vars_of(ModelOptions())}[name]
        assert value in of if not isinstance(of, Range) else of.low <= value <= of.high


def vars_of(record: object) -> dict[str, object]:
    return {name: getattr(record, name) for name in record.__struct_fields__}  # type: ignore[attr-defined]


@settings(max_examples=60, deadline=None)
@given(
    model=st.builds(
        ModelOptions,
        kind=st.sampled_from(["parallel", "forked"]),
        cell=st.sampled_from(["gru", "lstm", "rnn"]),
        units=st.integers(1, 99),
        dense=st.lists(st.integers(1, 64), min_size=1, max_size=3).map(tuple),
        dropout=st.floats(0, 0.9),
        sound=st.booleans(),
    ),
    use=st.permutations(["4qaed", "soundtracks360", "vgmidi"]),
    weights=st.sampled_from([(1.0, 1.0, 1.0), (1.0, 0.5, 2.0)]),
    changes=st.lists(st.sampled_from(["room", "all", "music"]), max_size=3).map(tuple),
    blocks=st.permutations(["flatness", "onset", "tonal"]),
    rate=st.floats(1e-5, 1e-1),
    numbers=st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 9), st.floats(0, 2)),
    switches=st.tuples(st.booleans(), st.booleans()),
)
def test_words_spell_any_recipe(model, use, weights, changes, blocks, rate, numbers, switches) -> None:  # type: ignore[no-untyped-def]
    join, masking, noise, rating_weight = numbers
    recipe = Recipe(
        FeatureSpec(16_000, 800, 800, tuple(blocks), switches[0]),
        model,
        (*use, "gate") if model.sound else tuple(use),
        (*weights, 1.0) if model.sound else weights,
        changes,
        rate=rate,
        join=join,
        masking=masking,
        noise=noise,
        rating_weight=rating_weight,
        tag_ratings=switches[1],
        members=3,
        average=0.5,
    )
    parser = argparse.ArgumentParser()
    options.add_recipe(parser)
    assert options.recipe_of(parser.parse_args(shlex.split(words(recipe)))) == recipe


def test_no_option_is_forgotten() -> None:
    parser = argparse.ArgumentParser(add_help=False)
    options.add_recipe(parser)
    known = {action.option_strings[0].removeprefix("--") for action in parser._actions}
    assert {name for name, _ in telling._pairs(Recipe(FeatureSpec()))} == known


def test_the_default_recipe_needs_no_words() -> None:
    parser = argparse.ArgumentParser()
    options.add_recipe(parser)
    assert words(options.recipe_of(parser.parse_args([]))) == ""
