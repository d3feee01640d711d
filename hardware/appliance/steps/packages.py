"""PackagesStep: packages of Debian that the lamp needs, from the wheelhouse if it has them, else from the network."""

from collections.abc import Sequence
from pathlib import Path

from hardware.appliance.journal import Note
from hardware.appliance.root import Root
from hardware.appliance.shell import Shell

_DEBS = "/var/cache/lampyris-debs"
"""Where files wait that another system than this one is to install."""


class PackagesStep:
    """wanted: names of packages. debs: files that bring them, with all they need beyond Raspberry Pi OS Lite."""

    kind = "packages"
    name = "packages"

    def __init__(self, root: Root, shell: Shell, wanted: Sequence[str], debs: Sequence[Path]) -> None:
        self._root, self._shell, self._wanted, self._debs = root, shell, wanted, debs

    def needed(self) -> bool:
        """Whether one is missing, or the last time was cut short."""
        return bool(self._missing) or self._root.exists(_DEBS)

    def describe(self) -> Sequence[str]:
        """One line."""
        if not self._missing:
            return [f"remove {_DEBS}"]
        files = [deb.name for deb in self._new_debs]
        return [f"install the packages {', '.join(self._missing)}" + (f" from {', '.join(files)}" if files else "")]

    def note(self, before: Note | None) -> Note:
        """Those that were not there before."""
        new = [*self._missing, *(_package(deb) for deb in self._new_debs)]
        return {"added": sorted({*(before or {"added": []})["added"], *new})}

    def apply(self) -> None:
        """Install them."""
        if self._new_debs:
            names = [str(deb) for deb in self._new_debs]
            if not self._root.here:
                names = [f"{_DEBS}/{deb.name}" for deb in self._new_debs]
                for deb, name in zip(self._new_debs, names, strict=True):
                    self._root.copy(deb, name)
            self._shell.run("dpkg", "--install", *names)
        self._root.remove(_DEBS)
        if self._missing:
            self._shell.run("apt-get", "update", "--quiet")
            self._shell.run("apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *self._missing)

    @property
    def _missing(self) -> list[str]:
        return [name for name in self._wanted if not _installed(self._shell, name)]

    @property
    def _new_debs(self) -> list[Path]:
        if not self._missing:
            return []
        return [deb for deb in self._debs if not _installed(self._shell, _package(deb))]


def undo_packages(root: Root, shell: Shell, name: str, note: Note) -> Sequence[str]:
    """Remove what was added, unless something else has come to need it."""
    there = [package for package in note["added"] if _installed(shell, package)]
    if not there:
        return []
    plan = shell.ask("apt-get", "remove", "--simulate", "--quiet", *there) or ""
    goes = {line.split()[1].partition(":")[0] for line in plan.splitlines() if line.startswith("Remv ")}
    if not goes or goes - set(there):
        others = ", ".join(sorted(goes - set(there))) or "something"
        return [f"the packages {', '.join(there)} stay, {others} needs them"]
    shell.run("apt-get", "remove", "--purge", "--yes", "--quiet", *there)
    return []


def _package(deb: Path) -> str:
    return deb.name.partition("_")[0]


def _installed(shell: Shell, package: str) -> bool:
    status = shell.ask("dpkg-query", "--show", "--showformat=${db:Status-Status}", package)
    return status is not None and status.strip() == "installed"
