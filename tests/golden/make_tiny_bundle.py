"""Make tests/golden/tiny_bundle and tiny_bundle.npz: a bundle of random weights and what Keras says over 5 minutes.

    python -m tests.golden.make_tiny_bundle

Needs TensorFlow; to be run again whenever the bundle's format or the features' fingerprint changes. The archive holds
"frames" [6000, width] float16, one each 50 ms, and "va" [1500, 2 * members] float32, one for each 4 frames: Keras
3.15, TensorFlow 2.21, x86-64.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from convert.frames import wandering_frames
from convert.pipeline import convert
from convert.reference import reference
from device.features.pooling import Pool
from tests.convert.small_models import POOL_HOPS, SPEC, small_model, write_run

HERE = Path(__file__).parent


def main() -> None:
    scale = np.full(SPEC.width, 2.0, np.float32)
    frames = wandering_frames(6000, 0 * scale, scale, seed=7).astype(np.float16)
    pooled = Pool(POOL_HOPS, SPEC.width).process(frames.astype(np.float32))
    members = [small_model("gru", "parallel", seed=1), small_model("lstm", "forked", layers=2, seed=2)]
    with TemporaryDirectory() as folder:
        run = write_run(Path(folder) / "run", members)
        convert(run, HERE / "tiny_bundle", "float32")
    np.savez_compressed(HERE / "tiny_bundle.npz", frames=frames, va=reference(members, None)(pooled)["va"])


if __name__ == "__main__":
    main()
