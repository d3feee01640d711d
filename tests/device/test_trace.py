"""Trace: whole or not at all, and every line can be read."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from device.emotion.emotion import Emotion
from device.errors import InputError
from device.hop import Hop
from device.trace import Trace

HOP = Hop(0.05, Emotion(0.25, -0.5, 0.125), "music", -18.5, np.array([1.0, 0.2140, 0.0], dtype=np.float32))


def test_a_header_then_a_line_a_hop(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    with Trace(path, {"bundle": "b", "source": "s"}) as trace:
        trace.write(HOP)
        assert not path.exists()
    header, line = (json.loads(text) for text in path.read_text().splitlines())
    assert header == {"format": 1, "bundle": "b", "source": "s"}
    assert line == {
        "t": 0.05,
        "valence": 0.25,
        "arousal": -0.5,
        "spread": 0.125,
        "sound": "music",
        "level_db": -18.5,
        "rgb": [255, 127, 0],
    }


def test_a_failed_run_leaves_the_old_trace_alone(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text("old")
    with pytest.raises(RuntimeError), Trace(path, {}) as trace:
        trace.write(HOP)
        raise RuntimeError
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["t.jsonl"]


def test_a_run_that_the_user_stops_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    with pytest.raises(KeyboardInterrupt), Trace(path, {}) as trace:
        trace.write(HOP)
        raise KeyboardInterrupt
    assert len(path.read_text().splitlines()) == 2


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "real" / "t.jsonl")
    with Trace(tmp_path / "link.jsonl", {}) as trace:
        trace.write(HOP)
    assert (tmp_path / "link.jsonl").is_symlink()
    assert len((tmp_path / "real" / "t.jsonl").read_text().splitlines()) == 2


def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with Trace(pipe, {}) as trace:
        trace.write(HOP)
    assert os.read(reader, 10_000).count(b"\n") == 2
    os.close(reader)
    assert pipe.is_fifo()


@pytest.mark.parametrize("where", ["no/such/folder/t.jsonl", ".", "a\0b", "x" * 300])
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, where: str) -> None:
    with pytest.raises(InputError, match="can't be written"):
        Trace(tmp_path / where, {})


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_told(tmp_path: Path) -> None:
    trace = Trace(tmp_path / "t.jsonl", {})
    trace._file.close()
    trace._file = open("/dev/full", "wb", buffering=0)  # noqa: SIM115
    with pytest.raises(InputError, match="make room"):
        trace.write(HOP)
    trace.discard()
