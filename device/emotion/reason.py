"""The first clause of an error, for a place where its advice would not fit."""


def reason(error: Exception) -> str:
    """What went wrong, without what to do about it: that follows the first colon or semicolon outside brackets."""
    text = str(error).rstrip(".")
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth <= 0 and character in ":;" and text[place + 1 : place + 2] == " ":
            return text[:place]
    return text
