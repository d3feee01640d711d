"""The two systems of the Raspberry Pi that the lamp is made for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class System:
    """name: Debian's and Raspberry Pi OS's code name. python: its python3, as major.minor.

    lite: packages of Raspberry Pi OS Lite, beyond a minimal Debian, that the lamp leans on.
    libraries: packages that Lite lacks; a wheelhouse brings them along.
    build: packages that compile the wheels which nobody offers for it.
    qemu: the oldest major version of the emulator that its TFLite runtime runs under.
    """

    name: str
    python: str
    lite: tuple[str, ...]
    libraries: tuple[str, ...]
    build: tuple[str, ...]
    qemu: int


_BUILD = (
    "gcc",
    "libc6-dev",
    "python3-dev",
    "python3-pip",
    "python3-setuptools",
    "python3-wheel",
    "portaudio19-dev",
    "swig",
)
# libpam-systemd: polkitd needs a logind, and debootstrap does not look who provides one.
_LITE = (
    "ca-certificates",
    "python3",
    "python3-venv",
    "systemd",
    "udev",
    "dbus",
    "libpam-systemd",
    "polkitd",
    "sudo",
    "kmod",
    "procps",
)

SYSTEMS = {
    system.name: system
    for system in (
        System("bookworm", "3.11", (*_LITE, "libasound2"), ("libportaudio2",), _BUILD, 7),
        System("trixie", "3.13", (*_LITE, "libasound2t64"), ("libportaudio2",), _BUILD, 10),
    )
}
