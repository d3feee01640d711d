"""Shell: every command of the system goes through it."""

import errno
import os
import subprocess

from hardware.appliance.root import Root
from hardware.errors import HardwareError

_QUIET = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8", "PIP_ROOT_USER_ACTION": "ignore"}


class Shell:
    """Runs commands in the system under `root`, by chroot if that is not the one that runs this program."""

    def __init__(self, root: Root) -> None:
        self._root = root
        self._before = () if root.here else ("chroot", str(root.folder))

    def ask(self, *command: str, codes: tuple[int, ...] = (0,)) -> str | None:
        """What a command that changes nothing prints; None if it is not there or ends with none of these codes."""
        try:
            done = self._run(command, {})
        except OSError:
            return None
        return done.stdout if done.returncode in codes else None

    def run(self, *command: str, **environment: str) -> str:
        """Run a command that changes something; what it printed. Raises HardwareError when it fails, and OSError
        when it fails for want of room."""
        if self._root.frozen:
            raise RuntimeError(f"a dry run was about to run {command}")
        try:
            done = self._run(command, environment)
        except OSError as error:
            raise HardwareError(f"{command[0]} can't be run ({error.strerror}); is this Raspberry Pi OS?") from error
        if done.returncode and os.strerror(errno.ENOSPC) in done.stderr + done.stdout:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if done.returncode:
            said = [line.strip() for line in (done.stderr + "\n" + done.stdout).splitlines() if line.strip()]
            why = next((line for line in reversed(said) if "rror" in line or line.startswith("E:")), "".join(said[-1:]))
            shown = " ".join(command[:6]) + (" …" if len(command) > 6 else "")
            reason = why.rstrip(".") or f"exit code {done.returncode}"
            raise HardwareError(f"'{shown}' failed ({reason}); put that right and run it again, it carries on.")
        return done.stdout

    def _run(self, command: tuple[str, ...], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        # Not the workstation's own settings of Python: they would lead into its checkout.
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
        return subprocess.run(
            [*self._before, *command],
            env=kept | _QUIET | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
