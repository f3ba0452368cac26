"""Rosters as they come out of spreadsheets, and names that are safe on any disk."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.classroom.csvs import table
from derive.classroom.roster import file_name, read_roster, roster
from derive.errors import InputError


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_separators_and_byte_order_marks(tmp_path, separator, mark):
    path = tmp_path / "class.csv"
    text = mark + separator.join(["Name", "ID", "group"]) + "\r\n" + separator.join(["Ann Öz", "s2", "A"]) + "\r\n"
    path.write_text(text + separator.join(["李", "s1", "B"]) + "\n", encoding="utf-8", newline="")
    first, second = read_roster(path)
    assert (first.id, first.name, first.more) == ("s1", "李", (("group", "B"),))
    assert (second.id, second.name, second.file) == ("s2", "Ann Öz", "s2")


@pytest.mark.parametrize(("text", "said"), [
    ("name\nAnn\n", "roster: row 1: there is no column id"),
    ("", "roster: row 1: there is no column id"),
    ("id,id\na,b\n", "roster: row 1: there are two columns id"),
    ("id,group,group\na,1,2\n", "roster: row 1: there are two columns group"),
    ("id\n", "roster: nobody is on it"),
    ("id,name\na,A\n,B\n", "roster: row 3: the id is empty"),
    ("id\na\nb\na\n", "roster: row 4: the id 'a' is in row 2 already"),
    ("id\nAb\naB\n", "roster: row 3: the id 'aB' is in row 2 already but for capitals"),
    ("id,name\na,x,y\n", "roster: row 2: 3 cells under 2 columns"),
    ('id,name\na,"x\n', "roster: row 2: this is no row of CSV"),
    ("id\n" + "a" * 1001 + "\n", "roster: row 2: the id has 1001 characters"),
])
def test_each_mistake_is_one_line_with_its_row(text, said):
    with pytest.raises(InputError) as error:
        roster(text)
    assert error.value.line().startswith(said)
    assert "\n" not in error.value.line()


def test_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "class.csv"
    path.write_bytes(b"id,name\ns1,Ann\ns2,\xff\xfe\n")
    with pytest.raises(InputError, match="row 3: not UTF-8"):
        read_roster(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_roster(tmp_path / "nowhere.csv")


def test_quotes_and_newlines_in_a_cell_and_blank_lines():
    (one,) = roster('id,name\n\n s1 ,"O\'Neil,\n ""Bo"""\n\n')
    assert (one.id, one.name) == ("s1", 'O\'Neil, "Bo"')


def test_the_order_of_the_rows_does_not_matter():
    rows = [f"s{n},Name {n}" for n in range(50)]
    assert roster("id,name\n" + "\n".join(rows)) == roster("id,name\n" + "\n".join(reversed(rows)))


def test_a_large_class():
    assert len(roster("id\n" + "\n".join(map(str, range(20_000))))) == 20_000


@given(st.text(min_size=1, max_size=400), st.text(min_size=1, max_size=400))
def test_files_are_safe_and_different(one, other):
    name = file_name(one)
    assert 0 < len(name) <= 80 and name.isascii()
    assert not set(name) & set('/\\:*?"<>|\n\0 ') and ".." not in name and not name.startswith((".", "-"))
    assert (file_name(other) == name) == (one == other)


def test_a_plain_id_is_its_own_file():
    assert [file_name(one) for one in ("s123", "A-7_b", "con", "x/y")][:2] == ["s123", "A-7_b"]
    assert file_name("con") != "con"


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "+cmd", "-2+3", "\t=1"])
def test_no_cell_is_a_formula(cell):
    (row,) = csv.reader(io.StringIO(table(["id"], [[cell]]).decode().split("\n", 1)[1]))
    assert row == [f"'{cell}"]


@pytest.mark.parametrize("cell", ["-0.75", "+1,5", "-1e-5", "s1", ""])
def test_figures_stay_figures(cell):
    (row,) = csv.reader(io.StringIO(table(["id", "x"], [["a", cell]]).decode().split("\n", 1)[1]))
    assert row[1] == cell
