"""FileMicrophone: a sound file stands in for a microphone."""

import os
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from hardware.errors import HardwareError
from hardware.microphone import Block
from hardware.quiet import quiet_stderr

SHORTEST_S = 0.05
"""One feature window; a file with less holds nothing that could be felt."""
FORMATS = "wav, flac, ogg, opus and mp3"


class FileMicrophone:
    """Reads a wav, flac, ogg (vorbis or opus) or mp3 file block by block, at the file's own rate, never all at once.

    It does not wait for the sound's time to pass; who plays it decides the pace. A wav, ogg or mp3 file that was cut
    short just ends where its sound ends; a flac file that breaks off raises HardwareError there.

    path: the file. block_s: length of a block in seconds (the last one may be shorter).
    rate, slots, name: see Microphone. duration_s: length in seconds as the file tells it, None where it doesn't
    (an mp3 without an index is estimated).

    Raises HardwareError, from the constructor, for a file that is missing, not a regular file, not readable, not
    decodable, empty or shorter than 50 ms, and where the package soundfile is missing; ValueError for block_s <= 0.
    """

    live = False

    def __init__(self, path: str | os.PathLike[str], block_s: float = 0.05) -> None:
        if not block_s > 0:
            raise ValueError(f"A block must be longer than 0 s, not {block_s}.")
        self._path = Path(path)
        self.name = _printable(self._path.name)
        self._shown = _printable(str(self._path))
        self._soundfile = _soundfile(self._shown)
        self._check_readable()
        self._check_sound()
        self._file: Any = self._open()
        self.rate: int = self._file.samplerate
        self.slots: int = self._file.channels
        self.position = 0
        # libsndfile gives a number near 2**63 for an unknown length.
        known = 0 < self._file.frames < 2**62
        self.duration_s: float | None = self._file.frames / self.rate if known else None
        self._block = max(round(block_s * self.rate), 1)

    @property
    def position_s(self) -> float:
        """Seconds read so far (`position` has it in samples per slot)."""
        return self.position / self.rate

    def read(self) -> Block | None:
        """The next block, float32 [n, slots], or None at the end.

        Raises HardwareError where the file turns out to be damaged, ValueError after close.
        """
        if self._file is None:
            raise ValueError(f"{self._shown} was read after it was closed.")
        try:
            samples = _decode(self._file, self._block)
        except self._soundfile.SoundFileError as error:
            raise HardwareError(
                f"{self._shown} is damaged or incomplete after {self.position_s:.1f} s; get a whole copy of it."
            ) from error
        if not len(samples):
            return None
        self.position += len(samples)
        return Block(samples)

    def close(self) -> None:
        """Close the file; calling it again does nothing."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check_readable(self) -> None:
        try:
            if not self._path.exists():
                raise HardwareError(f"There is no file {self._shown}; check the name.")
            if self._path.is_dir():
                raise HardwareError(f"{self._shown} is a folder; give a sound file.")
            if not self._path.is_file():
                raise HardwareError(f"{self._shown} is not a regular file; give a sound file.")
            with self._path.open("rb") as file:
                first = file.read(1)
        except OSError as error:
            raise HardwareError(f"{self._shown} cannot be read: {error.strerror}.") from error
        if not first:
            raise HardwareError(f"{self._shown} is empty; give a file with sound in it.")

    def _check_sound(self) -> None:
        """Decode the beginning. A second opening plays the file from its start: seeking back is not exact in mp3."""
        with self._open() as file:
            needed = max(int(SHORTEST_S * file.samplerate), 1)
            # Some formats only show here that they cannot be decoded.
            try:
                heard = len(_decode(file, needed))
            except self._soundfile.SoundFileError as error:
                raise self._undecodable() from error
            heard_ms = 1000 * heard / file.samplerate
        if not heard:
            raise HardwareError(f"{self._shown} holds no sound; give a file with at least a second of music.")
        if heard < needed:
            raise HardwareError(
                f"{self._shown} holds only {heard_ms:.0f} ms of sound; give at least a second of music."
            )

    def _open(self) -> Any:
        try:
            with quiet_stderr():
                # As bytes, because soundfile cannot encode a name that is not UTF-8.
                file = self._soundfile.SoundFile(os.fsencode(self._path))
        # TypeError: a name that ends in .raw is taken for sound without a header.
        except (self._soundfile.SoundFileError, TypeError) as error:
            raise self._undecodable() from error
        # After every read soundfile seeks to where it already is, which puts an mp3 off by parts of its frames (and
        # takes time). It doesn't where it believes that it cannot.
        file.seekable = lambda: False
        return file

    def _undecodable(self) -> HardwareError:
        return HardwareError(f"{self._shown} cannot be decoded; {FORMATS} files can.")


def _soundfile(shown: str) -> Any:
    """The package soundfile, which only this module needs."""
    try:
        import soundfile
    except (ImportError, OSError) as error:  # OSError: the package is there, its library libsndfile is not.
        raise HardwareError(
            f"Playing {shown} needs the package soundfile; run ./setup.sh demo, which installs it."
        ) from error
    return soundfile


def _decode(file: Any, count: int) -> NDArray[np.float32]:
    with quiet_stderr():
        samples: NDArray[np.float32] = file.read(count, dtype="float32", always_2d=True)
    return samples


def _printable(name: str) -> str:
    """A file name as text that can always be shown and written as UTF-8."""
    text = os.fsencode(name).decode("utf-8", "replace")
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
