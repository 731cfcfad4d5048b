"""Order intake from before the start, brought in from a file: by person or by territory, once, and exactly."""

import pytest

from orders.models import Credit, DirtyCell
from orders.rollup import verify_ledger
from tests.imports import company
from tests.imports.company import counts, everything

OPENING = """
[[table]]
entity = "opening"
file = "openings.csv"
[table.fields]
person = "seller"
territory = "where"
on = "day"
family = "family"
amount = "value"
currency = "money"
motion = { column = "kind", default = "renewal" }
is_new_business = "fresh"
"""
LINES = [
    'Ann,,30.04.2025,Tools,"250,00",EUR,,yes',
    ",S1,31.05.2025,TOOLS,100,USD,new,no",
    'Bob,S1,31.05.2025,Tools,"-0,5",EUR,,no',
]
HEAD = "seller,where,day,family,value,money,kind,fresh"


@pytest.fixture
def bring_openings(bring, monkeypatch):
    """The small company with a file of opening entries; returns what was printed, and what was refused."""
    monkeypatch.setattr(company, "PROFILE", company.PROFILE + OPENING)

    def run(*lines):
        monkeypatch.setitem(company.FILES, "openings.csv", "\n".join([HEAD, *lines]) + "\n")
        return bring()

    return run


def entries():
    with everything():
        rows = Credit.objects.filter(kind="opening").select_related("person", "seat", "territory")
        return [
            (
                row.person.name,
                row.seat.code,
                row.territory.code,
                row.booked_on.isoformat(),
                row.amount_minor,
                row.plan_minor,
                row.motion,
                row.is_new_business,
                row.source,
            )
            for row in rows.order_by("ledger_seq")
        ]


def test_each_line_is_one_entry_of_a_person_or_of_the_owner_of_a_territory(bring_openings):
    out, err = bring_openings(*LINES)
    assert err == ""
    assert counts(out)["opening"] == [3, 0, 0, 0, 0, 0]
    assert entries() == [
        ("Ann", "N1", "N1", "2025-04-30", 250_00, 250_00, "renewal", True, "openings.csv row 2"),
        ("Cem", "S1", "S1", "2025-05-31", 100_00, 90_00, "new", False, "openings.csv row 3"),
        ("Bob", "N2", "S1", "2025-05-31", -50, -50, "renewal", False, "openings.csv row 4"),
    ]
    with everything():
        assert verify_ledger().is_sound
        assert DirtyCell.objects.filter(person__name="Cem", month_on="2025-05-01").exists()


def test_what_is_in_the_books_already_is_not_posted_again(bring_openings):
    bring_openings(*LINES)
    more = 'Bob,,30.06.2025,Tools,"7,00",EUR,,no'
    out, err = bring_openings(*LINES, more)
    assert (counts(out)["opening"], err) == ([1, 0, 3, 0, 0, 0], "")
    out, err = bring_openings(LINES[0].replace("250,00", "260,00"), *LINES[1:], more)
    assert counts(out)["opening"] == [0, 0, 3, 1, 0, 0]
    assert (
        "openings.csv, row 2, value '26000': It is in the books with another amount. "
        "Enter the difference as an opening entry." in err
    )
    assert [row[4] for row in entries()] == [250_00, 100_00, -50, 7_00]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (",,30.04.2025,Tools,1,EUR,,no", "Nobody is named. Name the person whose intake it was."),
        (",NORTH,30.04.2025,Tools,1,EUR,,no", "where 'NORTH': Nobody owned it on that day. Name the person"),
        ("Ann,,30.04.2025,Tools,0,EUR,,no", "row 5, value '': An opening entry is not zero"),
        ("Ann,,01.09.2025,Tools,1,EUR,,no", "row 5, day '2025-09-01': A booking date lies today or earlier"),
        ("Ann,,30.04.2025,Tools,1,CHF,,no", "row 5, money 'CHF': CHF is not used here."),
        ("Ann,,30.04.2025,Toys,1,EUR,,no", "family 'Toys': There is no such product family."),
        ("Ann,,30.04.2025,Tools,1,EUR,gift,no", "The word is not known here. Map it to one of: new"),
        ('Ann,,30.04.2025,Tools,"100.000.000.000",EUR,,no', "One entry is worth less than"),
    ],
)
def test_a_wrong_line_is_refused_with_what_would_be_right(bring_openings, line, message):
    out, err = bring_openings(*LINES, line)
    assert message in err
    assert counts(out)["opening"] == [3, 0, 0, 1, 0, 0]
    assert len(entries()) == 3
