"""The one exception that hardware raises for trouble a user can act on."""


class HardwareError(Exception):
    """Something on a wire, a terminal or a sound file is not as needed.

    The text is one sentence that says what is wrong and what to do next; it is shown to the user as it is.
    """
