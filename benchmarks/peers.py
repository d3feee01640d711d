"""The nearest feature sets of other libraries, on the same samples, window and hop (50 ms each)."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]
Work = Callable[[], object]


def pyaudioanalysis(samples: Samples, rate: int, size: int) -> Work:
    """pyAudioAnalysis: the same 68 features."""
    from pyAudioAnalysis.ShortTermFeatures import feature_extraction

    return lambda: feature_extraction(samples, rate, size, size)


def librosa(samples: Samples, rate: int, size: int) -> Work:
    """librosa: from one shared spectrogram, its counterparts of the 34 features (float32), and their deltas."""
    import librosa as lib

    audio = samples.astype(np.float32)

    def work() -> object:
        frame = {"n_fft": size, "hop_length": size, "center": False}
        magnitude = np.abs(lib.stft(audio, window="boxcar", **frame))
        power = magnitude**2
        mel = lib.power_to_db(lib.feature.melspectrogram(S=power, sr=rate, n_mels=40))
        rows = [
            lib.feature.zero_crossing_rate(audio, frame_length=size, hop_length=size, center=False),
            lib.feature.rms(S=magnitude, frame_length=size),
            lib.feature.spectral_centroid(S=magnitude, sr=rate),
            lib.feature.spectral_bandwidth(S=magnitude, sr=rate),
            lib.feature.spectral_flatness(S=magnitude),
            lib.feature.spectral_rolloff(S=magnitude, sr=rate, roll_percent=0.9),
            lib.onset.onset_strength(S=mel, sr=rate)[None],
            lib.feature.mfcc(S=mel, n_mfcc=13),
            lib.feature.chroma_stft(S=power, sr=rate, tuning=0.0),
        ]
        base = np.concatenate(rows)
        return np.concatenate([base, lib.feature.delta(base, width=3)])

    return work


def opensmile(samples: Samples, rate: int, size: int) -> Work:
    """openSMILE (C++): its components nearest to the 34 features, and their deltas (opensmile_nearest.conf)."""
    import opensmile as smile

    del size  # 50 ms in the configuration
    audio = samples.astype(np.float32)
    config = str(Path(__file__).with_name("opensmile_nearest.conf"))
    extractor = smile.Smile(config, smile.FeatureLevel.LowLevelDescriptors)
    # Called like this it returns a plain array: no time goes into tables.
    return lambda: extractor(audio, rate)


PEERS: dict[str, Callable[[Samples, int, int], Work]] = {
    "pyaudioanalysis": pyaudioanalysis,
    "librosa": librosa,
    "opensmile": opensmile,
}
