"""The command as its user types it: what it says, how it ends, what it leaves behind."""

import json
import os
import pty
import re
import select
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from device.cli import main

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "tests" / "golden" / "tiny_bundle"


@pytest.fixture
def song(tmp_path: Path) -> Path:
    t = np.arange(2 * 44_100) / 44_100
    path = tmp_path / "song.wav"
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * 330 * t) * (t % 0.5 < 0.4), 44_100)
    return path


def listen(*options: object) -> int:
    return main(["listen", "--strip", "null", "--speed", "max", "--bundle", str(BUNDLE), *map(str, options)])


def test_a_song_becomes_a_trace_and_a_summary(song: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert listen("--file", song, "--trace", tmp_path / "t.jsonl") == 0
    out = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in out] == ["felt", "heard", "with"]
    header, *lines = (json.loads(line) for line in (tmp_path / "t.jsonl").read_text().splitlines())
    assert header["source"] == "song.wav"
    assert header["bundle"] == "tiny"
    assert re.fullmatch(r"tiny-.+-[0-9a-f]{12}", header["bundle_id"])
    assert out[-1] == f"with  {header['bundle_id']}"
    assert {"format", "lampyris", "bundle_sha256", "features"} < header.keys()
    assert len(lines) == 40
    assert lines[-1]["t"] == 2.0
    for line in lines:
        assert list(line) == ["t", "valence", "arousal", "spread", "sound", "level_db", "rgb"]
        assert len(line["rgb"]) == 3
        assert all(0 <= value <= 255 for value in line["rgb"])


def test_the_demo_piece_and_the_default_bundle_ship(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["listen", "--strip", "null", "--speed", "max"]) == 0
    assert "1:1" in capsys.readouterr().out


def test_the_speed_does_not_change_what_is_felt(song: Path, tmp_path: Path) -> None:
    listen("--file", song, "--trace", tmp_path / "max.jsonl")
    listen("--file", song, "--trace", tmp_path / "real.jsonl", "--speed", "real")
    fast, slow = ((tmp_path / f"{speed}.jsonl").read_text().splitlines() for speed in ("max", "real"))
    assert fast[0] == slow[0]
    for one, other in zip(map(json.loads, fast[1:]), map(json.loads, slow[1:]), strict=True):
        # At full speed fewer light frames are made; their smoothing in time rounds a little differently.
        assert np.abs(np.subtract(one.pop("rgb"), other.pop("rgb"))).max() <= 2
        assert one == other


def bad_wav(tmp_path: Path, samples: int) -> Path:
    path = tmp_path / f"{samples}.wav"
    soundfile.write(path, np.zeros(samples), 44_100)
    return path


