"""Soundtracks-360: film-music excerpts with mean human ratings (Eerola and Vuoskoski 2011, set 1).

Layout: ratings.csv (Number, Valence, Energy, ..., "Album name"), audio/001.opus ... 360.opus.
"""

import math
from pathlib import Path

from trainer.corpora.clip import Clip, Corpus, Problem, Report, normalized
from trainer.corpora.table import rows

NAME = "soundtracks360"
LOWEST, HIGHEST = 1.0, 9.0
VALENCE_SCALE = (4.0, 3.0)
ENERGY_SCALE = (5.0, 4.0)
"""Neutral rating and half the range. The form has 1 to 9, so 5 is its middle and energy is taken as it stands: film
music is calmer than most music. The means of valence lie within 1 to 7 and around 4.1; with 5 as neutral nearly
three quarters of it would count as unpleasant, so 4 is neutral there. Measured with 4QAED beside it, in folds."""


def unit_scale(rating: float, scale: tuple[float, float]) -> float:
    """A mean rating (1 to 9) in [-1, 1]: (rating - neutral) / half range, held at the ends."""
    return max(-1.0, min(1.0, (rating - scale[0]) / scale[1]))


def load(folder: Path) -> Report:
    """All excerpts that have both ratings, an album and a sound file; InputError without the table."""
    clips: dict[str, Clip] = {}
    missing: list[str] = []
    problems: list[Problem] = []
    count = 0
    for line, row in rows(folder / "ratings.csv", ("Number", "Valence", "Energy", "Album name")):
        count += 1
        try:
            name = f"{int(row['Number']):03d}"
            valence, energy = _rating(row["Valence"]), _rating(row["Energy"])
        except ValueError as error:
            problems.append(Problem("ratings.csv", line, str(error)))
            continue
        point = unit_scale(valence, VALENCE_SCALE), unit_scale(energy, ENERGY_SCALE)
        album = normalized(row["Album name"])
        path = folder / "audio" / f"{name}.opus"
        if not album:
            problems.append(Problem("ratings.csv", line, f"no album for excerpt {name}"))
        elif name in clips:
            problems.append(Problem("ratings.csv", line, f"excerpt {name} is there twice"))
        elif not path.is_file():
            missing.append(path.name)
        else:
            clips[name] = Clip(name, NAME, path, album, *point)
    return Report(NAME, tuple(clips.values()), count, tuple(missing), tuple(problems))


def _rating(text: str) -> float:
    value = float(text)
    if not math.isfinite(value) or not LOWEST <= value <= HIGHEST:
        raise ValueError(f"rating {text!r} is not within {LOWEST:g} to {HIGHEST:g}")
    return value


CORPUS = Corpus(NAME, "soundtracks360", "research use; excerpts of commercial film music", "album", load)
