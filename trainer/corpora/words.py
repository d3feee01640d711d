"""Valence and arousal of words, so that mood tags can be put on the plane (Warriner, Kuperman, Brysbaert 2013).

Table: tables/warriner_norms.csv in the corpora's folder (Word, V.Mean.Sum, A.Mean.Sum, ... on 1 to 9).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from trainer.corpora.clip import rating
from trainer.corpora.table import rows

TABLE = Path("tables") / "warriner_norms.csv"


@dataclass(frozen=True, slots=True)
class Norms:
    """(valence, arousal) in [-1, 1] by word, lower case."""

    words: dict[str, tuple[float, float]]

    def mood(self, tags: Iterable[str]) -> tuple[float, float] | None:
        """The mean (valence, arousal) of those tags that are known words, whatever their capitals; None if none is."""
        known = [self.words[word] for tag in tags if (word := tag.strip().lower()) in self.words]
        if not known:
            return None
        return sum(valence for valence, _ in known) / len(known), sum(arousal for _, arousal in known) / len(known)


def read(corpora: Path) -> Norms:
    """The norms out of the folder that holds the corpora; InputError without the table. Bad rows are passed over."""
    words: dict[str, tuple[float, float]] = {}
    for _, row in rows(corpora / TABLE, ("Word", "V.Mean.Sum", "A.Mean.Sum")):
        try:
            words[row["Word"].lower()] = rating(row["V.Mean.Sum"], 1, 9), rating(row["A.Mean.Sum"], 1, 9)
        except ValueError:
            continue
    return Norms(words)
