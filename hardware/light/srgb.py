"""The one place where linear light becomes the code values of a display."""

import numpy as np


def encode_srgb(linear: np.ndarray) -> np.ndarray:
    """Linear RGB to sRGB code values, any shape, [0, 1] to [0, 1] (IEC 61966-2-1); values beyond are cut."""
    light = np.clip(linear, 0.0, 1.0)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.power(light, 1 / 2.4) - 0.055)


def srgb_bytes(linear: np.ndarray) -> np.ndarray:
    """Linear RGB in [0, 1], any shape, to 8-bit sRGB (uint8)."""
    return np.rint(encode_srgb(linear) * 255.0).astype(np.uint8)


def srgb_hex(linear: np.ndarray) -> str:
    """One linear RGB colour [3] as the web writes it: '#ffb347'."""
    red, green, blue = srgb_bytes(np.asarray(linear, dtype=np.float64)).tolist()
    return f"#{red:02x}{green:02x}{blue:02x}"


def decode_srgb(code: np.ndarray) -> np.ndarray:
    """sRGB code values to linear RGB, the inverse of encode_srgb; [0, 1] to [0, 1], any shape."""
    value = np.clip(code, 0.0, 1.0)
    return np.where(value <= 0.04045, value / 12.92, np.power((value + 0.055) / 1.055, 2.4))
