"""`lampyris bundle` as its user types it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile

from device.bundle_page import WIDTH, page, printable
from device.cli import main
from device.emotion import choice
from device.emotion.bundle import load_bundle
from device.emotion.card import Trial
from device.emotion.gate_table import size, sparkline
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
    assert "back to the one that ships" in said
    assert re.search(r"goes back to first-\S+\.", shell("install", "second"))
    lines = shell("list").splitlines()
    assert re.match(r"\* second-\S+: in use, on trial", lines[1])
    assert re.match(r"  first-\S+: previous, on trial", lines[0])
    assert re.match(r"  the one that ships", lines[2])
    assert re.match(r"Back to first-\S+; .* returns to second-", shell("rollback"))
    assert "* first-" in shell("list")
    assert shell("show").splitlines()[0].startswith("name        first ")
    assert sorted(os.listdir(store))[-2:] == [
        os.readlink(store / "previous"),
        os.readlink(store / "previous") + ".trial",
    ]


def test_another_store(shell: Shell, store: Path, tmp_path: Path) -> None:
    shell("install", TINY, "--store", tmp_path / "elsewhere")
    assert not store.exists()
    assert "* tiny" in shell("list", "--store", tmp_path / "elsewhere")
    assert "* the one that ships" in shell("list")


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
    assert re.search(r"\* second-\S+: in use, can't be used: There is no model bundle", said)
    assert re.search(r"  first-\S+: previous, can't be used: .* has 0 bytes", said)


def test_show_is_the_one_that_ships_where_nothing_is_installed(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = variant(tmp_path, "shipped")
    monkeypatch.setattr("device.bundle_command.SHIPPED", shipped)
    monkeypatch.setattr(choice, "SHIPPED", shipped)
    assert "part of the program" in shell("show")
    assert json.loads(shell("show", "--json"))["name"] == "shipped"


def test_show_json_is_the_card(shell: Shell) -> None:
    assert shell("show", TINY, "--json") == (TINY / "card.json").read_text()


def test_verify_tells_what_it_checked(shell: Shell, store: Path) -> None:
    lines = shell("verify", TINY).splitlines()
    assert [line.split()[0] for line in lines] == ["card", "model", "features", "signature", "self-test", "The"]
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
    assert "no store" in shell.refused("trust", "--remove")
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
    for word in ("show", "verify", "install", "rollback", "list", "keygen", "sign", "trust", "examples:", "trial"):
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
    lines = page(odd, "none", every_score=True)
    assert all(line.isprintable() for line in lines)
    assert max(map(len, lines)) <= WIDTH
    text = "\n".join(lines)
    assert "f1          all 0.5, artist 0.612" in text
    assert "▁▅█??" in text
    assert "too far off" in text
    assert "-0.0100" in text
    assert "  and 1 more: --all" in page(odd, "none")


def test_words_and_numbers() -> None:
    assert sparkline(()) == ""
    assert sparkline((0.0, 0.0)) == "▁▁"
    assert sparkline((1e-9, 2e-9, 4e-9)) == "▃▅█"
    assert [size(count) for count in (7, 19_992, 1_500_000)] == ["7 bytes", "20 kB", "1.5 MB"]
    assert printable("a\tb\x9b") == "a?b?"
