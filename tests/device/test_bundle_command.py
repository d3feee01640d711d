"""`lampyris bundle` as its user types it."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile

from device.bundle_page import WIDTH, page, printable
from device.bundle_scores import all_scores, score
from device.cli import main
from device.emotion import shipped
from device.emotion.bundle import load_bundle
from device.emotion.card import Trial
from device.emotion.gate_table import size, sparkline
from device.emotion.reason import reason
from device.errors import InputError
from tests.bundles import TINY, variant


class Shell:
    """Types `lampyris bundle …` and reads the answer."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self._capfd = capfd

    def __call__(self, *words: object) -> str:
        """What a command that succeeds says."""
        assert main(["bundle", *map(str, words)]) == 0
        out, err = self._capfd.readouterr()
        assert err == ""
        return out

    def refused(self, *words: object) -> str:
        """The one sentence of a command that fails."""
        assert main(["bundle", *map(str, words)]) == 2
        err = self._capfd.readouterr().err
        assert err.startswith("lampyris: ")
        assert err.endswith(".\n")
        assert len(err.splitlines()) == 1
        return err


@pytest.fixture(name="store", autouse=True)
def _store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAMPYRIS_STORE", str(tmp_path / "store"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "store"


@pytest.fixture(name="shell")
def _shell(capfd: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capfd)


def test_from_install_to_rollback(shell: Shell, store: Path, tmp_path: Path) -> None:
    variant(tmp_path, "first")
    variant(tmp_path, "second")
    said = shell("install", "first")
    assert "on trial" in said
    assert "back to built-in" in said
    assert re.search(r"goes back to first-\S+\.", shell("install", "second"))
    lines = shell("list").splitlines()
    assert lines[0] == f"store  {store}"
    assert re.match(r"\* second-\S+  in use, on trial \(2 s of music to go\), \w+ step", lines[2])
    assert re.match(r"  first-\S+ +previous, on trial", lines[1])
    assert re.match(r"  built-in +\w+ step model", lines[3])
    assert re.match(r"Back to first-\S+; .* returns to second-", shell("rollback"))
    assert "* first-" in shell("list")
    head, row, *_ = shell("show").splitlines()
    assert re.fullmatch(r"first-\S+: in use, on trial \(2 s of music to go\)", head)
    assert row.startswith("name        first ")
    assert sorted(os.listdir(store))[-2:] == [
        os.readlink(store / "previous"),
        os.readlink(store / "previous") + ".trial",
    ]


def test_another_store(shell: Shell, store: Path, tmp_path: Path) -> None:
    shell("install", TINY, "--store", tmp_path / "elsewhere")
    assert not store.exists()
    assert "* tiny" in shell("list", "--store", tmp_path / "elsewhere")
    assert "* built-in" in shell("list")
    assert "not there yet" in shell("list")


