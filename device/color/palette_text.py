"""Where in the text of a palette its anchors and keys stand: TOML readers don't tell."""

import re

_HEADER = re.compile(r"\s*\[\[\s*([\"']?)anchors\1\s*\]\]")
_KEY = re.compile(r"\s*[\"']?([A-Za-z0-9_-]+)[\"']?\s*=")


class Lines:
    """Line numbers, from 1, of a palette's text, as people write it: anchors as [[anchors]], a key to a line."""

    def __init__(self, text: str) -> None:
        self._anchors: list[int] = []
        self._keys: dict[tuple[int | None, str], int] = {}
        for number, line in enumerate(text.splitlines(), start=1):
            if _HEADER.match(line):
                self._anchors.append(number)
            elif key := _KEY.match(line):
                anchor = len(self._anchors) - 1 if self._anchors else None
                self._keys.setdefault((anchor, key.group(1)), number)

    def of(self, anchor: int | None, key: str | None = None) -> int | None:
        """The line of a key of the anchor with this index (None: of the file's own), or else of the anchor itself.

        None where the text is written in another way.
        """
        found = self._keys.get((anchor, key)) if key is not None else None
        if found is None and anchor is not None and anchor < len(self._anchors):
            return self._anchors[anchor]
        return found
