"""What is wrong with a table is said in place, by line and column, and nothing of it is brought in."""

from datetime import date, datetime

import pytest

from imports.models import Batch
from territories.models import User
from tests.imports.company import everything
from tests.imports.tables import Tables, new, workbook, wrong


@pytest.fixture
def tables(cast):
    return Tables(cast.admin)


def test_a_missing_and_an_unknown_column_are_named(tables):
    found = wrong(tables.check("people", "Name | Mail | Role", "Ann | a@x.example | rep"))
    assert found == [
        (1, "Mail", "There is no such column.", "Did you mean 'E-mail'?"),
        (1, "E-mail", "A column is missing.", "Add one named E-mail to the first line."),
    ]


def test_a_table_without_names_of_columns_is_told_to_begin_with_them(tables):
    ((line, _column, problem, remedy),) = wrong(tables.check("products", "A1 | Server", "A2 | Rack"))
    assert (line, problem) == (1, "The first line does not name the columns.")
    assert remedy == (
        "Begin with a line of: Code, Name, Family, Family above, Kind, Tier, Vendor, List price, Currency, "
        "No longer sold from."
    )


def test_a_person_twice(tables):
    batch = tables.check(
        "people", "Name | E-mail | Role", "Ann | ann@x.example | rep", "Ann B | ANN@x.example | rep"
    )
    assert wrong(batch) == [
        (3, "E-mail", "This person stands on line 2 already.", "Keep one of the two lines.")
    ]


def test_managers_who_are_nowhere_lead_nobody_or_form_a_circle(tables):
    batch = tables.check(
        "people",
        "Name | E-mail | Role | Manager",
        "Ann | ann@x.example | manager | Bob",
        "Bob | bob@x.example | manager | Cem",
        "Cem | cem@x.example | manager | ann@x.example",
        "Dan | dan@x.example | rep | Mona Manger",
        "Eli | eli@x.example | rep | Rita Rep",
        "Flo | flo@x.example | rep | Flo",
    )
    circle = "They report to each other in a circle: Ann → Bob → Cem → Ann."
    assert wrong(batch) == [
        (2, "Manager", circle, "Leave one manager empty."),
        (
            3,
            "Manager",
            circle.replace("Ann → Bob → Cem → Ann", "Bob → Cem → Ann → Bob"),
            "Leave one manager empty.",
        ),
        (
            4,
            "Manager",
            circle.replace("Ann → Bob → Cem → Ann", "Cem → Ann → Bob → Cem"),
            "Leave one manager empty.",
        ),
        (
            5,
            "Manager",
            "Nobody of that name is in the table or here already.",
            "Did you mean 'Mona Manager'?",
        ),
        (6, "Manager", "Rita Rep is rep, and leads nobody.", "Name a manager, director or executive."),
        (7, "Manager", "Nobody reports to themselves.", "Name another, or leave it empty."),
    ]


def test_territories_of_people(tables):
    batch = tables.check(
        "people",
        "Name | E-mail | Role | Manager | Territory",
        "Ann | ann@x.example | rep |  | East 1",
        "Bob | bob@x.example | admin |  | East 1",
        "Cem | cem@x.example | rep | Otto Other | East Team",
        "Dan | dan@x.example | rep |  | West Team",
        "Eli | eli@x.example | rep |  | west team",
    )
    assert [one[:3] for one in wrong(batch)] == [
        (2, "Territory", "Rita Rep is its owner already."),
        (3, "Territory", "Who is admin sits on no territory."),
        (4, "Manager", "East Team, where this person sits, does not lie below Otto Other's territory."),
        (6, "Territory", "Dan is its owner already."),
    ]


def test_an_address_that_is_none_and_an_unknown_role(tables):
    batch = tables.check("people", "Name | E-mail | Role", "Ann | ann@x.example | seller")
    known = "Write one of: rep, manager, director, admin, coordinator, executive."
    assert wrong(batch) == [(2, "Role", "The word is not known here.", known)]
    batch = tables.check("people", "Name | E-mail | Role", "Ann | ann | rep")
    assert [one[:3] for one in wrong(batch)] == [(2, "E-mail", "It is not an e-mail address.")]


def test_a_territory_without_parent_and_below_itself(tables):
    batch = tables.check(
        "territories", "Code | Name | Parent", "N | North | ", "A | Aa | B", "B | Bb | A", "C | Cc | Norht"
    )
    assert wrong(batch) == [
        (2, "Parent", "It has no parent.", "Name the one that it lies below; the root is Company (COMPANY)."),
        (3, "Parent", "It lies below itself: A → B → A.", "Name another parent."),
        (4, "Parent", "It lies below itself: B → A → B.", "Name another parent."),
        (5, "Parent", "There is no such territory, here or in the table.", "Did you mean 'North'?"),
    ]


