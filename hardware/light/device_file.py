"""Opens a device file for writing, and nothing that only has its name."""

import os
import stat

from hardware.errors import HardwareError


def open_device(path: str) -> int:
    """A descriptor to write to. Raises OSError, and HardwareError for what is no character device."""
    # Not waiting, because a pipe that nobody reads would be waited for.
    file = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        check_device(file, path)
        os.set_blocking(file, True)
    except (OSError, HardwareError):
        os.close(file)
        raise
    return file


def check_device(file: int, path: str) -> None:
    """Raises HardwareError for a descriptor of anything but a character device."""
    if not stat.S_ISCHR(os.fstat(file).st_mode):
        raise HardwareError(f"{path} is no device, so nothing is written to it; correct strip.address.")
