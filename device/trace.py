"""Trace: what the lamp heard, felt and showed, as JSON lines that anyone can plot.

First a header, then a line a hop. Numbers: `t` seconds of sound so far; `valence`, `arousal` in [-1, 1] and `spread`
as the light shows them (smoothed); `sound` the class heard; `level_db` dBFS; `rgb` the strip's mean color after
limiting, averaged in linear light and written in sRGB, 0-255.
"""

import contextlib
import os
from pathlib import Path
from typing import Any, Self

import msgspec

from device.errors import InputError
from device.hop import Hop
from hardware.light.srgb import srgb_bytes

FORMAT = 1


class Trace:
    """Writes beside the file and renames when closed, so that `path` never holds half a trace.

    header: what stands in the first line besides the format.
    Raises InputError, from the constructor, for a path that can't be written.
    """

    def __init__(self, path: str | Path, header: dict[str, Any]) -> None:
        self._path = Path(path)
        self._part = self._path.with_name(self._path.name + ".part")
        try:
            if self._path.is_dir():
                raise IsADirectoryError(0, "it is a folder")
            if self._path.exists() and not os.access(self._path, os.W_OK):
                raise PermissionError(0, "it is write-protected")
            self._file = self._part.open("wb")
        except OSError as error:
            raise InputError(f"The trace {path} can't be written ({error.strerror}); choose another place.") from error
        self._encode = msgspec.json.Encoder().encode
        self._line({"format": FORMAT, **header})

    def write(self, hop: Hop) -> None:
        """Add a line. Raises InputError when the disk is full."""
        emotion = hop.emotion
        self._line(
            {
                "t": round(hop.t_s, 4),
                "valence": round(emotion.valence, 4),
                "arousal": round(emotion.arousal, 4),
                "spread": round(emotion.spread, 4),
                "sound": hop.sound,
                "level_db": round(hop.level_db, 2),
                "rgb": srgb_bytes(hop.light).tolist(),
            }
        )

    def close(self) -> None:
        """Put the trace in its place; calling it again does nothing."""
        if self._file.closed:
            return
        try:
            self._file.close()
            self._part.replace(self._path)
        except OSError as error:
            raise self._full(error) from error

    def discard(self) -> None:
        """Drop what was written: the run it describes failed."""
        with contextlib.suppress(OSError):
            self._file.close()
            self._part.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # A run that the user stops with Ctrl-C is whole up to there; one that failed is not.
        if kind is None or issubclass(kind, KeyboardInterrupt):
            self.close()
        else:
            self.discard()

    def _line(self, fields: dict[str, Any]) -> None:
        try:
            self._file.write(self._encode(fields) + b"\n")
        except OSError as error:
            raise self._full(error) from error

    def _full(self, error: OSError) -> InputError:
        return InputError(
            f"The trace {self._path} can't be written ({error.strerror}); make room or choose another place."
        )
