"""The floor of benchmarks/runner.py is the same step: numpy says what Keras says."""

import numpy as np
import pytest

from benchmarks.numpy_step import NumpyStep, random_weights, weights_of
from convert.reference import reference
from tests.convert.small_models import WIDTH, randomized, three_headed


@pytest.mark.parametrize("kind", ["forked", "parallel"])
def test_numpy_says_what_keras_says(kind: str) -> None:
    models = []
    for seed in range(3):
        model = three_headed("gru", kind, units=6, seed=seed)
        # The trainer numbers its dense layers by head; this graph leaves that to Keras.
        for head, layer in zip(
            ("quadrant", "ratings"), [x for x in model.layers if x.name.startswith("dense")], strict=True
        ):
            layer.name = f"{head}_dense_1"
        models.append(randomized(model, seed))
    frames = np.random.default_rng(0).standard_normal((50, WIDTH)).astype(np.float32)
    step = NumpyStep(weights_of(models), len(models))
    got = np.stack([step.process(frame) for frame in frames])
    np.testing.assert_allclose(got, reference(models, None)(frames)["va"], atol=1e-5)
    step.reset()
    np.testing.assert_array_equal(step.process(frames[0]), got[0])


def test_random_weights_have_the_sizes_of_real_ones() -> None:
    for kind in ("forked", "parallel"):
        random = random_weights({"cell": "gru", "kind": kind, "units": 6, "dense": [5, 3]}, 2, 12)
        assert NumpyStep(random, 2).process(np.zeros(12, np.float32)).shape == (4,)
    with pytest.raises(ValueError, match="GRU networks only"):
        random_weights({"cell": "lstm", "kind": "forked"}, 2, 12)
