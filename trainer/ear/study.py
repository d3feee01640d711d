"""Cross-validation of the ear, and the network that ships."""

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from tqdm import tqdm

from device.errors import InputError
from device.hearing.sound_card import CARD_FILE, WEIGHTS_FILE, Patience, SoundCard, digest, load_card
from trainer.corpora.registry import find
from trainer.ear.columns import used_columns
from trainer.ear.judging import Heard, best_patience, score
from trainer.ear.material import CORPORA, FOLDS, clips
from trainer.ear.options import EarOptions
from trainer.ear.store import HOPS, SPEC, Store, joined
from trainer.ear.streams import Stream
from trainer.ear.ways import Way
from trainer.ear.weights import Weights, merged, probabilities
from trainer.parallel import each
from trainer.storage import read_json, write_arrays, write_atomic, write_json

SCORES_FILE = "scores.json"
TESTS: tuple[Way, ...] = ("raw", "equal", "narrow", "room")
TUNED_ON: tuple[Way, ...] = ("equal",)
PROTOCOL = {
    "folds": f"{FOLDS}; artists, albums, speakers and recordings apart, what is mixed in too",
    "patience": "chosen on another fold by a network that had seen neither",
    "steps": "later than 2 s after an onset, at -60 dBFS or more",
    "raw": "files as they come",
    "equal": "low-pass 7 kHz, MP3, -30 ± 20 dBFS RMS",
    "narrow": "the same with 3.4 or 5.5 kHz",
    "room": "equal, in a room, noise 10 dB below, MEMS microphone at 65 dB SPL",
}


@dataclass(frozen=True)
class Study:
    """options, and where corpora and cache are. jobs: streams made at a time."""

    options: EarOptions
    corpora: Path
    cache: Path
    jobs: int

    def streams(self, way: Way, count: int) -> list[list[Stream]]:
        """`count` streams a fold."""
        store = Store(clips(self.corpora), self.corpora, self.cache, self.options.seed)
        return store.streams(way, count, self.jobs)

    def evaluate(self, out: Path) -> dict[str, dict[str, float]]:
        """Scores of every test way over all folds, also written to `out` with the patience that suits all of them."""
        training = self.streams("training", self.options.streams)
        tests = {way: [joined(fold) for fold in self.streams(way, self.options.tests)] for way in TESTS}
        pairs = [frozenset({fold, (fold + 1) % FOLDS}) for fold in range(FOLDS)]
        fitted = self._fit(training, [*(frozenset({fold}) for fold in range(FOLDS)), *pairs])
        used = used_columns(self.options.blind)

        def heard(way: Way, fold: int, without: frozenset[int]) -> Heard:
            return Heard(tests[way][fold], probabilities(fitted[without], tests[way][fold], used))

        held = {way: [heard(way, fold, frozenset({fold})) for fold in range(FOLDS)] for way in TESTS}
        chosen = [
            best_patience([heard(way, (fold + 1) % FOLDS, pairs[fold]) for way in TUNED_ON]) for fold in range(FOLDS)
        ]
        scores: dict[str, dict[str, float]] = {way: score(held[way], chosen) for way in TESTS}
        final = best_patience([part for way in TUNED_ON for part in held[way]])
        content = {
            "options": msgspec.to_builtins(self.options),
            "created": datetime.now(UTC).date().isoformat(),
            "scores": scores,
            "patience": msgspec.to_builtins(final),
            "patience_of_folds": msgspec.to_builtins(chosen),
        }
        write_json(out / SCORES_FILE, content)
        return scores

    def fit(self, out: Path, command: str) -> SoundCard:
        """The network of all clips with the scores of `out`, written beside them. InputError without scores."""
        if not (out / SCORES_FILE).is_file():
            raise InputError(f"{out} has no {SCORES_FILE}; run `python -m trainer gate evaluate {out}` first.")
        known = read_json(out / SCORES_FILE)
        if known["options"] != msgspec.to_builtins(self.options):
            raise InputError(f"{out / SCORES_FILE} is of other options; evaluate these in another folder first.")
        nobody: frozenset[int] = frozenset()
        parts = self._fit(self.streams("training", self.options.streams), [nobody])[nobody]
        write_arrays(out / WEIGHTS_FILE, **parts)
        card = SoundCard(
            features=SPEC,
            fingerprint=SPEC.fingerprint,
            pool_hops=HOPS,
            inputs=used_columns(self.options.blind),
            taps=len(parts["filters"]),
            filters=len(parts["filters_bias"]),
            hidden=len(parts["hidden_bias"]),
            units=len(parts["recurrent"]),
            patience=msgspec.convert(known["patience"], Patience),
            weights_sha256=digest((out / WEIGHTS_FILE).read_bytes()),
            corpora={name: find(name).licence for name in CORPORA},
            scores=known["scores"],
            protocol=PROTOCOL,
            created=datetime.now(UTC).date().isoformat(),
            command=command,
            seed=self.options.seed,
        )
        text = msgspec.json.format(msgspec.json.encode(card, order="deterministic"), indent=2) + b"\n"
        write_atomic(out / CARD_FILE, lambda stream: stream.write(text))
        return load_card(out)[0]

    def _fit(self, training: list[list[Stream]], without: list[frozenset[int]]) -> dict[frozenset[int], Weights]:
        """For every set of folds the network that is fitted without them."""
        tasks = []
        for left_out in without:
            kept = [stream for fold in range(FOLDS) if fold not in left_out for stream in training[fold]]
            tasks += [(left_out, joined(kept), self.options, member) for member in range(self.options.members)]
        found = dict(tqdm(each(_fit_one, tasks, self.jobs), "networks", len(tasks), file=sys.stderr))
        # By their numbers, because they are done in any order and sums depend on it.
        return {one: merged([found[one, member] for member in range(self.options.members)]) for one in without}


def _fit_one(
    left_out: frozenset[int], every: Stream, options: EarOptions, member: int
) -> tuple[tuple[frozenset[int], int], Weights]:
    from trainer.ear.fitting import fit

    return (left_out, member), fit(every, options, member)
