"""Installations on a Raspberry Pi that is a folder."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from hardware.appliance import install
from hardware.appliance.root import Root
from tests.hardware.appliance.pi import PiShell, make_checkout, make_root, make_wheelhouse


def options(*words: object) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    install.add(parser.add_subparsers())
    return parser.parse_args(["install", "--yes", *map(str, words)])


class Lamp(NamedTuple):
    """A root, what it was, and a checkout with its wheelhouse."""

    root: Root
    shell: PiShell
    checkout: Path
    wheelhouse: Path

    def install(self, *words: object) -> int:
        """Run the command."""
        given = options("--wheelhouse", self.wheelhouse, *words)
        root = Root(self.root.folder, frozen=given.dry_run)
        shell = PiShell(root, self.shell.python, self.shell.architecture)
        shell.broken, shell.doctor = self.shell.broken, self.shell.doctor
        code = install.install(given, root, shell, self.checkout)
        self.shell.ran[:] = shell.ran
        return code

    def text(self, name: str) -> str:
        """Content of a file in the root."""
        return (self.root.read(name) or b"").decode()


Make = Callable[..., Lamp]


def make_lamp(folder: Path, change: str = "", root: Root | None = None, **what: str) -> Lamp:
    """A lamp to be: a root, unless it is given, a checkout and its wheelhouse. what: of the root, see make_root."""
    number = len(list(folder.iterdir()))
    root = root or make_root(folder / f"{number}-root", **what)
    checkout = make_checkout(folder / f"{number}-checkout", change)
    system = what.get("system", "bookworm")
    python = {"bookworm": "3.11", "trixie": "3.13"}.get(system, "3.9")
    wheelhouse = make_wheelhouse(folder / f"{number}-wheels", checkout, system, python)
    return Lamp(root, PiShell(root, python), checkout, wheelhouse)


def be_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be root, and don't wait for the disk, on which others write too."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "sync", lambda: None)
    monkeypatch.setattr(os, "fsync", lambda handle: os.fstat(handle) and None)
