"""Renders the demo piece: four sections, one for each quadrant of valence and arousal, as Ogg Vorbis.

    python tools/demo_piece/render.py [--soundfont FluidR3_GM.sf2] [--out device/assets/demo.ogg]

Needs fluidsynth (2.x) and a General MIDI soundfont (Debian: fluidsynth, fluid-soundfont-gm), and the Python
packages numpy, scipy and soundfile. The notes are in score_q1.py .. score_q4.py, arranged from public-domain
works named there. The same tools give the same file. Beside the sound it writes demo.json: title, sections,
sources and licence. Exit status: 0 done, 2 something is missing or could not be written.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

import mix
import numpy as np
import score_q1
import score_q2
import score_q3
import score_q4
import soundfile
from ogg import write_ogg
from synth import RATE, RenderError, is_soundfont, play

TITLE = "Four Moods: a demo for Lampyris"
SEED = 1839
QUALITY = 0.25
MADE = "2026-11-20"
SOUNDFONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
LICENCE = (
    "Arrangement and recording: CC0 1.0 (compositions in the public domain); instrument samples: "
    "FluidR3 GM soundfont by Frank Wen, MIT licence"
)


def build(soundfont: Path, folder: Path) -> tuple[np.ndarray, list[dict[str, object]]]:
    """The whole piece as sound, and its sections for the JSON file."""
    pieces, rows, start = [], [], 0.0
    for number, module in enumerate((score_q1, score_q2, score_q3, score_q4)):
        section = module.build()
        length = section.seconds(section.beats)
        sound = play(section, SEED + number, soundfont, folder)
        sound = mix.shape(sound, RATE, length, section.rms_db, section.drive, section.presence)
        pieces.append((sound, length, section.tail_s))
        rows.append(
            {
                "start_s": round(start, 2),
                "end_s": round(start + length, 2),
                "quadrant": section.quadrant,
                "name": section.name,
                "source": section.source,
            }
        )
        start += length
    sound = mix.join(pieces, RATE)
    rows[-1]["end_s"] = round(len(sound) / RATE, 2)
    return sound, rows


def write_json(path: Path, out: Path, sections: list[dict[str, object]], duration_s: float) -> None:
    """Writes the description of the piece beside `path` and renames it into place."""
    facts = {
        "title": TITLE,
        "file": out.name,
        "duration_s": round(duration_s, 2),
        "sections": sections,
        "licence": LICENCE,
        "command": "python tools/demo_piece/render.py --out device/assets/demo.ogg",
        "made": MADE,
    }
    beside = path.with_name(path.name + ".part")
    beside.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    beside.replace(path)


def main(arguments: list[str] | None = None) -> int:
    """The command; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--soundfont", type=Path, default=SOUNDFONT, help="General MIDI soundfont (%(default)s)")
    parser.add_argument("--out", type=Path, default=Path("device/assets/demo.ogg"), help="file (%(default)s)")
    parser.add_argument("--midi", type=Path, help="also keep the four MIDI files in this folder")
    options = parser.parse_args(arguments)
    try:
        if shutil.which("fluidsynth") is None:
            raise RenderError("fluidsynth was not found: install it (Debian: apt install fluidsynth).")
        if not options.soundfont.is_file():
            raise RenderError(f"The soundfont {options.soundfont} was not found: name one with --soundfont.")
        if not is_soundfont(options.soundfont):
            raise RenderError(f"{options.soundfont} is not a SoundFont 2 file: name another with --soundfont.")
        with tempfile.TemporaryDirectory() as name:
            sound, sections = build(options.soundfont, Path(name))
            if options.midi:
                options.midi.mkdir(parents=True, exist_ok=True)
                for song in sorted(Path(name).glob("*.mid")):
                    shutil.copy(song, options.midi / song.name)
        options.out.parent.mkdir(parents=True, exist_ok=True)
        write_ogg(options.out, sound, RATE, QUALITY, TITLE)
        write_json(options.out.with_suffix(".json"), options.out, sections, len(sound) / RATE)
    except RenderError as error:
        print(error, file=sys.stderr)
        return 2
    except (OSError, soundfile.LibsndfileError) as error:
        print(f"{options.out} could not be made: {error}.", file=sys.stderr)
        return 2
    print(f"{options.out}: {len(sound) / RATE:.1f} s, {options.out.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
