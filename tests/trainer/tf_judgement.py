"""evaluate: protocol after protocol into one scores.json, carried on where it stopped, and one last check only."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.trainer.small import SMALL
from trainer import stability
from trainer.cli import main

Places = tuple[Path, Path, Path]


@pytest.fixture(scope="module", name="places")
def _places(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Places:
    """Corpora, cache and a finished run."""
    cache, run = tmp_path_factory.mktemp("cache"), tmp_path_factory.mktemp("runs") / "run"
    words = ["fit", "--corpora", str(corpora), "--cache", str(cache), "--out", str(run), *SMALL]
    assert main(words) == 0
    return corpora, cache, run


def evaluate(places: Places, *more: str) -> int:
    corpora, cache, run = map(str, places)
    return main(["evaluate", run, "--corpora", corpora, "--cache", cache, "--folds", "2", "--jobs", "1", *more])


def scores(places: Places) -> dict:
    return json.loads((places[2] / "scores.json").read_text())


def test_protocols_come_together(places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    run = places[2]
    assert evaluate(places, "--protocol", "artist") == 0
    told = scores(places)
    shown = capsys.readouterr().out
    for name in ("4qaed_f1_artist", "soundtracks_r2_energy", "4qaed_f1_room", "change_valence_all"):
        assert isinstance(told["scores"][name], float)
        assert f"{name} " in shown
    assert told["protocol"]["folds"] == 2
    low, high = told["intervals"]["4qaed_f1_artist"]
    assert low <= told["scores"]["4qaed_f1_artist"] <= high
    assert str(places[0]) not in json.dumps(told)

    assert evaluate(places, "--protocol", "stratified", "--repetitions", "1") == 0
    more = scores(places)
    assert told["scores"].items() <= more["scores"].items()
    assert "4qaed_f1_stratified" in more["scores"]
    assert set(more["runs"]) == {"artist", "stratified"}
    assert more["runs"]["artist"] == told["runs"]["artist"]

    # What is lost is made again, to the same; all else stays.
    files = sorted((run / "folds").iterdir())
    times = {path: path.stat().st_mtime_ns for path in files}
    lost = next(path for path in files if path.name.startswith("artist"))
    before = dict(np.load(lost))
    lost.unlink()
    assert evaluate(places, "--protocol", "artist") == 0
    for name, value in np.load(lost).items():
        np.testing.assert_array_equal(before[name], value)
    assert all(path.stat().st_mtime_ns == time for path, time in times.items() if path != lost)
    assert scores(places)["scores"] == more["scores"]

    with np.load(run / "held_out" / "artist.npz") as record:
        assert len(record["names"]) == len(record["groups"]) == len(record["emotion"]) == 12
        assert set(record["fold"]) == {0, 1}
        for group in set(record["groups"]):
            assert len(set(record["fold"][record["groups"] == group])) == 1


def test_the_check_is_run_once(places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(places, "--protocol", "check") == 0
    told = scores(places)
    assert "4qaed_f1_check" in told["scores"]
    capsys.readouterr()
    assert evaluate(places, "--protocol", "corpus", "check") == 2
    error = capsys.readouterr().err
    assert "has had its last check" in error
    assert error.count("\n") == 1
    # It is refused before anything else is done.
    assert scores(places) == told


def test_stability_of_the_runs_own_networks(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    # 24 s in steps of 0.2 s.
    curve = np.full((4, 120), 0.25, np.float32)
    seen = []

    def made_up(paths: list[Path], models: list[object], recipe: object) -> np.ndarray:
        seen.append((len(paths), len(models)))
        return curve

    monkeypatch.setattr(stability, "error_curve", made_up)
    assert evaluate(places, "--protocol", "stability") == 0
    # Every clip of both corpora, and the one network.
    assert seen == [(12, 1)]
    assert scores(places)["scores"]["stability_error_15s"] == 0.25
    assert (places[2] / "held_out" / "stability.npz").is_file()


def test_pieces_over_time(games: Path, places: Places) -> None:
    assert evaluate((games, *places[1:]), "--protocol", "vgmidi") == 0
    told = scores(places)["scores"]
    for name in ("vgmidi_ccc_valence", "vgmidi_r_within_arousal", "vgmidi_rmse_valence"):
        assert np.isfinite(told[name])
    with np.load(places[2] / "held_out" / "vgmidi.npz") as record:
        assert len(record["names"]) == 5
        assert record["step_starts"][-1] == len(record["step_told"]) == len(record["step_true"])
    assert len(list((places[2] / "folds").glob("vgmidi_5_fold_*"))) == 5


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--folds", "1"], "--folds must be at least 2"),
        (["--members", "0"], "--members must be at least 1"),
        (["--repetitions", "0"], "--repetitions must be at least 1"),
        (["--folds", "9", "--protocol", "artist"], "use fewer --folds"),
    ],
)
def test_bad_options_are_one_sentence(
    places: Places, more: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert evaluate(places, *more) == 2
    assert sentence in capsys.readouterr().err
