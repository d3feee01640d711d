"""What the lamp asks of a button: the presses since it last asked."""

from typing import Protocol


class Button(Protocol):
    """A push button that is polled from the lamp's loop, so that nothing runs in another thread."""

    def presses(self) -> int:
        """Number of presses since the last call."""
        ...

    def close(self) -> None:
        """Release the pin; calling it again does nothing."""
        ...
