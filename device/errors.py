"""The one exception that the device's parts raise for bad input."""


class InputError(Exception):
    """A file, a setting or an option is not as needed.

    The text is one sentence that says what is wrong and what to do next; it is shown to the user as it is.
    """
