"""What files hold that is no table, and cells that name nobody, two, or what a table does not take."""

import zipfile
from io import BytesIO

import pytest

from common.errors import Refused
from imports.rules.sheets import decoded, read_text, read_workbook
from imports.rules.tables import BadFile
from territories.models import User
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


def test_an_account_needs_an_owner_with_one_territory(tables):
    tables.bring("territories", "Code | Name | Parent", "NORTH | North | COMPANY")
    tables.bring("people", "Name | E-mail | Role | Territory", "Rita Rep | rep@example.com | rep | NORTH")
    batch = tables.check("accounts", "Name | Owner", "Fir | Ada Admin", "Elm | Rita Rep")
    assert wrong(batch) == [
        (2, "Owner", "This person owns no territory.", "Name the territory instead."),
        (3, "Owner", "This person owns 2 territories.", "Name the territory instead."),
    ]


def test_people_need_a_tree_to_sit_in(tables, cast, owner):
    owner.execute("SET session_replication_role = replica")
    owner.execute("DELETE FROM territories_edge")
    batch = tables.check(
        "people", "Name | E-mail | Role", "Ann | ann@x.example | rep", "Bo | bo@x.example | rep"
    )
    assert wrong(batch) == [
        (2, "Name", "There is no territory yet for them to sit below.", "Bring in the territories first.")
    ]


def test_a_line_that_says_the_same_as_one_above_is_told(tables):
    line = "A1 | Server | Hardware"
    batch = tables.check("products", "Code | Name | Family", line, line)
    assert wrong(batch) == [(3, "Code", "It says the same as a line above.", "Take one of the two out.")]
    quotas = tables.check("quotas", "Person | 2026-Q3", "Rita Rep | 5", "rep@example.com | 5")
    assert wrong(quotas) == [(3, "2026-Q3", "It says the same as a line above.", "Take one of the two out.")]


def test_who_manages_whom_must_fit_where_they_sit(tables):
    people = "Name | E-mail | Role | Manager | Territory"
    batch = tables.check(
        "people",
        people,
        "Ann | ann@x.example | rep |  | Nowhere",
        "Eli | eli@x.example | executive |  | ",
        "Max | max@x.example | manager | Eli | ",
        "Kim | kim@x.example | coordinator | Max | ",
    )
    assert [one[:3] for one in wrong(batch)] == [(2, "Territory", "There is no such territory.")]


def test_a_name_that_two_managers_or_two_territories_have_asks_for_more(tables):
    tables.bring("territories", "Code | Name | Parent", "T-1 | Twin | COMPANY", "T-2 | Twin | COMPANY")
    batch = tables.check(
        "people",
        "Name | E-mail | Role | Manager | Territory",
        "Kim | kim@x.example | manager |  | ",
        "Kim | kim2@x.example | manager |  | ",
        "Ann | ann@x.example | rep | Kim | Twin",
    )
    assert wrong(batch) == [
        (4, "Manager", "There are 2 of that name.", "Write the e-mail address."),
        (4, "Territory", "There are 2 of that name.", "Name it by its code."),
    ]


def test_a_deal_s_account_must_be_here(tables):
    head = "Name | Account | Owner | Stage | Close date"
    batch = tables.check("opportunities", head, "Racks | Acron | Rita Rep | Proposal | 2026-06-30")
    assert wrong(batch) == [(2, "Account", "There is no such account.", "Did you mean 'Acorn'?")]


def test_the_first_territory_of_an_empty_tree_is_its_root(tables, owner):
    owner.execute("SET session_replication_role = replica")
    owner.execute("DELETE FROM territories_edge")
    lines = ("X | All |", "Y | Other |")
    batch = tables.check("territories", "Code | Name | Parent", *lines)
    assert wrong(batch) == [
        (3, "Parent", "It has no parent.", "Name the one that it lies below; the root is All (X).")
    ]
    assert new(tables.check("territories", "Code | Name | Parent", lines[0])) == {"territory": 1}


def test_more_than_10_mb_are_refused_however_they_come(tables):
    with pytest.raises(Refused, match="larger than 10 MB"):
        tables.check("people", content=b"x" * (10 * 1024 * 1024 + 1), way="csv")


@pytest.mark.parametrize(
    ("locale", "text"), [("en", "11/31/2026"), ("de", "31.11.2026"), ("en", "2026-11-31")]
)
def test_a_day_that_does_not_exist_says_so(cast, acting, locale, text):
    with acting(cast.admin):
        User.objects.filter(pk=cast.admin.pk).update(locale=locale)
    batch = Tables(cast.admin).check(
        "opportunities",
        "Name | Account | Owner | Stage | Close date",
        f"Odd | Acorn | Rita Rep | Proposal | {text}",
    )
    assert wrong(batch) == [
        (2, "Close date", "It can't be read as a day.", "There is no such day: that month has 30 days.")
    ]
