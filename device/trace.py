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
        try:
            self._part = self._place(str(path))
            self._file = (self._part or self._path).open("wb")
        except (OSError, ValueError) as error:  # ValueError: a name that no file can have
            reason = getattr(error, "strerror", None) or "no file can have that name"
            raise InputError(f"The trace {str(path)!r} can't be written ({reason}); choose another place.") from error
        self._encode = msgspec.json.Encoder().encode
        self._line({"format": FORMAT, **header})

    def _place(self, given: str) -> Path | None:
        """Where to write first: beside the file, or None for what is no file (a pipe, a terminal, /dev/null)."""
        if not given or self._path.is_dir():
            raise IsADirectoryError(0, "it is a folder")
        self._path = self._path.resolve()  # a link stays, what it leads to is written
        if not self._path.exists():
            return self._path.with_name(self._path.name + ".part")
        if not os.access(self._path, os.W_OK):
            raise PermissionError(0, "it is write-protected")
        return self._path.with_name(self._path.name + ".part") if self._path.is_file() else None

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
            if self._part is not None:
                self._part.replace(self._path)
        except OSError as error:
            raise self._full(error) from error

    def discard(self) -> None:
        """Drop what was written: the run it describes failed."""
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(OSError):
            if self._part is not None:
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
