"""Makes a picture of what a program draws in a terminal: SVG with plain Python, PNG with a Chromium on the PATH.

    python tools/terminal_picture.py lamp.png --after 30 -- lampyris listen --file song.ogg
    python tools/terminal_picture.py lamp.svg --capture saved-output.txt

The program runs in a pseudo-terminal of --columns x --lines with 24-bit color, and gets Ctrl-C after --after seconds.
The picture is of the last whole screen before the program gave the terminal back.
"""

import argparse
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

CELL_W, CELL_H, FONT_SIZE, EDGE = 10, 20, 16.4, 14
_CONTROL = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])|\x1b.|[\r\n\b]")


@dataclass(frozen=True)
class Cell:
    """One character, its colors as '#rrggbb'."""

    text: str = " "
    front: str = "#d0d0d0"
    back: str = "#0c0c0f"


class Screen:
    """The part of a terminal that the lamp uses: colors, cursor places, erasing, the alternate screen."""

    def __init__(self, columns: int, lines: int) -> None:
        self.columns, self.lines = columns, lines
        self._clear()
        self.last: list[list[Cell]] | None = None
        self.drawings = 0

    def _clear(self) -> None:
        self.cells = [[Cell()] * self.columns for _ in range(self.lines)]
        self.x = self.y = 0
        self.pen = Cell()

    def feed(self, text: str) -> None:
        """Take in output."""
        place = 0
        for control in _CONTROL.finditer(text):
            self._print(text[place : control.start()])
            place = control.end()
            if control.group(2):
                self._control(control.group(1), control.group(2))
            elif control.group() == "\r":
                self.x = 0
            elif control.group() == "\n":
                self.y += 1
        self._print(text[place:])

    def _print(self, text: str) -> None:
        for character in text:
            if self.y >= self.lines:
                self.cells = [*self.cells[1:], [Cell()] * self.columns]
                self.y = self.lines - 1
            if self.x < self.columns:
                self.cells[self.y][self.x] = replace(self.pen, text=character)
            self.x += 1

    def _control(self, arguments: str, letter: str) -> None:
        numbers = [int(n) if n else 0 for n in arguments.strip("?").split(";")]
        if letter == "m":
            self._color(numbers)
        elif letter == "H":
            self.y, self.x = max(1, numbers[0]) - 1, max(1, numbers[1] if len(numbers) > 1 else 1) - 1
        elif letter == "K":
            for x in range(self.x, self.columns):
                self.cells[self.y][x] = replace(self.pen, text=" ")
        elif arguments == "?2026" and letter == "h":  # a drawing begins, so the one before is whole
            if self.drawings:
                self.last = [list(row) for row in self.cells]
            self.drawings += 1
        elif arguments == "?1049" and letter == "l":
            if self.last is None:
                self.last = [list(row) for row in self.cells]
            self._clear()
        elif letter == "J" or (arguments == "?1049" and letter == "h"):
            self._clear()

    def _color(self, codes: list[int]) -> None:
        while codes:
            code = codes.pop(0)
            if code in (38, 48):
                if codes.pop(0) == 2:
                    color = "#{:02x}{:02x}{:02x}".format(*codes[:3])
                    del codes[:3]
                else:
                    color = indexed(codes.pop(0))
                self.pen = replace(self.pen, front=color) if code == 38 else replace(self.pen, back=color)
            elif code == 39:
                self.pen = replace(self.pen, front=Cell.front)
            elif code == 49:
                self.pen = replace(self.pen, back=Cell.back)
            elif code == 0:
                self.pen = Cell()


def indexed(index: int) -> str:
    """An entry of xterm's 256 colors (16 and up)."""
    if index >= 232:
        return "#" + f"{8 + 10 * (index - 232):02x}" * 3
    steps = (0, 95, 135, 175, 215, 255)
    index -= 16
    return f"#{steps[index // 36]:02x}{steps[index // 6 % 6]:02x}{steps[index % 6]:02x}"


