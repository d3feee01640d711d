"""Gets the lamp's wheels for one system, in its emulated root: what has wheels is downloaded, the rest is compiled."""

import shutil
from pathlib import Path

from hardware.appliance.emulate import Chroot
from hardware.appliance.requirements import requirements
from hardware.appliance.systems import System
from hardware.errors import HardwareError

_REPRODUCIBLE = {
    "SOURCE_DATE_EPOCH": "1767225600",  # 2026-01-01, for all files: the same sources make the same wheel
    "PYTHONHASHSEED": "0",
    "CFLAGS": "-g0",  # what is for debuggers names the folder, which has another name each time
    "PYPI": "1",  # lgpio: its source package has the C library inside
    "TMPDIR": "/build",
}
_READY = "lampyris-build-ready"


def prepare(build: Chroot, system: System) -> None:
    """Install the compilers, unless they are there. build: a root with a network and a folder for packages at /debs."""
    done = build.root / _READY
    if done.exists():
        return
    build.borrow_network()
    (build.root / "debs" / "partial").mkdir(parents=True, exist_ok=True)
    build.check("apt-get", "-qq", "update")
    install = ("apt-get", "-qq", "-y", "--no-install-recommends", "-o", "Dir::Cache::archives=/debs", "install")
    build.check(*install, *system.build)
    done.touch()


def gather(build: Chroot, project: Path, folder: Path) -> list[Path]:
    """All wheels into the folder, in the order of their names. Raises HardwareError when one can't be had.

    build: with a network, the compilers, and a folder for pip's downloads at /cache.
    """
    asked = build.root / "build"
    shutil.rmtree(asked, ignore_errors=True)
    asked.mkdir()
    (asked / "requirements.txt").write_text("\n".join(requirements(project)) + "\n", encoding="utf-8")
    shutil.copyfile(project / "constraints.txt", asked / "constraints.txt")
    build.check(
        *("python3", "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-build-isolation"),
        *("--cache-dir=/cache", "--wheel-dir=/build/wheels"),
        *("--constraint=/build/constraints.txt", "--requirement=/build/requirements.txt"),
        **_REPRODUCIBLE,
    )
    wheels = sorted((asked / "wheels").glob("*.whl"))
    if not wheels:
        raise HardwareError("pip built no wheel and said nothing; run it again.")
    for wheel in wheels:
        shutil.copyfile(wheel, folder / wheel.name)
    return [folder / wheel.name for wheel in wheels]


def built_here(wheel: Path) -> bool:
    """Whether it was compiled in the root: wheels of the registry name the libc that they need."""
    return wheel.name.endswith("-linux_aarch64.whl")
