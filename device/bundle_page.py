"""A bundle's card as lines to read in a terminal."""

import textwrap

from device.bundle_scores import all_scores, few_scores, score
from device.emotion.card import Card, Corpus
from device.emotion.gate_table import gate_table, size

WIDTH = 100
_INDENT = 12


def page(
    card: Card, state: str, signature: str, *, whole: bool = False, width: int = WIDTH, curves: bool = True
) -> list[str]:
    """What the card says, in lines of at most `width` characters where words allow.

    state: of the bundle here, by its ID. signature: its state. whole: also what few want to know. curves: the output
    has the characters for them.
    """
    rows = [
        ("", state),
        ("name", f"{card.name} {card.version}, made on {card.created}"),
        *_under("how good", few_scores(card.scores) or ["its card has no scores that are known here"]),
        *_under("trained on", [_corpus(corpus) for corpus in card.corpora]),
        *_under("limits", list(card.limits)),
        ("signature", signature),
        ("size", f"{size(card.model_bytes)} of weights as {card.quantization}, {size(card.arena_bytes)} to run"),
    ]
    if not whole:
        rows.append(("more", "by --all: every score, how it was made, the ways of storing that were tried"))
        return _lines(rows, width)
    rows += [
        ("kind", f"{card.kind}, {card.members} members, {_model(card)}"),
        ("hears", f"{', '.join(card.features.blocks)} (features {card.fingerprint})"),
        ("proved on", ", ".join(card.runtimes)),
        ("operators", ", ".join(f"{name} {version}" for name, version in sorted(card.operators.items()))),
        ("from Keras", f"{', '.join(f'{k} {score(v)}' for k, v in card.parity.items())} ({card.parity_frames} frames)"),
        ("made by", f"{card.command} (commit {card.commit[:12]}, seed {card.seed})"),
    ]
    lines = _lines(rows, width)
    if card.scores:
        lines += ["", "Scores (of cross-validation: what was heard is not what was trained on)"]
        lines += all_scores(card.scores, width)
    if card.gate:
        table = gate_table(card.gate, width - 2 if curves else 0)
        told = " (curve: distance from Keras, minute by minute)" if "curve" in table[0] else ""
        lines += ["", f"Ways of storing that were tried{told}", *(f"  {line}" for line in table)]
    return [printable(line) for line in lines]


def printable(text: str) -> str:
    """The text without what would steer a terminal: a card's words are anyone's."""
    return "".join(character if character.isprintable() else "?" for character in text)


def _corpus(corpus: Corpus) -> str:
    return f"{corpus.name}: {corpus.clips} clips, {corpus.seconds / 60:.0f} min, {corpus.licence}"


def _model(card: Card) -> str:
    if card.window is None:
        return f"remembers {card.state_size} numbers"
    step_s = card.pool_hops * card.features.hop_s
    return f"looks at the last {card.window.steps * step_s:.1f} s every {card.window.every * step_s:.1f} s"


def _under(label: str, texts: list[str]) -> list[tuple[str, str]]:
    """Rows of which the first alone has the label."""
    return [(label if number == 0 else "", text) for number, text in enumerate(texts)]


def _lines(rows: list[tuple[str, str]], width: int) -> list[str]:
    return [printable(line) for number, (label, text) in enumerate(rows) for line in _row(label, text, width, number)]


def _row(label: str, text: str, width: int, number: int) -> list[str]:
    first = f"{label:<{_INDENT}}" if number else ""  # the first row is the head
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=" " * _INDENT, break_long_words=False
    ) or [first.rstrip()]
