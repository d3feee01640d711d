"""What was found, as lines for a terminal and as JSON."""

import json
import textwrap
from collections.abc import Sequence

from device.doctor.finding import Finding, State
from hardware.light.ink import Ink, Rgb, foreground
from hardware.words import printable

NARROWEST, WIDEST = 40, 110
_NAME = 14
_MARKS = {State.OK: "✓", State.WARN: "!", State.FAIL: "✗", State.SKIP: "–"}
_ASCII = {State.OK: "ok", State.WARN: "!", State.FAIL: "x", State.SKIP: "-"}
_COLORS: dict[State, Rgb] = {
    State.OK: (96, 190, 120),
    State.WARN: (240, 178, 60),
    State.FAIL: (240, 92, 86),
    State.SKIP: (112, 110, 122),
}
_COUNTED = {State.FAIL: "failed", State.WARN: "to look at", State.OK: "fine", State.SKIP: "skipped"}
_BOLD, _RESET = "\x1b[1m", "\x1b[0m"


class Page:
    """Composes lines. columns: of the terminal. ink: what it can show. letters: it has more than ASCII."""

    def __init__(self, columns: int, ink: Ink, letters: bool) -> None:
        self._columns = min(max(NARROWEST, columns), WIDEST)
        self._ink = ink
        self._marks = _MARKS if letters else _ASCII
        self._margin = 1 + max(map(len, self._marks.values()))
        self._arrow = "→" if letters else "->"

    def title(self, text: str) -> str:
        """What a group of findings is about."""
        return text if self._ink is Ink.PLAIN else f"{_BOLD}{text}{_RESET}"

    def lines(self, finding: Finding) -> list[str]:
        """A finding: mark, name and what was found, and below it the next step."""
        state = finding.state
        dim = state is State.SKIP
        indent = " " * (2 + self._margin + _NAME)
        first, *more = self._wrap(finding.found, indent)
        mark, name = f"{self._marks[state]:<{self._margin}}", f"{finding.name:<{_NAME}}{first.lstrip()}"
        lines = ["  " + self._colored(mark, state) + (self._colored(name, state) if dim else name), *more]
        if finding.next_step:
            arrow = f"{indent}{self._arrow} "
            first, *steps = self._wrap(finding.next_step, " " * len(arrow))
            lines += [self._colored(arrow, state) + first.lstrip(), *steps]
        return [lines[0], *(self._colored(line, state) if dim else line for line in lines[1:])]

    def summary(self, findings: Sequence[Finding]) -> str:
        """How many there are of each kind, those that matter first."""
        counts = {state: sum(finding.state is state for finding in findings) for state in _COUNTED}
        parts = (self._colored(f"{count} {_COUNTED[state]}", state) for state, count in counts.items() if count)
        return f"  {', '.join(parts)}"

    def _wrap(self, text: str, indent: str) -> list[str]:
        width = max(self._columns, len(indent) + 20)
        return textwrap.wrap(
            printable(text),
            width,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [indent]

    def _colored(self, text: str, state: State) -> str:
        color = foreground(self._ink, _COLORS[state])
        return f"{color}{text}{_RESET}" if color else text


def as_json(version: str, findings: Sequence[Finding]) -> str:
    """One object on one line; see docs/doctor.md."""
    checks = [
        {
            "name": finding.name,
            "state": finding.state.value,
            "found": finding.found,
            "values": finding.values,
            "next_step": finding.next_step or None,
        }
        for finding in findings
    ]
    fine = all(finding.state is not State.FAIL for finding in findings)
    return json.dumps({"version": version, "ok": fine, "checks": checks}, allow_nan=False)
