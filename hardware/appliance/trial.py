"""Proves a wheelhouse: installs it without a network in a fresh root, and runs the model that ships on its runtime."""

import shutil
from pathlib import Path

from hardware.appliance.emulate import Chroot
from hardware.appliance.requirements import requirements

_LOADED = "import numpy, scipy.signal, msgspec, soundfile, nacl.signing, gpiozero, lgpio, pyaudio, rpi_ws281x"


def prove(fresh: Chroot, wheelhouse: Path, project: Path) -> str:
    """What was installed, as pip lists it. Raises HardwareError when a package is missing or does not run.

    fresh: a fresh root without network, the wheelhouse at /wheelhouse and the project at /project.
    """
    debs = [f"/wheelhouse/debs/{deb.name}" for deb in sorted((wheelhouse / "debs").glob("*.deb"))]
    fresh.check("dpkg", "--install", *debs)
    asked = fresh.root / "asked"
    shutil.rmtree(asked, ignore_errors=True)
    asked.mkdir()
    (asked / "requirements.txt").write_text("\n".join(requirements(project)) + "\n", encoding="utf-8")
    fresh.check("python3", "-m", "venv", "/asked/venv")
    pip = ("/asked/venv/bin/python", "-m", "pip", "--disable-pip-version-check")
    fresh.check(
        *(*pip, "install", "--quiet", "--no-index", "--no-compile", "--find-links=/wheelhouse"),
        "--requirement=/asked/requirements.txt",
    )
    fresh.check(*pip, "check")
    fresh.check("/asked/venv/bin/python", "-c", _LOADED)
    # From samples to emotion, with the answers that the bundle's card expects.
    check = ("-m", "device.emotion.self_test", "/project/models/default")
    fresh.check("/asked/venv/bin/python", *check, PYTHONPATH="/project")
    return fresh.check(*pip, "list", "--format=freeze")
