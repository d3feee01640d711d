"""The runtime: does this machine compute what networks were made to say?"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from device.doctor.finding import Finding, Value, fail, from_error, ok, warn
from device.emotion import shipped
from device.emotion.bundle import load_bundle
from device.emotion.runtime import choose_runtime, runtime_label
from device.emotion.self_test import POOLS, self_test_apart, signal
from device.errors import InputError
from device.features.extractor import extract
from device.hearing.sound_card import CLASSES
from device.hearing.sound_class import SHIPPED, SoundClass

_INSTALL = "run ./setup.sh again"
NOISE_RMS, SEED = 0.1, 0


def check(test: Callable[[Path], float] = self_test_apart) -> Finding:
    """Lets the TFLite runtime, in a process of its own, answer as the card of the bundle that ships says it does."""
    try:
        label = runtime_label(choose_runtime())
        load_bundle(shipped.SHIPPED, "install Lampyris again")  # its damage would not be the runtime's
        difference = test(shipped.SHIPPED)
    except InputError as error:
        return from_error("runtime", error, _INSTALL)
    return ok(
        "runtime",
        f"{label}, numpy {np.__version__}: {POOLS} known answers, right but for {difference:.1g}",
        label=label,
        off_by=difference,
    )


def check_ear(fingerprint: str | None, folder: Path = SHIPPED) -> Finding:
    """Lets the network of the ear tell a piece of music and white noise.

    fingerprint: of the features of the bundle in use, None if that is not known.
    """
    try:
        network = SoundClass(folder)
    except InputError as error:
        return from_error("ear", error, _INSTALL)
    spec = network.card.features
    piece = signal(spec, POOLS * network.card.pool_hops)
    noise = np.random.default_rng(SEED).normal(0, NOISE_RMS, len(piece)).astype(np.float32)
    values: dict[str, Value] = {}
    for kind, samples in (("music", piece), ("noise", noise)):
        said = _last(network, samples)
        answer = CLASSES[int(said.argmax())] if np.isfinite(said).all() else "no number"
        if answer != kind:
            return fail("ear", f"its network takes plain {kind} for {answer}", _INSTALL, **values)
        values[f"{kind}_probability"] = round(float(said[CLASSES.index(kind)]), 3)
    if fingerprint not in (None, spec.fingerprint):
        return warn(
            "ear",
            "the bundle in use has other features than the ear, so speech and noise are taken for music",
            "convert the bundle again with this release, or: lampyris bundle use built-in",
            **values,
        )
    return ok("ear", "its network tells music from noise", **values)


def _last(network: SoundClass, samples: np.ndarray) -> np.ndarray:
    """Probabilities [3] at the end of the samples, from a fresh start."""
    network.reset()
    said = [network.process(frame) for frame in extract(samples, network.card.features)]
    return [each for each in said if each is not None][-1]
