"""Room: memory to run in, and disk for bundles."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from device.doctor.finding import Finding, fail, ok, skip, warn
from device.doctor.host import Host

SCARCE_MB, LEAST_MB = 110, 70
"""Of memory: on x86-64 the listener holds 70 MB, the writer 38."""
FULL_MB, TIGHT_MB = 5, 100
"""Of disk: a bundle has some 0.2 MB, and an install writes it beside the others first."""


def free_mb(path: Path) -> float:
    """Of the disk that a path is on, or would be."""
    there = next(each for each in (path, *path.absolute().parents) if each.exists())
    return shutil.disk_usage(there).free / 1e6


def check(host: Host, store: Path | None, free: Callable[[Path], float] = free_mb) -> Iterator[Finding]:
    """store: where bundles are installed, None if there is no place for them."""
    yield _memory(host)
    yield skip("disk", "this user has no home for bundles") if store is None else _disk(store, free)


def _memory(host: Host) -> Finding:
    found = re.search(r"^MemAvailable:\s*(\d+) kB", host.text("/proc/meminfo") or "", re.MULTILINE)
    if found is None:
        return skip("memory", "the kernel does not tell it")
    megabytes = round(int(found[1]) * 1024 / 1e6)
    text = f"{_size(megabytes)} free"
    if megabytes < LEAST_MB:
        return fail("memory", f"{text}, too little to start", "end other programs, or give it swap", free_mb=megabytes)
    if megabytes < SCARCE_MB:
        return warn("memory", f"{text}, which is scarce", "end other programs, or give it swap", free_mb=megabytes)
    return ok("memory", text, free_mb=megabytes)


def _disk(store: Path, free: Callable[[Path], float]) -> Finding:
    try:
        megabytes = round(free(store))
    except OSError as error:
        return fail(
            "disk", f"{store} can't be looked at ({error.strerror})", "choose another store with LAMPYRIS_STORE"
        )
    text = f"{_size(megabytes)} free for bundles"
    if megabytes < FULL_MB:
        return fail("disk", f"{text}, too little to install one", "make room there", free_mb=megabytes)
    if megabytes < TIGHT_MB:
        return warn("disk", f"{text}, which is scarce", "make room there", free_mb=megabytes)
    return ok("disk", text, free_mb=megabytes)


def _size(megabytes: int) -> str:
    return f"{megabytes} MB" if megabytes < 10_000 else f"{megabytes / 1000:.0f} GB"
