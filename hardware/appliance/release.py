"""Release: one version of the lamp with all it needs, in a folder of its own under /opt/lampyris/releases."""

import hashlib
import re
from pathlib import Path

from hardware.appliance.manifest import Manifest
from hardware.appliance.needs import version
from hardware.appliance.place import RELEASES, STORE, USER
from hardware.appliance.requirements import requirements
from hardware.appliance.root import Root
from hardware.appliance.self_test import self_test
from hardware.appliance.shell import Shell
from hardware.errors import HardwareError

PARTS = ("device", "hardware", "models/default", "models/gate", "docs", "setup.sh", "pyproject.toml", "constraints.txt")
"""Of a checkout, what a lamp needs; setup.sh too, which updates it and takes it away again."""
MORE_PARTS = ("README.md", "LICENSE")
"""What is taken along where it is there."""
LEFT_OUT = ("__pycache__", "*.pyc", ".*")
WHOLE = ".whole"
"""A file in a release that is the last to come, and the first to go."""


class Release:
    """What this checkout and this wheelhouse make. id: of version and content, so that the same is never made twice.

    Raises HardwareError for a folder that is no checkout.
    """

    def __init__(self, checkout: Path, wheelhouse: Path, manifest: Manifest) -> None:
        self._checkout, self._wheelhouse, self._manifest = checkout, wheelhouse, manifest
        content = hashlib.sha256()
        for path in self._files():
            content.update(f"{path.relative_to(checkout)}\n{path.stat().st_size}\n".encode() + path.read_bytes())
        for entry in manifest.files:
            content.update(f"{entry.path} {entry.sha256}\n".encode())
        content.update(manifest.python.encode())
        self.version = version(checkout)
        self.id = f"{self.version}-{content.hexdigest()[:12]}"
        self.name = f"{RELEASES}/{self.id}"

    def make(self, root: Root, shell: Shell) -> None:
        """Make and test it; a half one of an earlier time is made anew. Raises HardwareError, then it is not there."""
        remove(root, self.name)
        try:
            for part in (*PARTS, *MORE_PARTS):
                if (self._checkout / part).exists():
                    root.copy(self._checkout / part, f"{self.name}/source/{part}", LEFT_OUT)
            self._install(root, shell)
            self_test(root, shell, self.name)
        except (HardwareError, OSError):
            remove(root, self.name)
            raise
        root.settle()
        root.write(f"{self.name}/{WHOLE}", b"")

    def _install(self, root: Root, shell: Shell) -> None:
        venv, python = f"{self.name}/venv", f"{self.name}/venv/bin/python"
        shell.run("/usr/bin/python3", "-m", "venv", venv)
        # In the system that is set up, which need not be this one.
        wheels = f"{self.name}/wheels" if not root.here else str(self._wheelhouse)
        if not root.here:
            root.copy(self._wheelhouse, wheels)
        # Hashes were checked before; versions are those that the wheelhouse was made and proved with.
        shell.run(
            *(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index", "--no-compile"),
            *(f"--find-links={wheels}", "--only-binary=:all:", *requirements(self._checkout)),
        )
        if not root.here:
            root.remove(wheels)
        packages = f"{venv}/lib/python{self._manifest.python}/site-packages"
        about = f"{packages}/lampyris-{self.version}.dist-info"
        needs = "".join(f"Requires-Dist: {line}\n" for line in requirements(self._checkout))
        metadata = f"Metadata-Version: 2.1\nName: lampyris\nVersion: {self.version}\n{needs}"
        root.write(f"{packages}/lampyris.pth", f"{self.name}/source\n".encode())
        root.write(f"{about}/METADATA", metadata.encode())
        root.write(f"{about}/INSTALLER", b"lampyris\n")
        root.write(f"{venv}/bin/lampyris", _command(python).encode(), 0o755)

    def _files(self) -> list[Path]:
        files: list[Path] = []
        for part in (*PARTS, *MORE_PARTS):
            path = self._checkout / part
            if path.is_dir():
                files += [each for each in path.rglob("*") if each.is_file() and not _left_out(each, path)]
            elif path.is_file():
                files.append(path)
            elif part in PARTS:
                raise HardwareError(f"{self._checkout} is no whole checkout, {part} is missing; get it again.")
        return sorted(files)


def is_whole(root: Root, release: str) -> bool:
    """Whether a release was made to its end."""
    return root.exists(f"{release}/{WHOLE}")


def remove(root: Root, release: str) -> None:
    """Remove a release, whole or not; it need not be there."""
    root.remove(f"{release}/{WHOLE}")
    root.remove(release)


def linked(root: Root, link: str) -> str | None:
    """The release, by its path, to which CURRENT or PREVIOUS leads; None if to none that is whole."""
    target = root.target(link) or ""
    name = f"{RELEASES}/{target.rpartition('/')[2]}"
    return name if re.fullmatch(r"releases/[^/]+", target) and is_whole(root, name) else None


def _left_out(path: Path, top: Path) -> bool:
    parts = path.relative_to(top).parts
    return any(part == "__pycache__" or part.startswith(".") for part in parts) or path.suffix == ".pyc"


def _command(python: str) -> str:
    """The command `lampyris`."""
    return f"""#!/bin/sh
# -P: the folder one stands in is none of the lamp's.
export LAMPYRIS_STORE="${{LAMPYRIS_STORE-{STORE}}}"
if [ "$(id -u)" = 0 ] && [ "${{1-}}" = bundle ]; then
    # What root installs would not be the lamp's own, which keeps the accounts of its trial.
    exec setpriv --reuid={USER} --regid={USER} --clear-groups {python} -P -m device "$@"
fi
exec {python} -P -m device "$@"
"""
