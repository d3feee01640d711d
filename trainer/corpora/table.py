"""Reading tables of labels, row by row with line numbers."""

import csv
from collections.abc import Iterator
from pathlib import Path

from device.errors import InputError


class _Tabs(csv.excel_tab):
    quoting = csv.QUOTE_NONE


def cells(path: Path, encoding: str = "utf-8-sig", tabs: bool = False) -> Iterator[tuple[int, list[str]]]:
    """Line number (of the row's last line; the first line is 1) and stripped cells of every row that isn't empty.

    tabs: cells are parted by tabs and never quoted, as in TSV files. Raises InputError when the file is not there or
    cannot be read.
    """
    try:
        with path.open(newline="", encoding=encoding) as stream:
            reader = csv.reader(stream, _Tabs if tabs else csv.excel)
            for row in reader:
                if row:
                    yield reader.line_num, [cell.strip() for cell in row]
    except FileNotFoundError:
        raise InputError(f"{path} is missing; put the corpus' own file there.") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} cannot be read: {error}; take the corpus' own file unchanged.") from None


def rows(
    path: Path, columns: tuple[str, ...], encoding: str = "utf-8-sig", optional: tuple[str, ...] = ()
) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and row, for every row of a CSV file with a header.

    Missing cells, and columns of `optional` that the file lacks, are empty strings. Raises InputError when the file
    is not there, cannot be read, or lacks one of `columns`.
    """
    table = cells(path, encoding)
    _, header = next(table, (1, []))
    absent = [name for name in columns if name not in header]
    if absent:
        raise InputError(f"{path} has no column {absent[0]!r}; take the corpus' own file unchanged.")
    places = {name: header.index(name) for name in (*columns, *optional) if name in header}
    nothing = dict.fromkeys((*columns, *optional), "")
    for line, row in table:
        yield line, nothing | {name: row[place] for name, place in places.items() if place < len(row)}
