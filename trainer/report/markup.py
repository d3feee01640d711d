"""HTML put together so that a name of somebody's folder can never become a tag."""

import html
from collections.abc import Sequence
from math import isfinite

VOID = frozenset({"meta", "link", "br", "hr", "img"})
ABSENT = "–"
HARD = "\N{NO-BREAK SPACE}"


class Html(str):
    """Text that is markup already; every other string is escaped where it is put in."""

    __slots__ = ()


def element(name: str, /, *content: str, **attributes: str) -> Html:
    """<name attributes>content</name>. A trailing underscore of an attribute goes (class_), others become hyphens."""
    given = "".join(f' {key.rstrip("_").replace("_", "-")}="{html.escape(value)}"' for key, value in attributes.items())
    inner = joined(*content)
    return Html(f"<{name}{given}>") if name in VOID else Html(f"<{name}{given}>{inner}</{name}>")


def joined(*content: str) -> Html:
    """All parts one after the other, what isn't markup escaped."""
    return Html("".join(part if isinstance(part, Html) else html.escape(part) for part in content))


def table(head: Sequence[str], rows: Sequence[Sequence[str]], marked: Sequence[int] = (), class_: str = "") -> Html:
    """A table that scrolls by itself on a narrow screen; the first cell of a row is its heading.

    marked: numbers of the rows that stand out.
    """
    top = element("tr", *(element("th", cell, scope="col") for cell in head))
    body = [
        element(
            "tr",
            *(element("td", cell) if i else element("th", cell, scope="row") for i, cell in enumerate(row)),
            **({"class_": "ours"} if number in marked else {}),
        )
        for number, row in enumerate(rows)
    ]
    inner = element("table", element("thead", top), element("tbody", *body), class_=class_)
    return element("div", inner, class_="scroll", tabindex="0")


def section(key: str, title: str, caption: str, *content: str) -> Html:
    """One part of the page: its heading, what it teaches, and what there is to see."""
    return element("section", element("h2", title), element("p", caption, class_="caption"), *content, id=key)


def figure(title: str, picture: str, caption: str = "") -> Html:
    """A picture with its own heading."""
    below = [element("figcaption", caption)] if caption else []
    return element("figure", element("h3", title), picture, *below)


def grid(*figures: str) -> Html:
    """Pictures beside each other, below each other on a phone."""
    return element("div", *figures, class_="grid")


def absent(words: str, command: str = "") -> Html:
    """The line that says what isn't there and, maybe, the command that makes it."""
    return element("p", f"{words}: " if command else f"{words}.", *code(command), class_="missing")


def code(command: str) -> list[Html]:
    """The command as code; nothing for none."""
    return [element("code", command)] if command else []


def percent(value: float | None) -> str:
    """A share as per cent with one decimal."""
    return ABSENT if value is None or not isfinite(value) else f"{100 * value:.1f}{HARD}%"


def number(value: float | None, decimals: int = 3) -> str:
    """A number with a true minus sign."""
    return ABSENT if value is None or not isfinite(value) else f"{value:.{decimals}f}".replace("-", "−")
