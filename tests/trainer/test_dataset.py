"""Clips, hearings and targets stay together."""

from pathlib import Path

import numpy as np
import pytest

from tests.trainer import made_up
from trainer.corpora.clip import SOUNDS, Clip
from trainer.dataset import assemble
from trainer.recipe import ModelOptions
from trainer.targets import RATINGS


def test_every_clip_has_its_frames_in_every_hearing() -> None:
    paces = (1.0, 1.5, 0.5)
    data = made_up.dataset(made_up.recipe(), paces=paces)
    assert data.plain is data.hearings[0]
    for number, (hearing, pace) in enumerate(zip(data.hearings, paces, strict=True)):
        assert len(hearing.frames) == len(hearing.ratings) == hearing.starts[-1]
        for i in range(12):
            own = hearing.of(i)
            assert len(own) == hearing.lengths[i] == round(pace * (15 + 3 * i))
            assert set(own[:, 0]) == {i}
            assert set(own[:, 2]) == {number}
            np.testing.assert_array_equal(own[:, 1], np.arange(len(own)))
            assert len(hearing.ratings_of(i)) == len(own)


def test_labels_of_all_kinds() -> None:
    model = ModelOptions(units=4, dense=(4,), sound=True)
    used = made_up.recipe(model=model, corpora=("4qaed", "gate"), weights=(1.0, 0.5))
    given = [*made_up.clips(2), Clip("n", "gate", Path("n"), "someone", sound="speech"), *made_up.pieces(1)]
    data = made_up.dataset(used, own=given)
    assert data.quadrants.tolist() == [0, -1, -1, -1]
    assert [SOUNDS[i] for i in data.sounds] == ["music", "music", "speech", "music"]
    # A corpus that the recipe doesn't weigh (VGMIDI in its own protocol) counts as one.
    assert data.weights.tolist() == [1.0, 1.0, 0.5, 1.0]
    assert data.corpora == ["4qaed", "soundtracks360", "gate", "vgmidi"]
    assert data.positions("gate").tolist() == [2]
    assert np.isnan(data.means[[0, 2]]).all()
    assert data.means[1, 0] == pytest.approx(given[1].valence)


def test_a_curves_mean_is_that_of_its_steps() -> None:
    used = made_up.recipe(corpora=("vgmidi",), weights=(1.0,))
    data = made_up.dataset(used, own=made_up.pieces(3))
    for i in range(3):
        rows = data.plain.ratings_of(i)[:, 0]
        assert data.means[i, 0] == pytest.approx(np.nanmean(rows), abs=1e-6)
    assert np.isnan(data.means[:, RATINGS.index("tension")]).all()


def test_a_stretched_hearing_has_its_curve_stretched() -> None:
    used = made_up.recipe(corpora=("vgmidi",), weights=(1.0,))
    data = made_up.dataset(used, own=made_up.pieces(2), paces=(1.0, 2.0), shortest=30)
    plain, slow = (hearing.ratings_of(0)[:, 0] for hearing in data.hearings)
    assert len(slow) == 2 * len(plain)
    # Step i of the original ends when step 2 i + 1 of the copy does.
    both = np.isfinite(plain) & np.isfinite(slow[1::2])
    assert both.sum() > 20
    np.testing.assert_allclose(slow[1::2][both], plain[both], atol=1e-5)
    # Means are told by the plain sound.
    assert data.means[0, 0] == pytest.approx(np.nanmean(plain), abs=1e-6)


def test_frames_must_belong_to_the_clips() -> None:
    with pytest.raises(ValueError, match=r"shorter|longer"):
        assemble(made_up.clips(3), made_up.frames(2), made_up.recipe())
