"""Writing files so that nobody ever finds half of one."""

import json
import os
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from device.errors import InputError


def write_atomic(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Call `write` with a stream beside `path`, then rename it into place; InputError when that is refused."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("wb") as stream:
                write(stream)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}; choose another folder.") from None


def write_json(path: Path, content: Any) -> None:
    """Write `content` as indented JSON."""
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    write_atomic(path, lambda stream: stream.write(text.encode()))


def read_json(path: Path) -> Any:
    """The content of a JSON file; InputError when it is missing or damaged."""
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        raise InputError(f"{path} is missing; give the folder of a run.") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {error}.") from None


def write_arrays(path: Path, **arrays: NDArray[Any]) -> None:
    """Write arrays as .npz, whose parts carry a checksum (unlike .npy)."""

    def save(stream: BinaryIO) -> None:
        np.savez(stream, **arrays)

    write_atomic(path, save)


def read_arrays(path: Path) -> dict[str, NDArray[Any]] | None:
    """The arrays of an .npz file, or None when it is missing or damaged."""
    try:
        with np.load(path, allow_pickle=False) as content:
            return {name: content[name] for name in content.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error):
        return None
