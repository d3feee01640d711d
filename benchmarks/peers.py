"""The nearest feature sets of other libraries, on the same samples, window and hop (50 ms each)."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]
Work = Callable[[], object]

# 13 MFCC, 12 chroma, zero crossings, RMS energy, spectral centroid, spread (variance), entropy, flux and roll-off,
# each with its delta: openSMILE's components nearest to the 68 features.
SMILE_CONFIG = """
[componentInstances:cComponentManager]
instance[dataMemory].type=cDataMemory
\\{\\cm[source{?}:include external source]}
instance[frame].type=cFramer
instance[fft].type=cTransformFFT
instance[magphase].type=cFFTmagphase
instance[melspec].type=cMelspec
instance[mfcc].type=cMfcc
instance[tonespec].type=cTonespec
instance[chroma].type=cChroma
instance[spectral].type=cSpectral
instance[mzcr].type=cMZcr
instance[energy].type=cEnergy
instance[delta].type=cDeltaRegression
\\{\\cm[sink{?}:include external sink]}
[frame:cFramer]
reader.dmLevel=wave
writer.dmLevel=frames
frameSize=0.05
frameStep=0.05
frameCenterSpecial=left
noPostEOIprocessing=1
[fft:cTransformFFT]
reader.dmLevel=frames
writer.dmLevel=fft
[magphase:cFFTmagphase]
reader.dmLevel=fft
writer.dmLevel=mag
[melspec:cMelspec]
reader.dmLevel=mag
writer.dmLevel=mel
nBands=40
lofreq=66
hifreq=3400
[mfcc:cMfcc]
reader.dmLevel=mel
writer.dmLevel=mfcc
firstMfcc=0
lastMfcc=12
[tonespec:cTonespec]
reader.dmLevel=mag
writer.dmLevel=tone
nOctaves=6
firstNote=55
[chroma:cChroma]
reader.dmLevel=tone
writer.dmLevel=chroma
[spectral:cSpectral]
reader.dmLevel=mag
writer.dmLevel=spectral
centroid=1
variance=1
entropy=1
flux=1
rollOff[0]=0.90
maxPos=0
minPos=0
[mzcr:cMZcr]
reader.dmLevel=frames
writer.dmLevel=zcr
zcr=1
mcr=0
amax=0
maxmin=0
dc=0
[energy:cEnergy]
reader.dmLevel=frames
writer.dmLevel=energy
rms=1
log=0
[delta:cDeltaRegression]
reader.dmLevel=mfcc;chroma;spectral;zcr;energy
writer.dmLevel=deltas
deltawin=1
[{SINK}]
"""


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
    """openSMILE (C++): a configuration of its components nearest to the 34 features and their deltas."""
    import opensmile as smile

    del size  # fixed at 50 ms in the configuration
    audio = samples.astype(np.float32)
    text = SMILE_CONFIG.replace("[{SINK}]", "")
    folder = Path(tempfile.mkdtemp(prefix="lampyris-bench-"))
    config = folder / "nearest.conf"
    config.write_text(text.replace("reader.dmLevel=mfcc;chroma", "reader.dmLevel=mfcc;chroma"))
    extractor = smile.Smile(str(config), smile.FeatureLevel.LowLevelDescriptors)
    return lambda: extractor.process_signal(audio, rate)


PEERS: dict[str, Callable[[Samples, int, int], Work]] = {
    "pyaudioanalysis": pyaudioanalysis,
    "librosa": librosa,
    "opensmile": opensmile,
}
