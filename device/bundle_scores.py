"""A card's scores as lines to read: a few with their meaning, or all of them."""

import re
import textwrap
from collections.abc import Iterator, Mapping

_WORDS = (
    (r"(\w+?)_f1_artist", "F1", "four moods, unheard artists of {} (1 perfect, 0.25 chance)"),
    (r"(\w+?)_f1_all", "F1", "the same in a room, faint, noisy, by a small microphone"),
    (r"soundtracks_r2_(valence|energy)", "R2", "{} of film music (1 perfect, 0 as good as the mean)"),
    (r"change_(valence|arousal)_all", "off", "mean change of {} in such a room (scale -1 to 1)"),
)
_FEW = 6
_MEANING = {
    "change": "mean change of valence and arousal in a room, with noise, by a microphone, at -20 dB; in all of them",
    "stability": "how far off from itself after ten minutes of other music, so long after the next piece began",
}


def score(value: float) -> str:
    """With three decimals, but for what has none or needs more."""
    return f"{value:.3f}" if value == 0 or 0.0005 <= abs(value) < 100 else _odd(value)


def _odd(value: float) -> str:
    return f"{value:.0f}" if 100 <= abs(value) < 1e6 else f"{value:.1e}"


def few_scores(scores: Mapping[str, float]) -> list[str]:
    """At most six scores, each with what it is."""
    lines = []
    for pattern, label, words in _WORDS:
        for name, value in scores.items():
            if found := re.fullmatch(pattern, name):
                lines.append(f"{score(value)} {label}: {words.format(*found.groups())}")
    return lines[:_FEW]


def all_scores(scores: Mapping[str, float], width: int) -> Iterator[str]:
    """By what was measured on what: the first two words of a score's name, as trainer writes it."""
    groups: dict[tuple[str, str], dict[str, float]] = {}
    for name, value in sorted(scores.items(), key=_natural):
        words = name.split("_", 2)
        corpus, measure, rest = (*words, "", "")[:3]
        groups.setdefault((corpus, measure), {})[rest.replace("_", " ")] = value
    before = ""
    for (corpus, measure), values in groups.items():
        if corpus != before:
            yield from _wrapped(f"  {corpus}", f": {_MEANING[corpus]}" if corpus in _MEANING else "", width)
        before = corpus
        yield from _wrapped(
            f"    {measure:<10}  ", ", ".join(f"{name} {score(value)}".strip() for name, value in values.items()), width
        )


def _natural(item: tuple[str, float]) -> list[tuple[int, str]]:
    """So that 5s comes before 10s."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"([0-9]+)", item[0])]


def _wrapped(first: str, text: str, width: int) -> list[str]:
    indent = " " * max(4, len(first) if first.endswith("  ") else 4)
    return textwrap.wrap(text, width, initial_indent=first, subsequent_indent=indent, break_long_words=False) or [
        first.rstrip()
    ]