def test_no_home_to_install_in(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("device.bundle_command.default_store", lambda: None)
    assert "--store" in shell.refused("list")


def test_list_shows_what_is_wrong(shell: Shell, store: Path, tmp_path: Path) -> None:
    shell("install", variant(tmp_path, "first"))
    shell("install", variant(tmp_path, "second"))
    current, previous = (store / os.readlink(store / link) for link in ("current", "previous"))
    (previous / "model.tflite").write_bytes(b"")
    for path in current.iterdir():
        path.unlink()
    current.rmdir()
    said = shell("list")
    assert re.search(r"\* second-\S+  in use, broken: its folder is gone$", said, re.MULTILINE)
    assert re.search(r"  first-\S+ +previous, broken: model.tflite has 0 bytes instead of \d+$", said, re.MULTILINE)
    assert "install it again" in shell.refused("verify", previous.name)


def test_show_is_the_one_that_ships_where_nothing_is_installed(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "SHIPPED", variant(tmp_path, "shipped"))
    assert "part of the program" in shell("show")
    assert json.loads(shell("show", "--json"))["name"] == "shipped"


def test_show_json_is_the_card(shell: Shell) -> None:
    assert shell("show", TINY, "--json") == (TINY / "card.json").read_text()


def test_verify_tells_what_it_checked(shell: Shell, store: Path) -> None:
    lines = shell("verify", TINY).splitlines()
    assert [line.split()[0] for line in lines] == [
        "bundle",
        "card",
        "model",
        "features",
        "signature",
        "self-test",
        "The",
    ]
    assert not store.exists()


@pytest.mark.parametrize("action", ["show", "verify", "install", "sign"])
def test_what_is_no_bundle(shell: Shell, action: str, tmp_path: Path, store: Path) -> None:
    key = ["--key", "me.key"] if action == "sign" else []
    assert "no model bundle" in shell.refused(action, "nowhere", *key)
    (tmp_path / "empty").mkdir()
    assert "card.json is missing" in shell.refused(action, "empty", *key)
    assert not store.exists()


def test_signed_from_end_to_end(shell: Shell, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    variant(tmp_path, "mine")
    shell("install", "mine")
    shell("keygen", "me")
    assert (tmp_path / "me.key").stat().st_mode & 0o777 == 0o600
    assert "sign it and install it again" in shell.refused("trust", "me.pub")
    shell("sign", "mine", "--key", "me.key")
    shell("install", "mine")
    shell("trust", "me.pub")
    assert "of the trusted key" in shell("verify", "mine")
    assert "of the trusted key" in shell("show")
    assert "Only bundles signed" in shell("list")
    variant(tmp_path, "theirs")
    for action in ("verify", "install"):
        assert "is not signed" in shell.refused(action, "theirs")
    assert "refused here" in shell("show", "theirs")
    assert main(["listen", "--bundle", "theirs", "--strip", "null", "--speed", "max"]) == 2
    assert "is not signed" in capfd.readouterr().err


def test_trust_is_taken_back(shell: Shell, tmp_path: Path) -> None:
    shell("keygen", "me")
    assert "There is no store" in shell.refused("trust", "--remove")
    shell("trust", "me.pub")
    variant(tmp_path, "theirs")
    shell.refused("install", "theirs")
    shell("trust", "--remove")
    assert "No key is trusted" in shell.refused("trust", "--remove")
    shell("install", "theirs")


def test_keys_are_never_overwritten_nor_shown(shell: Shell, tmp_path: Path) -> None:
    said = shell("keygen", "me")
    secret, public = (tmp_path / "me.key").read_text(), (tmp_path / "me.pub").read_text()
    assert "File exists: me.key" in shell.refused("keygen", "me")
    (tmp_path / "me.key").unlink()
    assert "File exists: me.pub" in shell.refused("keygen", "me")
    assert not (tmp_path / "me.key").exists()
    assert (tmp_path / "me.pub").read_text() == public
    (tmp_path / "me.key").write_text(secret)
    (tmp_path / "me.key").chmod(0o600)
    variant(tmp_path, "mine")
    said += shell("sign", "mine", "--key", "me.key") + shell.refused("sign", "mine", "--key", "me.pub")
    said += shell.refused("trust", "me.key")
    assert secret.split()[-1] not in said
    assert "No such file" in shell.refused("keygen", "no/where")


def test_without_the_library_it_says_what_to_install(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("nacl", "nacl.signing", "nacl.exceptions"):
        monkeypatch.setitem(sys.modules, module, None)
    assert "pip install pynacl" in shell.refused("keygen", "me")
    assert list(tmp_path.iterdir()) == []


def test_what_ships_gets_one_verdict(shell: Shell, song: Path, capfd: pytest.CaptureFixture[str]) -> None:
    shell("keygen", "me")
    shell("trust", "me.pub")
    for name in ("built-in", shipped.SHIPPED):
        said = shell("verify", name)
        assert "needs none" in said
        assert "The bundle is good" in said
        assert listen("--bundle", name) == 0
        assert "with  built-in" in capfd.readouterr().out
    assert "use built-in" in shell.refused("install", shipped.SHIPPED)
    assert "is in use already" in shell("use", "built-in")
    assert shell("verify") == said


def test_ids_of_the_list_are_names(shell: Shell, store: Path, tmp_path: Path) -> None:
    for name in ("first", "second"):
        shell("install", variant(tmp_path, name))
    previous = os.readlink(store / "previous")
    assert shell("show", previous).startswith(f"{previous}: previous, on trial")
    assert shell("verify", previous).startswith(f"bundle     {previous}: previous")
    assert "returns to second-" in shell("use", previous)
    assert shell("use", "built-in") == f"In use: built-in; 'lampyris bundle rollback' returns to {previous}.\n"
    assert len(shell("list").splitlines()) == 4
    assert "There is no nothing" in shell.refused("use", "nothing")


def test_nothing_is_offered_that_is_broken(shell: Shell, store: Path, tmp_path: Path) -> None:
    for name in ("first", "second"):
        shell("install", variant(tmp_path, name))
    (store / "current" / "model.tflite").write_bytes(b"")
    said = shell("rollback")
    assert re.fullmatch(r"Back to first-\S+; second-\S+, which was in use before, is broken: model.* bytes.*\.\n", said)
    assert "broken: model.tflite has 0 bytes" in shell("list")
    assert shell.refused("rollback").endswith(": install it again.\n")
    (store / "current" / "model.tflite").write_bytes(b"")
    assert shell.refused("verify").endswith(": install it again, or 'lampyris bundle rollback'.\n")


def test_the_first_rollback_and_a_reinstall(shell: Shell, tmp_path: Path) -> None:
    assert "Nothing is installed: the lamp already runs" in shell.refused("rollback")
    shell("install", variant(tmp_path, "mine"))
    assert "again; it was in use already" in shell("install", "mine")


def test_a_store_that_cannot_work_says_so_to_all(
    shell: Shell, song: Path, store: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    store.write_text("dear")
    for words in (("list",), ("show",), ("verify",), ("rollback",), ("install", variant(tmp_path, "mine"))):
        assert "is a file, not a folder" in shell.refused(*words)
    assert listen() == 0
    err = capfd.readouterr().err
    assert "is a file, not a folder" in err
    assert len(err.splitlines()) == 1


def test_a_tilde_in_the_store_s_name(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert shell("list", "--store=~/here").startswith(f"store  {tmp_path / 'here'} ")


def test_keys_are_told_apart(shell: Shell, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    shell("keygen", "me.key")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["me.key", "me.pub"]
    assert "give me.pub" in shell.refused("trust", "me.key")
    variant(tmp_path, "mine")
    assert "give me.key" in shell.refused("sign", "mine", "--key", "me.pub")
    (tmp_path / "me.key").chmod(0o644)
    assert main(["bundle", "sign", "mine", "--key", "me.key"]) == 0
    assert "chmod 600 me.key" in capfd.readouterr().err
    (tmp_path / "mine" / "card.sig").write_text("x")
    assert "sign it again" in shell.refused("install", "mine")


def test_a_damaged_key_in_the_store_says_the_way_out(shell: Shell, store: Path, tmp_path: Path) -> None:
    shell("keygen", "me")
    shell("trust", "me.pub")
    (store / "trusted.pub").write_text("")
    assert "trust --remove" in shell.refused("install", variant(tmp_path, "mine"))
    shell("trust", "me.pub")
    assert "is not signed" in shell.refused("install", "mine")


def test_wrong_words(shell: Shell, capfd: pytest.CaptureFixture[str]) -> None:
    said = shell.refused()
    for word in ("show", "verify", "install", "use", "rollback", "list", "trust", "keygen", "sign"):
        assert word in said
    with pytest.raises(SystemExit):
        main(["bundle", "install", "a", "b"])
    assert "usage: lampyris bundle install " in capfd.readouterr().err
    with pytest.raises(SystemExit):
        main(["bundle", "keygen", "me", "--store", "x"])
    assert "unrecognized arguments: --store x" in capfd.readouterr().err


@pytest.mark.parametrize("action", ["show", "verify", "install", "use", "rollback", "list", "keygen", "sign", "trust"])
def test_help_fits_a_terminal(action: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        main(["bundle", action, "--help"])
    out = capfd.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    assert ("XDG_DATA_HOME" in out) == (action not in ("keygen", "sign"))


# ---- the listener


@pytest.fixture(name="song")
def _song(tmp_path: Path) -> Path:
    t = np.arange(3 * 44_100) / 44_100
    soundfile.write(tmp_path / "song.wav", 0.3 * np.sin(2 * np.pi * 330 * t) * (t % 0.5 < 0.4), 44_100)
    return tmp_path / "song.wav"


def listen(*options: object) -> int:
    return main(["listen", "song.wav", "--strip", "null", "--speed", "max", *map(str, options)])


def test_the_listener_takes_the_installed_bundle_and_ends_its_trial(
    shell: Shell, song: Path, store: Path, tmp_path: Path
) -> None:
    shell("install", variant(tmp_path, "mine"))
    assert "on trial" in shell("list")
    assert listen("--trace", "t.jsonl") == 0
    assert json.loads((tmp_path / "t.jsonl").read_text().splitlines()[0])["bundle"] == "mine"
    assert json.loads((tmp_path / "t.jsonl").read_text().splitlines()[0])["bundle_id"] == os.readlink(store / "current")
    assert listen("--trace", store / "current" / "model.tflite") == 2
    assert listen("--trace", store / "current" / "card.json") == 2


def test_the_listener_goes_back_by_itself(
    song: Path, store: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("first", "second"):
        assert main(["bundle", "install", str(variant(tmp_path, name))]) == 0
    (store / "current" / "model.tflite").write_bytes(b"")
    capfd.readouterr()
    assert listen("--trace", "t.jsonl") == 0
    err = capfd.readouterr().err
    assert err.startswith("lampyris: The bundle second-")
    assert "goes back to first-" in err
    assert len(err.splitlines()) == 1
    assert json.loads((tmp_path / "t.jsonl").read_text().splitlines()[0])["bundle"] == "first"
    assert os.readlink(store / "current").startswith("first-")
    assert listen() == 0
    assert capfd.readouterr().err == ""


def test_the_listener_says_what_it_runs_and_that_the_trial_is_passed(
    shell: Shell, song: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert listen() == 0
    assert capfd.readouterr().out.splitlines()[-1] == "with  built-in"
    shell("install", variant(tmp_path, "mine"))
    for ending in (", which has passed its trial", ""):
        assert listen() == 0
        assert re.fullmatch(rf"with  mine-[^ ,]+{ending}", capfd.readouterr().out.splitlines()[-1])


def test_back_to_the_one_that_ships_is_for_good_too(
    shell: Shell, song: Path, store: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    shell("install", variant(tmp_path, "mine"))
    broken = os.readlink(store / "current")
    (store / "current" / "model.tflite").write_bytes(b"")
    assert listen() == 0
    assert "goes back to the one that ships" in capfd.readouterr().err
    assert listen() == 0
    assert capfd.readouterr().err == ""
    said = shell("list")
    assert "* built-in" in said
    assert f"  {broken}  previous, broken: " in said
    assert shell("show").startswith("built-in: in use")


def test_ctrl_c_twice_at_any_time_is_no_failed_start(song: Path, store: Path, tmp_path: Path) -> None:
    assert main(["bundle", "install", str(variant(tmp_path, "mine"))]) == 0
    count = next(store.glob("*.trial"))
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "device", "listen", str(song), "--strip", "null"]
    for delay_s in (0.0, 0.02, 0.3):
        process = subprocess.Popen(
            command, cwd=root, stderr=subprocess.PIPE, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
        )
        while count.read_text() != "1\n":
            assert process.poll() is None
            time.sleep(0.001)
        time.sleep(delay_s)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.002)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60)[1] == b""
        assert process.returncode in (130, -signal.SIGINT, -signal.SIGTERM)  # the last one may come after the end
        assert count.read_text() == "0\n"


def test_a_missing_song_is_not_the_bundle_s_fault(song: Path, store: Path, tmp_path: Path) -> None:
    assert main(["bundle", "install", str(variant(tmp_path, "mine"))]) == 0
    song.unlink()
    for _ in range(4):
        assert listen() == 2
    assert next(store.glob("*.trial")).read_text() == "0\n"


# ---- what it says


def test_help_teaches_and_comes_at_once() -> None:
    code = "import sys; from device.cli import main\n"
    code += "try: main(['bundle', '--help'])\nfinally: print('numpy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.endswith("False\n")
    assert max(map(len, run.stdout.splitlines())) <= 80
    for word in (
        "show",
        "verify",
        "install",
        "use",
        "rollback",
        "list",
        "keygen",
        "sign",
        "trust",
        "examples:",
        "trial",
    ):
        assert word in run.stdout


def test_an_output_that_is_gone() -> None:
    command = f"{sys.executable} -m device bundle show {TINY}"
    root = Path(__file__).parents[2]
    run = subprocess.run(
        ["bash", "-c", f"{command} > /dev/full"], cwd=root, capture_output=True, text=True, check=False
    )
    assert run.returncode == 2
    assert "can't be written" in run.stderr
    assert len(run.stderr.splitlines()) == 1
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    run = subprocess.run(command.split(), cwd=root, env=environment, capture_output=True, text=True, check=True)
    assert "tiny" in run.stdout


def test_a_page_of_odd_words() -> None:
    card = load_bundle(TINY).card
    trials = (
        Trial(
            quantization="int8",
            model_bytes=999,
            arena_bytes=1,
            step_us=12.3,
            largest=0.5,
            rms=float("nan"),
            growth=0.0,
            rest=1.0,
            curve=(0.0, 0.5, 1.0, float("nan"), float("inf")),
            f1_loss=-0.01,
            verdict="too far off",
        ),
    )
    odd = msgspec.structs.replace(
        card,
        name="\x1b[2Jevil\n\u202e",
        limits=("word " * 100,),
        scores={"4qaed_f1_artist": 0.61234, "alone": 1e-300, "x_y": 123456.7, "4qaed_f1_all": 0.5},
        gate=trials,
    )
    lines = page(odd, "here: in use", "none", whole=True)
    assert all(line.isprintable() for line in lines)
    assert max(map(len, lines)) <= WIDTH
    text = "\n".join(lines)
    assert lines[0] == "here: in use"
    assert "f1          all 0.500, artist 0.612" in text
    assert "how good    0.612 F1: four moods, unheard artists of 4qaed" in text
    assert "▁▅█??" in text
    assert "too far off" in text
    assert "-0.0100" in text
    for narrow in (page(odd, "s", "none", whole=True, width=60), page(odd, "s", "none", whole=True, curves=False)):
        assert "▁" not in "".join(narrow)
        assert any(line.endswith("too far off") for line in narrow)
    assert "--all" in page(odd, "s", "none")[-1]


def test_scores_by_the_number_in_their_names() -> None:
    scores = {f"stability_error_{word}": 0.5 for word in ("10s", "5s", "at_once", "15s")}
    lines = list(all_scores(scores | {"change_valence_room": 0.25}, 100))
    assert lines[-1] == "    error       5s 0.500, 10s 0.500, 15s 0.500, at once 0.500"
    assert lines[0].startswith("  change: mean change of valence and arousal in a room")
    assert [score(value) for value in (0.0, 0.5, -0.0123, 123456.7, 1e-9)] == [
        "0.000",
        "0.500",
        "-0.012",
        "123457",
        "1.0e-09",
    ]


class Terminal(io.StringIO):
    """Standard error of somebody who looks on."""

    def isatty(self) -> bool:
        return True


def test_an_error_is_wrapped_in_a_terminal_and_one_line_elsewhere(
    monkeypatch: pytest.MonkeyPatch, shell: Shell
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    text = shell.refused()
    assert len(text) > 80
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert main(["bundle"]) == 2
    lines = sys.stderr.getvalue().splitlines()  # type: ignore[attr-defined]
    assert max(map(len, lines)) <= 40
    assert " ".join(lines) == text.strip()


def test_the_first_clause_of_an_error() -> None:
    for text, clause in (
        ("a has 0 bytes: copy it.", "a has 0 bytes"),
        ("It cannot load (Error: no; such): convert it.", "It cannot load (Error: no; such)"),
        ("No advice.", "No advice"),
    ):
        assert reason(InputError(text)) == clause


def test_words_and_numbers() -> None:
    assert sparkline(()) == ""
    assert sparkline((0.0, 0.0)) == "▁▁"
    assert sparkline((1e-9, 2e-9, 4e-9)) == "▃▅█"
    assert [size(count) for count in (7, 19_992, 1_500_000)] == ["7 bytes", "20 kB", "1.5 MB"]
    assert printable("a\tb\x9b") == "a?b?"
