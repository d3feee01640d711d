"""The columns of every feature block, by name."""

MEL_BANDS = 40
CONTRAST_BANDS = 6
PITCH_CLASSES = 12
INTERVALS = 7

BLOCK_COLUMNS: dict[str, tuple[str, ...]] = {
    # The 34 short-term features of the lamp study (pyAudioAnalysis 0.3.14, short-term features).
    "short_term": (
        "zcr",
        "energy",
        "energy_entropy",
        "spectral_centroid",
        "spectral_spread",
        "spectral_entropy",
        "spectral_flux",
        "spectral_rolloff",
        *(f"mfcc_{i}" for i in range(1, 14)),
        *(f"chroma_{i}" for i in range(1, 13)),
        "chroma_std",
    ),
    # Level of mel bands, dB re full scale; mel_1 is the lowest.
    "log_mel": tuple(f"mel_{i}" for i in range(1, MEL_BANDS + 1)),
    # Peak against valley in octave bands, dB.
    "contrast": tuple(f"contrast_{i}" for i in range(1, CONTRAST_BANDS + 1)),
    # Geometric over arithmetic mean of the power spectrum, 0 (tone) to 1 (white noise).
    "flatness": ("flatness",),
    # Mean rise of the mel bands since the frame before, dB.
    "onset": ("onset",),
    # Harmony, the same in every key: see device.features.tonal.
    "tonal": (
        "key_major",
        "key_minor",
        "key_mode",
        *(f"degree_{i}" for i in range(1, PITCH_CLASSES + 1)),
        *(f"interval_{i}" for i in range(INTERVALS)),
        *(f"rank_{i}" for i in range(1, PITCH_CLASSES + 1)),
    ),
}
