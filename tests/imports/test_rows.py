"""From lines to rows: filters, joins, wide files, mapped and missing values, repetitions, refusals."""

from datetime import date

import pytest

from common.money import exponent
from imports.rules.profile import TableSpec, read_profile
from imports.rules.rows import Reading, lines_of, read_rows
from imports.rules.sections import BadProfile
from imports.rules.tables import read_table
from tests.imports.test_profile import COMPANY


def spec_of(text: str) -> TableSpec:
    return read_profile(COMPANY + text).table[0]


def reading_of(text: str, **files: str) -> Reading:
    return read(text, **files)[0]


def read(text: str, **files: str) -> tuple[Reading, int]:
    """What came out, and how many lines were left out."""
    spec = spec_of(text)
    tables = {f"{name}.csv": read_table(content.encode()) for name, content in files.items()}
    lines, left_out = lines_of(spec, tables)
    return read_rows(spec, lines, exponent, "EUR"), left_out


FAMILY = """
[[table]]
entity = "family"
file = "f.csv"
[table.fields]
code = "c"
name = { column = "n", map = { "Rolle" = "Roll" }, default = "Other" }
"""
QUOTA = """
[[table]]
entity = "quota"
file = "t.csv"
join = [{ file = "p.csv", on = "id", column = "key" }]
style = { empty = ["-"] }
[table.unpivot]
name = "month"
value = "target"
columns = { M01 = "01", M02 = "02" }
[table.fields]
person = "person"
on = { template = "{year}-{month}-01" }
amount = { column = "target", multiply = 1000 }
"""


def test_values_are_mapped_and_what_is_empty_gets_its_default():
    reading = reading_of(FAMILY, f="c,n\nA,Rolle\nB,\n")
    assert [row.values for row in reading.rows] == [
        {"code": "A", "name": "Roll"},
        {"code": "B", "name": "Other"},
    ]
    assert [row.line for row in reading.rows] == [2, 3]


def test_a_line_that_says_the_same_again_counts_once_and_one_that_differs_is_refused():
    reading = reading_of(FAMILY, f="c,n\nA,x\nA,x\nA,y\n")
    assert len(reading.rows) == 1
    assert reading.repeated == 1
    (wrong,) = reading.wrong
    assert (wrong.file, wrong.line, wrong.column, wrong.value) == ("f.csv", 4, "code", "A")
    assert str(wrong.error) == "The same code stands on line 2 with other values. Keep one of the two lines."


def test_filters_leave_lines_out_and_count_them():
    where = FAMILY.replace("file =", 'where = { s = ["on"] }\nunless = { c = ["B"] }\nfile =')
    reading, left_out = read(where, f="c,n,s\nA,x,on\nB,x,on\nC,x,off\n")
    assert [row.values["code"] for row in reading.rows] == ["A"]
    assert left_out == 2


def test_a_wide_file_becomes_a_long_one_and_a_dash_makes_no_row():
    reading = reading_of(
        QUOTA, t="year,id,M01,M02\n2026,7,1.5,-\n2026,8,0,2\n", p="key,person\n7,Ann\n8,Bob\n"
    )
    assert [(row.values["person"], str(row.values["on"]), row.values["amount"]) for row in reading.rows] == [
        ("Ann", "2026-01-01", 150_000),
        ("Bob", "2026-01-01", 0),
        ("Bob", "2026-02-01", 200_000),
    ]


def test_columns_without_a_label_are_their_own():
    text = QUOTA.replace('{ M01 = "01", M02 = "02" }', '["01", "02"]')
    reading = reading_of(text, t="year,id,01,02\n2026,7,-,2\n", p="key,person\n7,Ann\n")
    assert [str(row.values["on"]) for row in reading.rows] == ["2026-02-01"]


def test_a_column_that_the_file_lacks_is_named_with_those_it_has():
    with pytest.raises(BadProfile, match=r"f\.csv has no column 'n'. It has: c, name"):
        reading_of(FAMILY, f="c,name\nA,x\n")
    with pytest.raises(BadProfile, match="has no column 'M02'"):
        reading_of(QUOTA, t="year,id,M01\n2026,7,1\n", p="key,person\n7,Ann\n")


