"""Several networks as one: the same answers as their mean, in the trainer and on the lamp."""

from pathlib import Path

import numpy as np

from device.hearing.sound_class import SoundClass
from tests.ears import FILTERS, HIDDEN, UNITS, USED, weights, write_ear
from trainer.ear.store import HOPS, SPEC
from trainer.ear.streams import Stream
from trainer.ear.weights import merged, probabilities


def stream(count: int = 3, steps: int = 20) -> Stream:
    rng = np.random.default_rng(5)
    frames = rng.uniform(-60, 10, (count, steps * HOPS, SPEC.width)).astype(np.float16)
    nothing = np.zeros((count, steps))
    return Stream(frames, nothing.astype(np.int64), nothing, nothing, nothing.astype(str))


def members(count: int) -> list[dict[str, np.ndarray]]:
    """Different networks, but for what standardizes their inputs."""
    same = {name: weights()[name] for name in ("mean", "deviation")}
    return [weights(seed) | same for seed in range(count)]


def logits(told: np.ndarray) -> np.ndarray:
    out = np.log(told)
    return out - out.mean(axis=-1, keepdims=True)


def test_a_merged_network_is_the_mean_of_its_members() -> None:
    each = members(3)
    wanted = np.mean([logits(probabilities(one, stream(), USED)) for one in each], axis=0)
    np.testing.assert_allclose(logits(probabilities(merged(each), stream(), USED)), wanted, atol=1e-4)


def test_one_member_stays_as_it_is() -> None:
    one = weights()
    for name, part in merged([one]).items():
        np.testing.assert_array_equal(part, one[name])


def test_the_lamp_hears_what_the_trainer_judged(tmp_path: Path) -> None:
    whole = merged(members(2))
    assert set(USED) <= set(SPEC.columns)
    wide = {"filters": 2 * FILTERS, "hidden": 2 * HIDDEN, "units": 2 * UNITS}
    write_ear(tmp_path, whole, features=SPEC, fingerprint=SPEC.fingerprint, **wide)
    model, heard = SoundClass(tmp_path), stream()
    for frames, wanted in zip(heard.frames, probabilities(whole, heard, USED), strict=True):
        model.reset()
        told = [model.process(frame) for frame in frames.astype(np.float32)]
        np.testing.assert_allclose([one for one in told if one is not None], wanted, rtol=1e-3, atol=1e-5)
