"""Keeps the notes of C libraries out of the terminal lamp."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """What libraries write to file descriptor 2 meanwhile goes nowhere; they tell the same by their errors."""
    try:
        kept = os.dup(2)
    except OSError:  # There is no standard error to protect.
        yield
        return
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