def test_a_quota_for_nobody_and_a_quarter_that_is_none(tables):
    batch = tables.check("quotas", "Person | 2026-Q3", " | 5", "Rita Rep | 1,000.005", "Rita Rep | 5")
    assert wrong(batch) == [
        (2, "Person", "It is for nobody.", "Name one person or one territory."),
        (3, "2026-Q3", "It can't be read as a number.", "There are at most 2 decimals here."),
    ]
    batch = tables.check("quotas", "Person | 2026-Q9", "Rita Rep | 5")
    assert wrong(batch) == [
        (
            1,
            "2026-Q9",
            "The calendar has no quarter of that name.",
            "It has: 2025-Q1 … 2035-Q4. Add a fiscal year for others.",
        ),
        (1, "2025-Q1", "A column is missing.", "Add one named 2025-Q1 … 2035-Q4 to the first line."),
    ]
    batch = tables.check("quotas", "Person | 2026-Q3", "Rita Rep | 5", "rep@example.com | 6")
    assert [one[:2] for one in wrong(batch)] == [(3, "Person")]


def test_10001_lines_are_too_many_and_10000_are_not(tables):
    lines = [f"C{number} | Product {number} | Hardware" for number in range(10_001)]
    ((_line, _column, problem, _remedy),) = wrong(tables.check("products", "Code | Name | Family", *lines))
    assert problem == "It has 10,001 lines; at most 10,000 are taken at once. Split it."
    assert new(tables.check("products", "Code | Name | Family", *lines[1:])) == {
        "family": 0,
        "product": 10_000,
    }


def test_the_separators_of_another_locale_are_refused_with_the_right_example(tables):
    head = "Code | Name | Family | List price"
    assert wrong(tables.check("products", head, "A | Server | Hardware | 1.234,50")) == [
        (2, "List price", "It can't be read as a number.", "Write it as 1,234.57.")
    ]
    strict = tables.check(
        content=b"Code;Name;Family;List price\nA;Server;Hardware;1,234.50", way="csv", table="products"
    )
    assert wrong(strict)[0][3] == "Amounts use a full stop and no thousands separator, e.g. 1000.00."


def test_a_german_reader_pastes_as_germans_write(tables, cast, acting):
    with acting(cast.admin):
        User.objects.filter(pk=cast.admin.pk).update(locale="de-DE")
    lines = (
        "Name | Account | Owner | Stage | Amount | Close date",
        "Deal | Acorn | Rita Rep | Proposal | 1.234,50 | 30.06.26",
    )
    assert tables.check("opportunities", *lines).sums == {
        "USD": {"currency": "USD", "minor": 123450, "count": 1}
    }


def test_nothing_is_half_applied(tables):
    batch = tables.check("accounts", "Name | Territory", "Zed | East 1", "Why | Nowhere")
    assert [one[:2] for one in wrong(batch)] == [(3, "Territory")]
    with everything():
        from accounts.models import Account

        assert not Account.objects.filter(name="Zed").exists()
        assert Batch.objects.get().state == "checked"


def test_exact_sums_by_currency_and_by_quarter(tables):
    head = "Name | Account | Owner | Stage | Amount | Currency | Close date"
    deals = [
        f"Deal {n} | Acorn | Rita Rep | Proposal | 0.10 | {'EUR' if n % 2 else ''} | 2026-06-30"
        for n in range(5)
    ]
    assert tables.bring("opportunities", head, *deals).sums == {
        "USD": {"currency": "USD", "minor": 30, "count": 3},
        "EUR": {"currency": "EUR", "minor": 20, "count": 2},
    }
    quotas = tables.bring(
        "quotas", "Person | Territory | 2026-Q3 | 2026-Q4", "Rita Rep |  | 100.01 | ", " | WEST-1 | 0.02 | 7"
    )
    assert quotas.sums["2026-Q3"] == {"currency": "USD", "minor": 10003, "count": 2}
    assert quotas.sums["2026-Q4"] == {"currency": "USD", "minor": 700, "count": 1}


def test_workbooks_numbers_days_and_what_can_not_be_read(tables):
    head = ["Name", "Account", "Owner", "Stage", "Amount", "Close date"]
    book = workbook(head, ["D", "Acorn", "Rita Rep", "Proposal", 0.1 + 0.2, datetime(2026, 6, 30)])  # noqa: DTZ001
    assert tables.check("opportunities", content=book).sums["USD"]["minor"] == 30
    book = workbook(
        head,
        ["D", "Acorn", "Rita Rep", "Proposal", 1, date(2026, 6, 30)],
        [],
        ["E", "Acorn", None, "Won", "1,5", "soon"],
    )
    batch = tables.check("opportunities", content=book)
    assert [(one["cell"], one["problem"]) for one in batch.rejects] == [
        ("C4", "It is empty."),
        ("E4", "It can't be read as a number."),
        ("F4", "It can't be read as a day."),
        ("D4", "Deals in this stage are not open."),
    ]
    for content, said in (
        (b"\xd0\xcf\x11\xe0" + bytes(600), "It is an old XLS file, or protected by a password."),
        (b"PK\x03\x04" + bytes(100), "The XLSX file is damaged."),
        (b"not a zip", "It is not an XLSX file, whatever its name says."),
    ):
        assert wrong(tables.check("people", content=content))[0][2].startswith(said)
    assert wrong(tables.check("people", content=b"Name\xff", way="csv"))[0][2].startswith(
        "The file is not UTF-8"
    )
