"""`lampyris doctor`: looks at everything, says what it finds, changes nothing."""

import argparse
import io
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from device.cli import own_version
from device.doctor import pi, rights, room, runtime, safe_mode, strip, writer
from device.doctor.bundle import BundleCheck
from device.doctor.clock import Clock
from device.doctor.finding import Finding, State
from device.doctor.host import Host
from device.doctor.microphone import Hearing
from device.doctor.page import Page, as_json
from device.doctor.progress import Progress
from device.emotion.place import default_store
from device.emotion.store import Store
from device.output import say, terminal_width
from device.settings import Settings, load_settings
from hardware.light.address import client_socket
from hardware.light.ink import choose_ink

HARDWARE, INTEGRITY = 3, 4
"""Exit codes of a failure. Of both the lower one: a wire is mended by hand, before any program can help."""


class Group(NamedTuple):
    """Checks that belong together, made when they are iterated. code: of the program, if one of them fails."""

    title: str
    findings: Iterable[Finding]
    code: int


def doctor(options: argparse.Namespace) -> int:
    """Check everything; 0, HARDWARE or INTEGRITY. Raises InputError for settings that are not good."""
    settings = Settings() if options.settings is None else load_settings(options.settings)
    host = Host()
    with Progress() as progress:
        hearing = Hearing(host, progress.say)
        groups = examine(host, settings, options, hearing, progress.say)
        if options.json:
            found = [(finding, group.code) for group in groups for finding in group.findings]
            progress.clear()
            say(as_json(own_version(), [finding for finding, _ in found]))
        else:
            found = list(_shown(groups, progress))
    return exit_code(found)


def exit_code(found: Iterable[tuple[Finding, int]]) -> int:
    """Of findings, each with the code of its group."""
    return min((code for finding, code in found if finding.state is State.FAIL), default=0)


def examine(
    host: Host, settings: Settings, options: argparse.Namespace, hearing: Hearing, progress: Callable[[str], None]
) -> list[Group]:
    """The checks in their order; none is made before it is asked for."""
    clock = Clock(host)
    place = default_store()
    bundle = BundleCheck(None if place is None else Store(place))
    seconds = options.seconds
    return [
        Group("Microphone", hearing.findings(options.mic, seconds, settings.gate), HARDWARE),
        Group("Light", _light(host, settings, options.strip, progress), HARDWARE),
        Group("Model", _model(bundle, options.bundle, progress), INTEGRITY),
        Group("Rights", rights.check(host, settings.panel), HARDWARE),
        Group("Computer", _computer(host, settings, place, clock), HARDWARE),
    ]


def _light(host: Host, settings: Settings, wanted: str | None, progress: Callable[[str], None]) -> Iterator[Finding]:
    progress("asking the writer")
    own = settings.strip.driver
    needed = wanted is not None or (host.board.raspberry and own not in strip.WIRELESS)
    path = (wanted or "").partition(":")[2] or client_socket()
    asked = writer.check(path, settings.strip.pixels, needed, host.uid)
    yield asked
    progress("looking at the strip's driver")
    yield strip.check(host, settings.strip, held=asked.state in (State.OK, State.WARN))


def _model(bundle: BundleCheck, named: str | None, progress: Callable[[str], None]) -> Iterator[Finding]:
    progress("testing the runtime")
    yield runtime.check()
    progress("testing the bundle")
    yield from bundle.findings(named)
    progress("testing the ear")
    yield runtime.check_ear(bundle.fingerprint)


def _computer(host: Host, settings: Settings, place: Path | None, clock: Clock) -> Iterator[Finding]:
    yield from pi.check(host, settings.strip)
    yield from room.check(host, place)
    yield clock.check()
    yield from safe_mode.check(host)


def _shown(groups: Iterable[Group], progress: Progress) -> Iterator[tuple[Finding, int]]:
    """Say each finding as it comes, and hand it on with its code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without these letters still gets the rest
    letters = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    page = Page(terminal_width(sys.stdout), choose_ink(sys.stdout), letters)
    findings = []
    for group in groups:
        progress.clear()
        say(page.title(group.title))
        for finding in group.findings:
            progress.clear()
            for line in page.lines(finding):
                say(line)
            findings.append(finding)
            yield finding, group.code
        say("")
    say(page.summary(findings))
