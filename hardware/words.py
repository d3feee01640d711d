"""What sentences about a user's words are made of."""

from collections.abc import Iterable


def printable(text: str) -> str:
    """The text with ? for what a terminal would act on instead of showing it."""
    return "".join(character if character.isprintable() else "?" for character in text)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was most likely meant, None when none comes near."""
    from difflib import get_close_matches

    names = list(known)
    near = get_close_matches(word, names, n=1) or [name for name in names if word in name]
    return near[0] if near else None
