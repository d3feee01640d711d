"""Makes tests/golden/pyaudioanalysis.npz: what pyAudioAnalysis 0.3.14 says of real music and of made sounds.

Command (2026-11-20, in an environment with pyAudioAnalysis==0.3.14, numpy 1.26.4, soundfile, eyed3, pydub):
    python tests/golden/make_pyaudioanalysis.py
"""

import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

RATES = (24_000, 16_000, 22_050)
EXCERPTS_S = (5.0, 28.0, 47.0, 68.0)


def main() -> None:
    import signals
    import soundfile
    from pyAudioAnalysis.ShortTermFeatures import feature_extraction
    from scipy.signal import resample_poly

    if version("pyAudioAnalysis") != "0.3.14":
        sys.exit("This needs pyAudioAnalysis 0.3.14, the release that the features are defined by.")
    out: dict[str, np.ndarray] = {}
    audio, rate = soundfile.read(HERE.parents[1] / "device/assets/demo.ogg", always_2d=True)
    mono = audio.mean(axis=1)
    music = {}
    for start in EXCERPTS_S:
        cut = mono[int(start * rate) : int((start + signals.SECONDS) * rate)]
        cut = resample_poly(cut, 24_000, rate)
        # Kept as the 16-bit numbers that were measured: decoders differ in the last digit.
        music[f"music_{start:.0f}s"] = np.round(32_767 * cut / np.abs(cut).max()).astype(np.int16)
    for rate in RATES:
        sounds = signals.made(rate)
        if rate == 24_000:
            sounds |= {name: signals.normalized(cut.astype(float)) for name, cut in music.items()}
        for name, x in sounds.items():
            size = rate // 20
            values, _ = feature_extraction(x * 2.0**15, rate, size, size)
            out[f"features/{rate}/{name}"] = values.T
    out |= {f"samples/{name}": cut for name, cut in music.items()}
    part = HERE / "pyaudioanalysis.part.npz"
    np.savez_compressed(part, **out)
    part.replace(HERE / "pyaudioanalysis.npz")


if __name__ == "__main__":
    main()
