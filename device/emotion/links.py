"""The two links of the store, `current` and `previous`: switched together, whenever the power is cut."""

import os
import re
from contextlib import suppress
from pathlib import Path

from device.emotion.durable import replace_link, sync_folder
from device.errors import InputError

CURRENT, PREVIOUS = "current", "previous"
NEXT = ".previous-next.part"
"""Where `previous` is to lead once `current` has been switched: the note by which a cut between the two is mended."""


class Links:
    """The links in `folder`, each to a name that `ours` matches.

    Reading raises InputError if they are not such links; changing raises OSError besides.
    """

    def __init__(self, folder: Path, ours: re.Pattern[str]) -> None:
        self.folder = folder
        self._ours = ours

    def current(self) -> str | None:
        """Where `current` leads, None if it is not there. What it leads to may be gone."""
        return self._target(CURRENT)

    def previous(self) -> str | None:
        """The same of `previous`; None too if it leads where `current` does."""
        previous = self._target(PREVIOUS)
        return None if previous == self.current() else previous

    def switch(self, current: str | None, previous: str | None) -> None:
        """Lead both elsewhere, None for nowhere; what they lead to must be on the disk. On OSError they are as before.

        A cut leaves `current` at the old or the new; `mend` does the rest.
        """
        before = self._target(CURRENT), self._target(PREVIOUS)
        try:
            (self.folder / NEXT).unlink(missing_ok=True)
            if previous is not None:
                os.symlink(previous, self.folder / NEXT)
                sync_folder(self.folder)
            self._lead(CURRENT, current)
            if previous is None:
                self._lead(PREVIOUS, None)
            self._finish()
        except OSError:
            for link, target in zip((CURRENT, PREVIOUS), before, strict=True):
                with suppress(OSError):  # it is the first error that is told
                    self._lead(link, target)
            raise

    def mend(self) -> None:
        """Finish what a cut left half done: `previous` follows if `current` had been switched."""
        if self._target(NEXT) == self.current():
            (self.folder / NEXT).unlink(missing_ok=True)
        self._finish()

    def _finish(self) -> None:
        if self._target(NEXT) is not None:
            os.replace(self.folder / NEXT, self.folder / PREVIOUS)
            sync_folder(self.folder)

    def _lead(self, link: str, target: str | None) -> None:
        if self._target(link) == target:
            return
        if target is not None:
            replace_link(self.folder / link, target)
        else:
            (self.folder / link).unlink()
            sync_folder(self.folder)

    def _target(self, link: str) -> str | None:
        path = self.folder / link
        try:
            target = os.readlink(path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise InputError(f"{path} is not a link that can be read ({error.strerror}); move it away.") from error
        if not self._ours.fullmatch(target):
            raise InputError(f"{path} leads to {target!r}, which is no bundle of the store; remove this link.")
        return target
