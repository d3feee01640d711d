"""Words of the kernel's command line, the one line of cmdline.txt."""


def with_word(text: bytes, word: str) -> bytes:
    """The line with this word (NAME=VALUE) at its end, in place of one of the same name."""
    name = word.partition("=")[0]
    return without_word(text, name).rstrip() + b" " + word.encode() + b"\n"


def without_word(text: bytes, name: str) -> bytes:
    """The line without the words of this name."""
    return b" ".join(word for word in text.split() if word.partition(b"=")[0] != name.encode()) + b"\n"


def word(text: bytes, name: str) -> str | None:
    """The word of this name with its value, None if there is none."""
    found = [each for each in text.split() if each.partition(b"=")[0] == name.encode()]
    return found[-1].decode() if found else None
