"""Reading a CSV file of labels, row by row with line numbers."""

import csv
from collections.abc import Iterator
from pathlib import Path

from device.errors import InputError


def rows(path: Path, columns: tuple[str, ...], encoding: str = "utf-8") -> Iterator[tuple[int, dict[str, str]]]:
    """Line number (of the row's last line) and row, for every row of a CSV file with a header.

    Missing cells are empty strings. Raises InputError when the file is not there, cannot be read, or lacks
    one of `columns`.
    """
    try:
        with path.open(newline="", encoding=encoding) as stream:
            reader = csv.DictReader(stream, restval="")
            absent = [name for name in columns if name not in (reader.fieldnames or ())]
            if absent:
                raise InputError(f"{path} has no column {absent[0]!r}; take the corpus' own file unchanged.")
            for row in reader:
                yield reader.line_num, {name: row[name].strip() for name in columns}
    except FileNotFoundError:
        raise InputError(f"{path} is missing; put the corpus' own file there.") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} cannot be read: {error}; take the corpus' own file unchanged.") from None