def test_a_joined_file_names_each_partner_once():
    with pytest.raises(BadProfile, match="has '7' twice"):
        reading_of(QUOTA, t="year,id,M01,M02\n2026,7,1,2\n", p="key,person\n7,Ann\n7,Bob\n")


def test_every_wrong_cell_of_a_line_is_listed():
    text = """
[[table]]
entity = "opportunity"
file = "d.csv"
[table.fields]
number = "n"
name = "n"
owner = "o"
stage = "s"
amount = "a"
currency = { value = "JPY" }
motion = "m"
created_on = "c"
close_on = "c"
"""
    reading = reading_of(
        text,
        d="n,o,s,a,m,c\nD1,,Won,1.5,buy,31.12.2026\nD2,Ann,Won,15,new,2026-12-31\nTotal,Ann,Won,15,new,2026-12-31\n",
    )
    assert [(wrong.line, wrong.column) for wrong in reading.wrong] == [
        (2, "o"), (2, "a"), (2, "m"), (2, "c"), (2, "c"), (4, "n"), (4, "n"),
    ]  # fmt: skip
    assert "at most 0 decimals" in str(reading.wrong[1].error)
    assert "totals" in str(reading.wrong[5].error)
    assert [row.values["amount"] for row in reading.rows] == [15]


def test_an_order_with_a_wrong_line_stays_out_whole():
    text = """
[[table]]
entity = "order"
file = "o.csv"
[table.fields]
number = "n"
account = "a"
owner = "o"
booked_on = "d"
currency = { value = "EUR" }
motion = { value = "new" }
product = "p"
quantity = "q"
amount = "v"
"""
    lines = (
        "n,a,o,d,p,q,v\n1,A,Ann,2026-01-05,P,1,10\n1,A,Ann,2026-01-05,Q,one,20\n2,A,Ann,2026-01-05,P,1,30\n"
    )
    reading = reading_of(text, o=lines)
    assert [row.values["number"] for row in reading.rows] == ["2"]
    assert [(wrong.line, wrong.column) for wrong in reading.wrong] == [(3, "q"), (2, "number")]


VISITED = """
[[table]]
entity = "opportunity"
file = "d.csv"
visits = [{ stage = "Talk", column = "talked" }]
[table.fields]
number = "n"
name = "n"
owner = "o"
stage = "s"
currency = { value = "EUR" }
motion = { value = "new" }
created_on = "d"
close_on = "d"
"""


def test_a_stage_was_visited_on_the_day_of_its_column_and_a_wrong_day_is_refused():
    days = {"D1": "2026-01-07", "D2": "7.1.", "D3": ""}
    lines = [f"{number},Ann,Offer,2026-01-05,{day}\n" for number, day in days.items()]
    reading = reading_of(VISITED, d="n,o,s,d,talked\n" + "".join(lines))
    assert [(row.values["number"], row.values["visits"]) for row in reading.rows] == [
        ("D1", [("Talk", date(2026, 1, 7))]),
        ("D3", []),
    ]
    (wrong,) = reading.wrong
    assert (wrong.line, wrong.column, wrong.value) == (3, "talked", "7.1.")
    with pytest.raises(BadProfile, match=r"d\.csv has no column 'talked'"):
        reading_of(VISITED, d="n,o,s,d\nD1,Ann,Offer,2026-01-05\n")


def test_constant_rows_name_their_fields_themselves():
    text = '[[table]]\nentity = "family"\nrows = [{ code = "A", name = "x" }, { code = "B", name = "y" }]\n'
    assert [row.values["code"] for row in reading_of(text).rows] == ["A", "B"]


def test_the_first_filled_column_and_a_style_of_its_own():
    text = """
[[table]]
entity = "family"
file = "f.csv"
[table.fields]
code = { first = ["a", "b"] }
name = "n"
"""
    assert [row.values["code"] for row in reading_of(text, f="a,b,n\n,2,x\n1,3,y\n").rows] == ["2", "1"]