def bad_bundle(tmp_path: Path, file: str, change: str) -> Path:
    folder = tmp_path / "bundle"
    folder.mkdir()
    for name in ("card.json", "model.tflite"):
        data = bytearray((BUNDLE / name).read_bytes())
        if name == file and change == "bit":
            data[len(data) // 2] ^= 1
        if name == file and change == "cut":
            data = data[:-100]
        (folder / name).write_bytes(data)
    return folder


def text(tmp_path: Path, name: str, content: str) -> Path:
    path = tmp_path / name
    path.write_text(content)
    return path


BAD = {
    "missing song": (lambda tmp: ["--file", tmp / "no.mp3"], "no.mp3"),
    "not a song": (lambda tmp: ["--file", text(tmp, "x.mp3", "hello")], "x.mp3"),
    "empty song": (lambda tmp: ["--file", text(tmp, "x.wav", "")], "empty"),
    "song without samples": (lambda tmp: ["--file", bad_wav(tmp, 0)], "no sound"),
    "10 ms of song": (lambda tmp: ["--file", bad_wav(tmp, 441)], "10 ms"),
    "a folder as song": (lambda tmp: ["--file", tmp], "folder"),
    "missing bundle": (lambda tmp: ["--bundle", tmp / "no"], "no"),
    "bundle without files": (lambda tmp: ["--bundle", tmp], "card.json"),
    "truncated model": (lambda tmp: ["--bundle", bad_bundle(tmp, "model.tflite", "cut")], "bytes"),
    "model with a flipped bit": (lambda tmp: ["--bundle", bad_bundle(tmp, "model.tflite", "bit")], "damaged"),
    "card with a flipped bit": (lambda tmp: ["--bundle", bad_bundle(tmp, "card.json", "bit")], "card.json"),
    "truncated card": (lambda tmp: ["--bundle", bad_bundle(tmp, "card.json", "cut")], "card.json"),
    "typo in the settings": (
        lambda tmp: ["--settings", text(tmp, "lamp.toml", "[strip]\npixel = 3")],
        "did you mean strip.pixels",
    ),
    "unknown palette": (lambda tmp: ["--settings", text(tmp, "lamp.toml", '[light]\npalette = "auroa"')], "aurora"),
    "missing settings": (lambda tmp: ["--settings", tmp / "no.toml"], "no.toml"),
    "trace in no folder": (lambda tmp: ["--trace", tmp / "no" / "t.jsonl"], "can't be written"),
    "trace without a name": (lambda tmp: ["--trace", ""], "can't be written"),
    "settings without a name": (lambda tmp: ["--settings", ""], "can't be read"),
    "bundle without a name": (lambda tmp: ["--bundle", ""], "card.json is missing"),
    "bundle with an endless name": (lambda tmp: ["--bundle", "x" * 300], "no model bundle"),
    "palette that no file can be": (
        lambda tmp: ["--settings", text(tmp, "lamp.toml", '[light]\npalette = "a\\u0000.toml"')],
        "can't be read",
    ),
    "a microphone": (lambda tmp: ["--mic", "no such thing", "--speed", "real"], "icrophone"),
    "a microphone in a hurry": (lambda tmp: ["--mic", "hat", "--speed", "max"], "its own time"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_sentence_and_exit_2(
    case: str, song: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    make, word = BAD[case]
    options = make(tmp_path)
    source = [] if {"--file", "--mic"} & set(options) else ["--file", song]
    trace = [] if "--trace" in options else ["--trace", tmp_path / "trace.jsonl"]
    assert listen(*source, *trace, *options) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("lampyris: ")
    assert len(err.splitlines()) == 1
    assert word in err
    assert "Traceback" not in err
    assert not list(tmp_path.glob("trace.jsonl*"))


def test_a_trace_never_overwrites_what_is_read(song: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = song.read_bytes()
    (tmp_path / "link").symlink_to(song)
    for trace in (song, tmp_path / "link", BUNDLE / "card.json"):
        assert listen("--file", song, "--trace", trace) == 2
        assert "overwrite" in capsys.readouterr().err
    assert song.read_bytes() == before


def test_a_wrong_option_is_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["listen", "--speed", "warp"])
    assert stop.value.code == 2
    assert "max" in capsys.readouterr().err


COMMAND = [sys.executable, "-m", "device", "listen", "--speed", "max", "--bundle", str(BUNDLE)]


def test_a_pipe_gets_plain_lines() -> None:
    run = subprocess.run(COMMAND, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "\x1b" not in run.stdout
    assert run.stderr == ""
    first, *lines, felt, heard, last = run.stdout.splitlines()
    assert first == last
    assert first.startswith("with  tiny-")
    seconds = [5 * i for i in range(1, 1 + len(lines))]  # every five of the demo piece
    assert seconds[-1] >= 60
    assert all(line.startswith(f"{t // 60}:{t % 60:02d}  valence") for t, line in zip(seconds, lines, strict=True))
    assert felt.startswith("felt")
    assert heard.startswith("heard")


@pytest.mark.parametrize(
    ("redirection", "code", "said"),
    [("| head -1", 0, ""), (">&-", 0, ""), ("> /dev/full", 2, "can't be written"), ("2>&-", 0, "")],
)
def test_an_output_that_is_gone_makes_no_traceback(redirection: str, code: int, said: str) -> None:
    shell = f"set -o pipefail; {shlex.join(COMMAND)} {redirection}"
    run = subprocess.run(["bash", "-c", shell], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == code
    assert said in run.stderr
    assert "Traceback" not in run.stderr
    assert len(run.stderr.splitlines()) == bool(said)


def _heed_ctrl_c() -> None:
    """In the child: a shell that runs the tests in the background lets them ignore Ctrl-C, and that is inherited."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_quietly(number: signal.Signals, tmp_path: Path) -> None:
    command = [*COMMAND, "--speed", "real", "--strip", "null", "--trace", str(tmp_path / "t.jsonl")]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=_heed_ctrl_c
    )
    while not (tmp_path / "t.jsonl.part").exists():
        assert process.poll() is None
        time.sleep(0.01)
    time.sleep(0.3)  # from the trace's first line on into the music
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert err == ""
    assert process.returncode == 130
    assert not list(tmp_path.glob("*.part"))


def test_a_second_signal_does_not_cut_off_the_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = []

    def stopped(_: object) -> int:
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            for number in (signal.SIGTERM, signal.SIGHUP):
                signal.raise_signal(number)
            ended.append("in order")
            monkeypatch.setattr(time, "monotonic", lambda: 1e9)  # it hangs: then one does
            signal.raise_signal(signal.SIGTERM)
            ended.append("never")
        return 0

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    monkeypatch.setattr("device.listen.listen", lambda _: 0)
    assert main(["listen"]) == 0
    assert {number: signal.getsignal(number) for number in before} == before
    monkeypatch.setattr("device.listen.listen", stopped)
    try:
        assert main(["listen"]) == 130
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert ended == ["in order"]


def test_a_signal_while_everything_is_still_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("device.listen.listen", stopped)
    assert main(["listen"]) == 130


def test_ctrl_c_gives_the_terminal_back(tmp_path: Path) -> None:
    trace = tmp_path / "t.jsonl"
    command = [sys.executable, "-m", "device", "listen", "--bundle", BUNDLE, "--trace", trace]
    master, slave = pty.openpty()
    environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=slave, stdout=slave, stderr=slave, env=environment, preexec_fn=_heed_ctrl_c
    )
    os.close(slave)
    shown = b""
    sent = False
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([master], [], [], 0.2)[0]:
            try:
                shown += os.read(master, 65_536)
            except OSError:  # Linux says so when the other end is closed
                break
        if not sent and shown.count(b"\x1b[?2026h") > 10:
            process.send_signal(signal.SIGINT)
            sent = True
    assert process.wait(10) == 130
    os.close(master)
    assert shown.count(b"\x1b[?1049h") == shown.count(b"\x1b[?1049l") == 1
    assert shown.rindex(b"\x1b[?25h") > shown.rindex(b"\x1b[?25l")
    assert b"Traceback" not in shown
    assert b"38;2;" in shown
    after = shown[shown.rindex(b"\x1b[?1049l") :]
    assert b"heard" in after
    assert len(trace.read_text().splitlines()) > 5


def test_scene_and_palette_are_options_over_the_settings(song: Path, tmp_path: Path) -> None:
    settings = text(tmp_path, "lamp.toml", '[light]\nscene = "trail"\npalette = "ember"\nbrightness = 0.5')
    lights = []
    for options in ([], ["--scene", "breathe"], ["--palette", "aurora"], ["--settings", settings]):
        assert listen("--file", song, "--trace", tmp_path / "t.jsonl", *options) == 0
        lights.append([json.loads(line)["rgb"] for line in (tmp_path / "t.jsonl").read_text().splitlines()[1:]])
    assert len({json.dumps(light) for light in lights}) == 4
    both = ["--settings", settings, "--scene", "glow", "--palette", "lampyris", "--trace", tmp_path / "both.jsonl"]
    assert listen("--file", song, *both) == 0
    rgb = np.array([json.loads(line)["rgb"] for line in (tmp_path / "both.jsonl").read_text().splitlines()[1:]])
    ratio = (rgb[-20:].mean() / np.array(lights[0])[-20:].mean()) ** 2.2
    assert 0.4 < ratio < 0.6  # the brightness is still that of the settings


def test_a_palette_that_is_none_is_told(song: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert listen("--file", song, "--palette", "auroa") == 2
    assert "did you mean 'aurora'" in capsys.readouterr().err
