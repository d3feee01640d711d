"""One line for each thing that was looked at, and all that the programs said in a file."""

import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path


class Failed(Exception):
    """What was found is not what must be, in one sentence."""


class Report:
    """log: the file. system: whose name begins each line."""

    def __init__(self, system: str, log: Path) -> None:
        self._system, self._log = system, log
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("", encoding="utf-8")

    def step(self, what: str, do: Callable[[], str]) -> None:
        """Do it, and say how it went. do: returns what was measured, and raises when it fails."""
        began = time.monotonic()
        self.write(f"== {what}")
        try:
            found = do()
        except Exception as error:
            print(f"{self._system:9} {what:44} FAILED: {error} (more in {self._log})", flush=True)
            raise
        print(f"{self._system:9} {what:44} ok {time.monotonic() - began:5.0f} s  {found}".rstrip(), flush=True)

    def write(self, text: str) -> None:
        """Into the file only."""
        with self._log.open("a", encoding="utf-8") as log:
            log.write(text.rstrip() + "\n")

    def run(self, command: Sequence[str | Path], code: int = 0, **environment: str) -> str:
        """Run a program; what it said. Raises Failed for another exit code."""
        return self.finished(
            subprocess.run(
                [*map(str, command)],
                env=environment or None,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                check=False,
            ),
            code,
        )

    def finished(self, done: "subprocess.CompletedProcess[str]", code: int = 0) -> str:
        """The same of a program that has run."""
        said = (done.stdout or "") + (done.stderr or "")
        self.write(f"$ {' '.join(map(str, done.args))}\n{said}")
        if done.returncode != code:
            last = " | ".join(line.strip() for line in said.splitlines()[-3:])
            raise Failed(f"exit code {done.returncode} instead of {code}: {last}")
        return said


def must(good: bool, why: str) -> None:
    """Raise Failed with the reason unless it is good."""
    if not good:
        raise Failed(why)
