from pathlib import Path

import numpy as np
import pytest

from tests.trainer import made_up
from trainer import fitting
from trainer.fitting import Fitting, clip_predictions

CHOSEN = np.array([0, 1, 2, 4, 5, 7])


class Stopped(Exception):
    """Somebody pulled the plug."""


def weights(model: object) -> list[np.ndarray]:
    return [np.asarray(w) for w in model.get_weights()]  # type: ignore[attr-defined]


def stop_after(last: int) -> fitting.Progress:
    def progress(epoch: int, loss: float) -> None:
        if epoch == last:
            raise Stopped

    return progress


def test_loss_goes_down() -> None:
    used = made_up.recipe(epochs=15, rate=0.02, average=0.0)
    losses: list[float] = []
    Fitting(made_up.dataset(used), CHOSEN, used, 0).run(lambda epoch, loss: losses.append(loss))
    assert len(losses) == 15
    assert np.mean(losses[-3:]) < 0.9 * np.mean(losses[:3])


def test_a_stopped_training_ends_as_an_unbroken_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "CHECKPOINT_EPOCHS", 2)
    used = made_up.recipe(epochs=5)
    data = made_up.dataset(used)
    whole = Fitting(data, CHOSEN, used, 3).run()
    place = tmp_path / "checkpoint.npz"
    with pytest.raises(Stopped):
        Fitting(data, CHOSEN, used, 3, place).run(stop_after(4))
    assert place.is_file()
    seen: list[int] = []
    resumed = Fitting(data, CHOSEN, used, 3, place).run(lambda epoch, loss: seen.append(epoch))
    assert seen == [3, 4, 5]
    for a, b in zip(weights(whole), weights(resumed), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_a_damaged_checkpoint_starts_over(tmp_path: Path) -> None:
    used = made_up.recipe(epochs=1)
    place = tmp_path / "checkpoint.npz"
    place.write_bytes(b"PK\x03\x04 nothing")
    seen: list[int] = []
    Fitting(made_up.dataset(used), CHOSEN, used, 0, place).run(lambda epoch, loss: seen.append(epoch))
    assert seen == [1]


def test_members_differ() -> None:
    used = made_up.recipe(epochs=1)
    data = made_up.dataset(used)
    first, again, other = (weights(Fitting(data, CHOSEN, used, tag).run()) for tag in (0, 0, 1))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_held_out_clips_change_nothing() -> None:
    used = made_up.recipe(epochs=1)
    data = made_up.dataset(used)
    spoiled = made_up.dataset(used)
    for index in set(range(len(data.clips))) - set(CHOSEN.tolist()):
        spoiled.of(index)[:] = 1e6
        spoiled.targets[index] = -1
    one, two = (weights(Fitting(d, CHOSEN, used, 0).run()) for d in (data, spoiled))
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


def test_a_prediction_is_the_mean_after_the_warm_up() -> None:
    used = made_up.recipe(epochs=1)
    data = made_up.dataset(used)
    model = Fitting(data, CHOSEN, used, 0).run()
    together = clip_predictions(model, data, np.array([0, 11]), used)
    frames = fitting.pooled(data.of(0), used.pool_hops)[None]
    alone = np.asarray(model(frames, training=False))[0, used.warmup_steps :].mean(axis=0)
    np.testing.assert_allclose(together[0], alone, atol=1e-5)


def test_beyond_an_open_side_is_no_error() -> None:
    used = made_up.recipe(one_sided=(True, True))
    fit = Fitting(made_up.dataset(used), CHOSEN, used, 0)
    x = np.zeros((1, 3, used.width), np.float32)
    weight = np.ones((1, 3, 2), np.float32)
    y = np.full((1, 3, 2), -0.99, np.float32)
    side = np.ones_like(y)
    assert float(fit._train_step(x, y, weight, side)) == 0.0
    assert float(fit._train_step(x, y, weight, 0 * side)) > 0.1
