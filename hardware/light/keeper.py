"""Keeper: holds the driver, through its failures too."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from numpy.typing import NDArray

from hardware.errors import HardwareError
from hardware.light.driver import Driver
from hardware.light.teller import Teller

FIRST_RETRY_S = 0.5
LONGEST_RETRY_S = 30.0
TRIAL_S = 5.0
"""It counts as working when it has for so long, and for as long as the last pause was."""


class Keeper:
    """Shows frames by a driver. One that fails is closed and opened again, after 0.5 s and then ever longer pauses.

    The pauses begin at 0.5 s again once it has worked for TRIAL_S and for as long as the last pause.

    open_strip: opens the driver; the constructor calls it at once and raises its HardwareError.
    failures: how often showing or opening failed.
    """

    def __init__(self, open_strip: Callable[[], Driver], teller: Teller) -> None:
        self._open, self._teller = open_strip, teller
        driver = open_strip()
        self._driver: Driver | None = driver
        self._kind = (driver.pixels, driver.order)
        self.pixels, self.order, self.rest_s = driver.pixels, driver.order, driver.rest_s
        self.failures = 0
        self._pause_s = 0.0
        self._retry_s = 0.0
        self._works_since_s: float | None = None
        self._closed = False

    def show(self, frame: NDArray[Any], now_s: float) -> bool:
        """Show a frame, uint8 [pixels, channels], unless the driver is down; whether it was shown."""
        if self._driver is None and now_s < self._retry_s:
            return False
        try:
            if self._driver is None:
                self._driver = self._reopened()
            self._driver.show(frame)
        except HardwareError as error:
            self._failed(error, now_s)
            return False
        if self._pause_s:
            self._tried(now_s)
        return True

    @property
    def away(self) -> bool:
        """Whether the driver is down, and waits to be opened again."""
        return self._driver is None

    def close(self) -> None:
        """Go dark and release the strip; calling it again does nothing. Raises HardwareError when it may be lit."""
        if self._closed:
            return
        self._closed = True
        driver, self._driver = self._driver, None
        # One that was down may have left the strip lit: closing it again makes it dark, if it works by now.
        (driver or self._open()).close()

    def _reopened(self) -> Driver:
        driver = self._open()
        if (driver.pixels, driver.order) != self._kind:
            driver.close()
            raise HardwareError("The strip came back as another one; start the writer again.")
        return driver

    def _tried(self, now_s: float) -> None:
        if self._works_since_s is None:
            self._works_since_s = now_s
        elif now_s - self._works_since_s >= max(TRIAL_S, self._pause_s):
            self._pause_s = 0.0
            self._teller.say("The strip works again.")

    def _failed(self, error: HardwareError, now_s: float) -> None:
        self.failures += 1
        self._works_since_s = None
        if not self._pause_s:
            self._teller.say(f"{error} It is tried again until it works.")
        self._pause_s = min(2 * self._pause_s or FIRST_RETRY_S, LONGEST_RETRY_S)
        self._retry_s = now_s + self._pause_s
        if self._driver is not None:
            driver, self._driver = self._driver, None
            with suppress(HardwareError):  # that it fails is known
                driver.close()
