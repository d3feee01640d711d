import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from device.errors import InputError
from tests.trainer.corpora.trees import midi
from trainer import rendering
from trainer.rendering import RATE, find_soundfont, is_midi, rendered


@pytest.fixture
def font(monkeypatch: pytest.MonkeyPatch) -> Path:
    """A real soundfont, the smallest there is."""
    monkeypatch.delenv(rendering.VARIABLE, raising=False)
    if shutil.which("fluidsynth") is None:
        pytest.skip("fluidsynth is not installed")
    there = [Path(place) for place in rendering.PLACES if Path(place).is_file()]
    if not there:
        pytest.skip("no soundfont is installed")
    return min(there, key=lambda path: path.stat().st_size)


def test_sound_begins_and_ends_with_the_midi_file(tmp_path: Path, font: Path) -> None:
    # At 60 beats a minute: silence, a note at 1.5 s, another at 3 s for a second.
    path = midi(tmp_path / "a.mid", [(1.5, 0.5, 60), (3.0, 1.0, 72)], tempo=1_000_000)
    found, failed = rendered([path, path], tmp_path / "cache", font, jobs=1)
    assert not failed
    assert list(found) == [path]
    samples, rate = soundfile.read(found[path])
    assert (rate, samples.ndim, soundfile.info(found[path]).subtype) == (RATE, 1, "PCM_16")
    loud = np.abs(samples) > 5e-3
    assert np.flatnonzero(loud)[0] / RATE == pytest.approx(1.5, abs=0.03)
    second = round(2.9 * RATE) + int(np.argmax(np.diff(np.abs(samples[round(2.9 * RATE) :])) > 2e-3))
    assert second / RATE == pytest.approx(3.0, abs=0.03)
    silent = np.flatnonzero(np.abs(samples) > rendering.SILENT)[-1]
    assert len(samples) / RATE >= 4.0
    assert (len(samples) - silent) / RATE <= rendering.TAIL_S + 0.01
    assert np.abs(samples).max() < 1


def test_a_rendering_is_kept_by_content(tmp_path: Path, font: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = midi(tmp_path / "a.mid", [(0, 1, 60)])
    first = rendered([path], tmp_path / "cache", font, jobs=1)[0][path]
    changed = first.stat().st_mtime_ns
    other = path.rename(tmp_path / "b.mid")
    assert rendered([other], tmp_path / "cache", font, jobs=1)[0] == {other: first}
    assert first.stat().st_mtime_ns == changed
    midi(other, [(0, 1, 61)])
    assert rendered([other], tmp_path / "cache", font, jobs=1)[0][other] != first
    midi(other, [(0, 1, 60)])
    monkeypatch.setattr(rendering, "RENDERING", rendering.RENDERING + 1)
    assert rendered([other], tmp_path / "cache", font, jobs=1)[0][other] != first
    assert len(list((tmp_path / "cache" / "rendered").iterdir())) == 3


def test_a_damaged_rendering_is_made_anew(tmp_path: Path, font: Path) -> None:
    path = midi(tmp_path / "a.mid", [(0, 1, 60)])
    entry = rendered([path], tmp_path / "cache", font, jobs=1)[0][path]
    content = entry.read_bytes()
    entry.write_bytes(b"")
    assert rendered([path], tmp_path / "cache", font, jobs=1)[0][path].read_bytes() == content


def test_what_gives_no_sound_is_named_and_the_rest_rendered(tmp_path: Path, font: Path) -> None:
    good = midi(tmp_path / "good.mid", [(0, 1, 60)])
    silent = midi(tmp_path / "silent.mid", [])
    (tmp_path / "text.mid").write_text("no music")
    (tmp_path / "broken.mid").write_bytes(good.read_bytes()[:25])
    (tmp_path / "header.mid").write_bytes(b"MThd\x00\x00\x00\x06garbage")
    bad = [silent, *(tmp_path / f"{name}.mid" for name in ("text", "broken", "header", "gone"))]
    found, failed = rendered([*bad, good], tmp_path / "cache", font, jobs=2)
    assert list(found) == [good]
    assert set(failed) == set(bad)
    assert all(why and "\n" not in why for why in failed.values())
    assert failed[tmp_path / "text.mid"] == "it is no MIDI file"
    assert failed[silent] == "it holds no sound"
    assert len(list((tmp_path / "cache" / "rendered").iterdir())) == 1


def test_a_missing_program_says_how_to_get_it(tmp_path: Path, font: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match=r"fluidsynth is not installed.*apt install fluidsynth"):
        rendered([midi(tmp_path / "a.mid", [(0, 1, 60)])], tmp_path, font)


def test_where_the_soundfont_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    font = tmp_path / "a.sf2"
    font.write_bytes(b"RIFF\x00\x00\x00\x00sfbk")
    monkeypatch.setattr(rendering, "PLACES", (str(tmp_path / "none.sf2"), str(font)))
    monkeypatch.delenv(rendering.VARIABLE, raising=False)
    assert find_soundfont() == find_soundfont(font) == font
    other = tmp_path / "b.sf2"
    monkeypatch.setenv(rendering.VARIABLE, str(other))
    with pytest.raises(InputError, match=r"b\.sf2 cannot be read"):
        find_soundfont()
    other.write_text("no soundfont")
    with pytest.raises(InputError, match="is no SF2 soundfont"):
        find_soundfont()
    monkeypatch.delenv(rendering.VARIABLE)
    monkeypatch.setattr(rendering, "PLACES", ())
    with pytest.raises(InputError, match=r"No soundfont was found; install one .*apt install"):
        find_soundfont()


def test_midi_is_told_by_its_name() -> None:
    assert is_midi(Path("a/b.MID"))
    assert is_midi(Path("b.midi"))
    assert not is_midi(Path("mid.mp3"))
