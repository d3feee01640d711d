"""How good the ear's answers are, and which patience makes them best."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from device.hearing.decision import Decision
from device.hearing.sound_card import CLASSES, Patience
from trainer.ear.streams import MIXED, QUIET_DB, Stream, target

Array = NDArray[np.float32]

DECIDED_S = 2.0
RECALL, FALSE = 0.97, 0.03
"""What is aimed at: of music heard as music, of speech and of noise heard as music."""
SPARE = 0.005
"""How much better than RECALL the patience is to be, because other clips are harder."""

ENTER, LEAVE, STEPS = (0.1, 0.2, 0.4, 0.6), (0.5, 0.7, 0.8, 0.85, 0.91, 0.95), (1, 2, 3)
"""The patiences that are tried."""


@dataclass(frozen=True)
class Heard:
    """Stacked streams [streams, steps] and the probabilities [streams, steps, classes] that a network without these
    clips gave them."""

    stream: Stream
    probabilities: Array


def answers(probabilities: Array, patience: Patience) -> NDArray[np.int64]:
    """[streams, steps] the class decided by the lamp's own Decision, -1 while nothing is known."""
    out = np.full(probabilities.shape[:2], -1)
    for row, stream in zip(out, probabilities.tolist(), strict=True):
        decision = Decision(patience)
        for at, step in enumerate(stream):
            answer = decision.process(step)
            row[at] = -1 if answer is None else CLASSES.index(answer)
    return out


def score(parts: Sequence[Heard], patience: Patience | Sequence[Patience]) -> dict[str, float]:
    """Shares of the steps later than DECIDED_S after an onset, silence left out; and how long a decision takes.

    music, music_under_talk: heard as music. speech_as_music, noise_as_music. speech, noise: heard as themselves.
    in_time: share of the changes between music and anything else that are answered within DECIDED_S; median_s, p95_s:
    after what time they are; those never answered count as the segment's length. patience: one for all or one a part.
    """
    each = [patience] * len(parts) if isinstance(patience, Patience) else patience
    told = [answers(part.probabilities, own) for part, own in zip(parts, each, strict=True)]
    kind = np.concatenate([part.stream.kind.ravel() for part in parts])
    answer = np.concatenate([one.ravel() for one in told])
    late = np.concatenate([(part.stream.since_s > DECIDED_S).ravel() for part in parts])
    late &= np.concatenate([(part.stream.level_db >= QUIET_DB).ravel() for part in parts])

    def share(of: int, said: int) -> float:
        return float(np.mean(answer[late & (kind == of)] == said))

    times = np.concatenate([_times(part.stream, one) for part, one in zip(parts, told, strict=True)])
    mixed = {"music_under_talk": share(MIXED, 0)} if (late & (kind == MIXED)).any() else {}
    return mixed | {
        "music": share(0, 0),
        "speech_as_music": share(1, 0),
        "noise_as_music": share(2, 0),
        "speech": share(1, 1),
        "noise": share(2, 2),
        "in_time": float(np.mean(times <= DECIDED_S + 1e-6)),
        "median_s": float(np.median(times)),
        "p95_s": float(np.percentile(times, 95)),
    }


def _times(stream: Stream, answer: NDArray[np.int64]) -> Array:
    """Seconds until each change between music and anything else was answered [changes]."""
    times = []
    for kinds, said, since in zip(target(stream.kind), answer, stream.since_s, strict=True):
        starts = np.flatnonzero(np.diff(since, prepend=np.inf) < 0)
        for number, (start, end) in enumerate(itertools.pairwise([*starts, len(since)])):
            music = kinds[start] == 0
            if number and (kinds[start - 1] == 0) == music:
                continue
            told = said[start:end]
            right = np.flatnonzero((told >= 0) & ((told == 0) == music))
            times.append(since[start + right[0]] if len(right) else since[end - 1])
    return np.array(times)


def best_patience(parts: Sequence[Heard]) -> Patience:
    """The patience that takes least speech and noise for music while RECALL and the time are kept."""
    found: list[tuple[float, Patience]] = []
    for enter, leave, steps in itertools.product(ENTER, LEAVE, STEPS):
        if enter + leave <= 1.0:
            continue
        patience = Patience(enter=enter, leave=leave, steps=steps)
        told = score(parts, patience)
        missed = max(0.0, RECALL + SPARE - told["music"])
        slow = max(0.0, 0.95 - told["in_time"])
        found.append((10 * missed + told["speech_as_music"] + told["noise_as_music"] + 0.5 * slow, patience))
    return min(found, key=lambda one: one[0])[1]