def svg(cells: list[list[Cell]]) -> str:
    """The cells as a picture in a dark frame with round corners. Empty lines at the end are left out."""
    while len(cells) > 1 and all(cell.text == " " for cell in cells[-1]) and all(c.text == " " for c in cells[-2]):
        cells = cells[:-1]
    columns, lines = len(cells[0]), len(cells)
    width, height = columns * CELL_W + 2 * EDGE, lines * CELL_H + 2 * EDGE
    boxes: list[str] = []
    words: list[str] = []
    for y, row in enumerate(cells):
        halves = [
            [c.front if c.text in "▀█" else c.back for c in row],
            [c.front if c.text == "█" else c.back for c in row],
        ]
        for half, colors in enumerate(halves):
            x = 0
            while x < columns:
                run = 1
                while x + run < columns and colors[x + run] == colors[x]:
                    run += 1
                if colors[x] != Cell.back:
                    top = EDGE + y * CELL_H + half * CELL_H // 2
                    boxes.append(
                        f'<rect x="{EDGE + x * CELL_W}" y="{top}" width="{run * CELL_W}" '
                        f'height="{CELL_H // 2}" fill="{colors[x]}"/>'
                    )
                x += run
        for x, cell in enumerate(row):
            if cell.text not in " ▀█":
                words.append(
                    f'<text x="{EDGE + x * CELL_W}" y="{EDGE + y * CELL_H + 15}" fill="{cell.front}">'
                    f"{escape(cell.text)}</text>"
                )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<rect width="{width}" height="{height}" rx="12" fill="{Cell.back}"/>'
        f'<g shape-rendering="crispEdges">{"".join(boxes)}</g>'
        f'<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="{FONT_SIZE}">'
        f"{''.join(words)}</g></svg>\n"
    )


def save(cells: list[list[Cell]], path: Path) -> None:
    """Write path.svg or path.png."""
    picture = svg(cells)
    if path.suffix == ".svg":
        path.write_text(picture, encoding="utf-8")
        return
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("terminal_picture: a PNG needs chromium on the PATH; write an .svg instead")
    width, height = (int(n) for n in re.findall(r'(?:width|height)="(\d+)"', picture)[:2])
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(f"<style>body{{margin:0;background:transparent}}</style>{picture}", encoding="utf-8")
        command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        command += ["--default-background-color=00000000", f"--window-size={width},{height}"]
        command += [f"--user-data-dir={folder}/profile", f"--screenshot={path.resolve()}", page.as_uri()]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)


def run(command: list[str], columns: int, lines: int, after_s: float) -> str:
    """What the command writes to a pseudo-terminal of that size until Ctrl-C after that many seconds."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    env = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    env.pop("NO_COLOR", None)
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True)
    os.close(slave)
    written, end_s = b"", time.monotonic() + after_s
    while True:
        if process.poll() is None and time.monotonic() > end_s:
            process.send_signal(signal.SIGINT)
            end_s += 10.0
        if select.select([master], [], [], 0.1)[0]:
            try:
                piece = os.read(master, 65536)
            except OSError:  # Linux says so when the program has closed its end
                break
            written += piece
        elif process.poll() is not None:
            break
    os.close(master)
    process.wait()
    return written.decode("utf-8", errors="replace")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("picture", type=Path, help="the .svg or .png to write")
    parser.add_argument("--capture", type=Path, help="read saved output instead of running a command")
    parser.add_argument("--columns", type=int, default=96)
    parser.add_argument("--lines", type=int, default=20)
    parser.add_argument("--after", type=float, default=20.0, help="seconds until Ctrl-C")
    arguments, command = sys.argv[1:], []
    if "--" in arguments:
        place = arguments.index("--")
        arguments, command = arguments[:place], arguments[place + 1 :]
    options = parser.parse_args(arguments)
    if (options.capture is None) == (not command):
        parser.error("give either --capture FILE or -- COMMAND")
    if options.capture:
        text = options.capture.read_text(encoding="utf-8")
    else:
        text = run(command, options.columns, options.lines, options.after)
    screen = Screen(options.columns, options.lines)
    screen.feed(text)
    save(screen.last or screen.cells, options.picture)


if __name__ == "__main__":
    main()
