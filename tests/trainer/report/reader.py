"""What a browser would make of a page, as far as the tests need it: html.parser, and nothing closed out of order."""

from html.parser import HTMLParser

from trainer.report.markup import VOID


class Page(HTMLParser):
    """tables: by section, each a list of rows of cell texts. text: all that is shown. links: of src and href."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tables: dict[str, list[list[list[str]]]] = {}
        self.texts: dict[str, str] = {}
        self.section = "head"
        self.feed(source)
        self.close()
        assert not self.open, self.open

    @property
    def text(self) -> str:
        return " ".join(self.texts.values())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert len(given) == len(attrs), (tag, attrs)
        self.tags.append(tag)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "srcset", "data")]
        if tag == "section":
            self.section = given["id"] or ""
        if tag == "table":
            self.tables.setdefault(self.section, []).append([])
        if tag == "tr":
            self.tables[self.section][-1].append([])
        if tag in ("td", "th"):
            self.tables[self.section][-1][-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            return
        data = data.replace("\N{NO-BREAK SPACE}", " ")
        self.texts[self.section] = self.texts.get(self.section, "") + data
        if {"td", "th"} & set(self.open):
            self.tables[self.section][-1][-1][-1] += data
