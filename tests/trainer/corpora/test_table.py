import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.errors import InputError
from tests.trainer.corpora.trees import write
from trainer.corpora.table import cells, rows

LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs"), exclude_characters="\ufeff")
CELL = st.text(LETTERS, min_size=1, max_size=8)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("table") / "table"


@given(table=st.lists(st.lists(CELL, min_size=1, max_size=6), max_size=5))
def test_tab_separated_rows_of_any_length_come_back(path: Path, table: list[list[str]]) -> None:
    write(path, *("\t".join(row) for row in table))
    assert list(cells(path, tabs=True)) == list(enumerate(table, 1))


@given(table=st.lists(st.lists(CELL, min_size=2, max_size=2), max_size=5))
def test_comma_separated_rows_come_back_without_the_columns_nobody_wants(path: Path, table: list[list[str]]) -> None:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([["a", "other", "b"], *([x, "-", y] for x, y in table)])
    path.write_text(stream.getvalue(), encoding="utf-8")
    expected = [(line, {"b": y, "a": x, "c": ""}) for line, (x, y) in enumerate(table, 2)]
    assert list(rows(path, ("b", "a"), optional=("c",))) == expected


def test_spaces_byte_order_mark_and_short_rows_do_no_harm(tmp_path: Path) -> None:
    table = write(tmp_path / "t.csv", "\ufeffsong, valence_mean", "", '7 ,"\t0.5"', "8")
    got = [(line, row["song"], row["valence_mean"]) for line, row in rows(table, ("song", "valence_mean"))]
    assert got == [(3, "7", "0.5"), (4, "8", "")]


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"t\.csv is missing"):
        list(cells(tmp_path / "t.csv"))
    (tmp_path / "t.csv").write_bytes(b"a,b\n\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read"):
        list(cells(tmp_path / "t.csv"))
    (tmp_path / "t.csv").write_bytes(b"")
    with pytest.raises(InputError, match="no column 'a'"):
        list(rows(tmp_path / "t.csv", ("a",)))
