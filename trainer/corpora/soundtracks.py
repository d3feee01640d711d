"""Soundtracks-360: film-music excerpts with mean human ratings (Eerola and Vuoskoski 2011, set 1).

Layout: ratings.csv (Number, Valence, Energy, Tension, Anger, Fear, Happy, Sad, Tender, "Album name", ...),
audio/001.opus ... 360.opus.
"""

from pathlib import Path

from trainer.corpora.clip import Clip, Corpus, Problem, Report, normalized, rating
from trainer.corpora.table import rows

NAME = "soundtracks360"
LOWEST, HIGHEST = 1.0, 9.0
VALENCE_SCALE = (4.0, 3.0)
ENERGY_SCALE = (5.0, 4.0)
"""Neutral rating and half the range. The form has 1 to 9, so 5 is its middle and energy is taken as it stands: film
music is calmer than most music. The means of valence lie within 1 to 7 and around 4.1; with 5 as neutral nearly
three quarters of it would count as unpleasant, so 4 is neutral there. Measured with 4QAED beside it, in folds."""


OTHERS = ("Tension", "Anger", "Fear", "Happy", "Sad", "Tender")
"""Ratings beside the two axes, on the form's own scale: 1 to 9 becomes -1 to 1, so 1, "not at all", is -1."""


def unit_scale(rating: float, scale: tuple[float, float]) -> float:
    """A mean rating (1 to 9) in [-1, 1]: (rating - neutral) / half range, held at the ends."""
    return max(-1.0, min(1.0, (rating - scale[0]) / scale[1]))


def load(folder: Path) -> Report:
    """All excerpts that have both axes, an album and a sound file; InputError without the table.

    A rating of OTHERS that is blank or bad costs only that rating, not the excerpt; a bad one is noted.
    """
    clips: dict[str, Clip] = {}
    missing: list[str] = []
    problems: list[Problem] = []
    notes: list[str] = []
    count = 0
    for line, row in rows(folder / "ratings.csv", ("Number", "Valence", "Energy", "Album name"), optional=OTHERS):
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
            missing.append(f"audio/{path.name}")
        else:
            others, doubts = _others(row)
            clips[name] = Clip(name, NAME, path, album, *point, ratings=others)
            notes += [str(Problem("ratings.csv", line, f"{doubt}; left out")) for doubt in doubts]
    return Report(NAME, tuple(clips.values()), count, tuple(missing), tuple(problems), tuple(notes))


def _rating(text: str) -> float:
    rating(text, LOWEST, HIGHEST)
    return float(text)


def _others(row: dict[str, str]) -> tuple[tuple[tuple[str, float], ...], list[str]]:
    good: list[tuple[str, float]] = []
    doubts: list[str] = []
    for name in OTHERS:
        if row[name]:
            try:
                good.append((name.lower(), rating(row[name], LOWEST, HIGHEST)))
            except ValueError as error:
                doubts.append(f"{name}: {error}")
    return tuple(good), doubts


CORPUS = Corpus(NAME, "soundtracks360", "research use; excerpts of commercial film music", "album", load, "static")
