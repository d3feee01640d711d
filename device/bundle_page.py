"""A bundle's card as lines to read in a terminal."""

import re
import textwrap
from collections.abc import Iterator, Mapping

from device.emotion.card import Card
from device.emotion.gate_table import gate_table, number, size

WIDTH = 100
_INDENT = 12
_DETAIL = re.compile(
    r"_check|one_member|_q[1-4]_|_\d+$|_sd$|signs|medians|emotion|without|worst|_accuracy_|_rmse_|_r_|"
    r"_f1_(all|capture|noise|quiet|room)$"
)


def page(card: Card, signature: str, every_score: bool = False) -> list[str]:
    """What the card says, in lines of at most WIDTH characters where words allow. signature: its state.

    every_score: also those of parts, repetitions and further measures.
    """
    scores = {name: value for name, value in card.scores.items() if every_score or not _DETAIL.search(name)}
    hidden = len(card.scores) - len(scores)
    lines = [
        *_row("name", f"{card.name} {card.version}, made on {card.created}"),
        *_row("kind", f"{card.kind}, {card.members} members, {_model(card)}"),
        *_row("size", f"{size(card.model_bytes)} of weights as {card.quantization}, {size(card.arena_bytes)} to run"),
        *_row("hears", f"{', '.join(card.features.blocks)} (features {card.fingerprint})"),
        *_row("signature", signature),
        *_row("proved on", ", ".join(card.runtimes)),
        *_row("operators", ", ".join(f"{name} {version}" for name, version in sorted(card.operators.items()))),
        *_row("from Keras", f"{_numbers(card.parity)} ({card.parity_frames} frames)"),
        *_row("made by", f"{card.command} (commit {card.commit[:12]}, seed {card.seed})"),
    ]
    for corpus in card.corpora:
        said = f"{corpus.name}: {corpus.clips} clips, {corpus.seconds / 60:.0f} min, {corpus.licence}"
        lines += _row("trained on" if corpus is card.corpora[0] else "", said)
    for limit in card.limits:
        lines += _row("limits" if limit is card.limits[0] else "", limit)
    if card.scores:
        lines += ["", "Scores (of cross-validation: what was heard is not what was trained on)", *_scores(scores)]
        lines += [f"  and {hidden} more: --all"] if hidden else []
    if card.gate:
        lines += [
            "",
            "Ways of storing that were tried (curve: distance from Keras, minute by minute)",
            *(f"  {line}" for line in gate_table(card.gate)),
        ]
    return [printable(line) for line in lines]


def printable(text: str) -> str:
    """The text without what would steer a terminal: a card's words are anyone's."""
    return "".join(character if character.isprintable() else "?" for character in text)


def _model(card: Card) -> str:
    if card.window is None:
        return f"remembers {card.state_size} numbers"
    step_s = card.pool_hops * card.features.hop_s
    return f"looks at the last {card.window.steps * step_s:.1f} s every {card.window.every * step_s:.1f} s"


def _row(label: str, text: str) -> list[str]:
    first = f"{label:<{_INDENT}}"
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=" " * _INDENT, break_long_words=False
    ) or [first.rstrip()]


def _numbers(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {number(value)}" for name, value in values.items())


def _scores(scores: Mapping[str, float]) -> Iterator[str]:
    """By what was measured on what: the first two words of a score's name, as trainer writes it."""
    groups: dict[tuple[str, str], dict[str, float]] = {}
    for name, value in sorted(scores.items()):
        words = name.split("_", 2)
        corpus, measure, rest = (*words, "", "")[:3]
        groups.setdefault((corpus, measure), {})[rest.replace("_", " ")] = value
    before = ""
    for (corpus, measure), values in groups.items():
        if corpus != before:
            yield f"  {corpus}"
        before = corpus
        said = ", ".join(f"{name} {number(value)}".strip() for name, value in values.items())
        yield from textwrap.wrap(
            said, WIDTH, initial_indent=f"    {measure:<10}  ", subsequent_indent=" " * 16, break_long_words=False
        )
