"""What files hold that is no table, and cells that name nobody, two, or what a table does not take."""

import zipfile
from io import BytesIO

import pytest

from imports.rules.sheets import decoded, read_text, read_workbook
from imports.rules.tables import BadFile
from tests.imports.tables import Tables, new, workbook, wrong


@pytest.fixture
def tables(cast):
    return Tables(cast.admin)


def packed(size: int, name: str = "xl/worksheets/sheet1.xml") -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b" " * size)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "It is an old XLS file"),
        (b"%PDF-1.7", "It is not an XLSX file, whatever its name says."),
        (b"PK\x03\x04 cut off", "The XLSX file is damaged."),
        (packed(65 * 1024 * 1024), "The XLSX file unpacks to more than 64 MB."),
        (packed(10), "It can't be read as an XLSX file."),
        (workbook(), "It is empty; the first line names the columns."),
        (workbook(["Name"]), "It has the names of columns and no line below them."),
    ],
)
def test_a_file_that_is_no_workbook_is_refused_in_plain_words(content, said):
    with pytest.raises(BadFile) as refused:
        read_workbook(content)
    assert refused.value.text.startswith(said)


def test_a_text_that_is_none_is_refused():
    with pytest.raises(BadFile, match="NUL"):
        read_text("Name\x00")
    with pytest.raises(BadFile, match="UTF-8"):
        decoded("Käse".encode("latin-1"))
    assert decoded("Käse".encode("utf-16")) == "Käse"


def test_a_workbook_s_cells_are_plain_texts():
    grid = read_workbook(workbook(["A", "B", "C"], [True, 0.1 + 0.2, " x "], [False, 1234.5, None]))
    assert grid.rows == [(2, ["true", "0.3", "x"]), (3, ["false", "1234.5"])]


def test_a_column_twice_and_a_cell_beside_the_table(tables):
    batch = tables.check("products", "Code | Name | Family | Name", "A1 | Server | Hardware | Rack")
    assert (1, "Name", "The column stands there twice.", "Keep one of the two.") in wrong(batch)
    batch = tables.check("products", "Code | Name | Family", "A1 | Server | Hardware | beside")
    assert wrong(batch)[0][2:] == (
        "'beside' stands in column D, which has no name.",
        "Name the column, or empty the cell.",
    )
    batch = tables.check("products", "Code | Name | Family | Zzzzzz", "A1 | Server | Hardware | x")
    assert wrong(batch)[0][2] == "There is no such column."


def test_accounts_name_their_owner_once_and_a_number_where_names_repeat(tables):
    head = "Name | Owner | Territory"
    batch = tables.check(
        "accounts",
        head,
        "Fir | Rita Rep |",
        "Elm | Nobody Known |",
        "Oak | | Nowhere",
        "Fir | Rita Rep |",
    )
    found = {(line, column): problem for line, column, problem, _remedy in wrong(batch)}
    assert found == {
        (3, "Owner"): "There is no such person.",
        (4, "Territory"): found[4, "Territory"],
        (5, "Name"): "Line 2 has the same name, and neither has a number.",
    }


def test_names_that_two_have_ask_for_a_key(tables):
    people = ("Kim Lee | kim@x.example | coordinator", "Kim Lee | lee@x.example | coordinator")
    tables.bring("people", "Name | E-mail | Role", *people)
    tables.bring("accounts", "Number | Name", "T-1 | Twin", "T-2 | Twin")
    ((_line, _column, problem, remedy),) = wrong(tables.check("accounts", "Name", "Twin"))
    assert (problem, remedy) == ("There are 2 accounts of that name here.", "Give its number.")
    ((_line, column, problem, remedy),) = wrong(tables.check("accounts", "Name | Owner", "Ash | Kim Lee"))
    assert (column, problem, remedy) == (
        "Owner",
        "There are 2 of that name.",
        "Write the e-mail address.",
    )


def test_deals_without_a_number_are_told_apart_by_name_and_account(tables):
    head = "Name | Account | Owner | Stage | Close date"
    same = "Racks | Acorn | rep@example.com | Proposal | 2026-06-30"
    ((line, column, problem, _remedy),) = wrong(tables.check("opportunities", head, same, same))
    assert (line, column) == (3, "Name")
    assert problem == "Line 2 has the same name and account, and neither has a number."
    numbered = [f"N-{n} | {same}" for n in (1, 2)]
    assert new(tables.bring("opportunities", f"Number | {head}", *numbered)) == {"opportunity": 2}
    ((_line, _column, problem, remedy),) = wrong(tables.check("opportunities", head, same))
    assert (problem, remedy) == ("There are 2 deals of that name with the account.", "Give its number.")


def test_openings_name_one_day_one_holder_and_a_family_that_is_there(tables):
    batch = tables.check(
        "openings",
        "Person | Territory | Day | Quarter | Family | Amount",
        "Rita Rep\tEast 1\t2026-04-01\t\tHardware\t100",
        "Rita Rep\t\t2026-04-01\t2026-Q2\tHardware\t100",
        "Rita Rep\t\t\t\tHardware\t100",
        "Rita Rep\t\t\t1999-Q1\tHardware\t100",
        "Nobody Known\t\t\t2026-Q2\tHardware\t100",
        "Rita Rep\t\t\t2026-Q2\tNothing\t100",
    )
    assert [(line, column, problem) for line, column, problem, _remedy in wrong(batch)] == [
        (2, "Person", "It is for both a person and a territory."),
        (3, "Day", "It has both a day and a quarter."),
        (4, "Day", "It has no day."),
        (5, "Quarter", "The calendar has no quarter of that name."),
        (6, "Person", "There is no such person."),
        (7, "Family", "There is no such product family."),
    ]
