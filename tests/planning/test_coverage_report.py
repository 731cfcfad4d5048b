"""The coverage report: what nobody holds, what two hold, and which accounts that leaves alone."""

from datetime import date
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Account, AccountTerritory
from common.calendars import Span
from common.transaction import reach
from planning.selectors import coverage
from territories.models import Edge, Seat, Territory
from territories.services import (
    create_territory,
    end_seat,
    move_territory,
    plan_vacancy,
    rename_territory,
    seat_person,
)
from tests.accounts.places import assign_account
from tests.cast import Cast

URL, FILE = reverse("coverage_report"), reverse("coverage_csv")
MAY, JUNE, JULY = date(2026, 5, 20), date(2026, 6, 1), date(2026, 7, 1)
WINDOW = Span(MAY, date(2026, 8, 18))


def end(cast: Cast, person: Any, on: date) -> None:
    seat = Seat.objects.current().get(user=person, stops_on=None)
    end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=on)


def seat(cast: Cast, person: Any, territory: str, kind: str, start: date, **more: Any) -> None:
    place = cast.territories[territory].pk
    facts = {"user_id": person.pk, "territory_id": place, "kind": kind, "starts_on": start}
    seat_person(by=cast.admin.pk, **facts, **more)


def lines(cast: Cast, acting: Any, person: Any, view: str, window: Span = WINDOW) -> list[list[Any]]:
    with acting(person):
        sheet = coverage.sheets_of(reach(), window, None, None)[view]
        return [list(line.cells) for line in sheet.all_lines()]


def test_seats_with_nobody_with_their_plan_and_cover(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        end(cast, cast.rep, JUNE)
        seat(cast, cast.peer, "East 1", "cover", JUNE, stops_on=JULY)
        plan_vacancy(
            by=cast.admin.pk,
            territory_id=cast.territories["East 1"].pk,
            kind="owner",
            starts_on=JUNE,
            planned_on=JULY,
        )
        end(cast, cast.other_manager, JULY)
    company = ["Company", "no lead", MAY, date(2026, 8, 17), "", ""]
    east = ["East 1", "no owner", JUNE, date(2026, 8, 17), "starts on Jul 1, 2026", "Paul Peer"]
    west = ["West Team", "no lead", JULY, date(2026, 8, 17), "", ""]
    for person in (cast.admin, cast.coordinator, cast.executive):
        assert lines(cast, acting, person, "seats") == [company, east, west]
    assert lines(cast, acting, cast.director, "seats") == [east]
    assert lines(cast, acting, cast.other_director, "seats") == [west]


def test_a_plan_without_a_start_says_so(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        end(cast, cast.rep, JUNE)
        place = cast.territories["East 1"].pk
        plan_vacancy(by=cast.admin.pk, territory_id=place, kind="owner", starts_on=JUNE)
    assert [row[4] for row in lines(cast, acting, cast.director, "seats")] == ["no start planned"]


def test_a_place_counts_while_it_is_in_the_tree(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        Edge.objects.current().get(child=cast.territories["West 1"]).replaced(stops_on=JULY)
        end(cast, cast.other_rep, JUNE)
        later = Territory.objects.create(name="East 3", code="EAST-3")
        Edge.objects.create(child=later, parent=cast.territories["East"], starts_on=JULY)
        second = Territory.objects.create(name="East 4", code="EAST-4")
        Edge.objects.create(child=second, parent=cast.territories["East"], starts_on=date(2026, 8, 1))
    found = lines(cast, acting, cast.admin, "seats")
    assert [row[:4] for row in found if row[0] != "Company"] == [
        ["West 1", "no owner", JUNE, date(2026, 6, 30)],
        ["East 3", "no owner", JULY, date(2026, 8, 17)],
        ["East 4", "no owner", date(2026, 8, 1), date(2026, 8, 17)],
    ]


def test_what_joins_later_stands_as_on_its_first_day(cast: Cast, acting: Any) -> None:
    """By its name of then, as a parent where something lay below it; by as many queries as one that joins."""
    below = cast.territories["East Team"].pk

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            coverage.vacancies(reach(), WINDOW)
        return len(asked)

    with acting(cast.admin):
        made = create_territory(by=cast.admin.pk, name="North", code="N", parent_id=below, starts_on=JUNE)
        few = queries()
        for day in range(2, 10):
            create_territory(
                by=cast.admin.pk,
                name=f"N{day}",
                code=f"N{day}",
                parent_id=made.pk,
                starts_on=date(2026, 6, day),
            )
        first = create_territory(by=cast.admin.pk, name="N1", code="N1", parent_id=made.pk, starts_on=JUNE)
        rename_territory(by=cast.admin.pk, territory_id=first.pk, name="First", starts_on=date(2026, 6, 5))
        many = queries()
        gaps = coverage.vacancies(reach(), WINDOW)
    told = [(gap.territory.name, gap.kind, gap.span.start) for gap in gaps if gap.span.start >= JUNE]
    assert many == few
    assert told[:3] == [("N1", "owner", JUNE), ("North", "lead", JUNE), ("N2", "owner", date(2026, 6, 2))]
    assert len(told) == 10


def test_a_move_does_not_cut_a_gap(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        end(cast, cast.rep, JUNE)
        west = cast.territories["West Team"].pk
        move_territory(by=cast.admin.pk, territory_id=cast.territories["East 1"].pk, parent_id=west, on=JULY)
    found = lines(cast, acting, cast.director, "seats")
    assert [row[:4] for row in found] == [["East 1", "no owner", JUNE, date(2026, 8, 17)]]


def test_accounts_of_nobody_by_country_and_segment(cast: Cast, acting: Any, browse: Any) -> None:
    with acting(cast.admin):
        nobody = cast.territories["Unassigned"]
        for name in ("Acorn", "Beech"):
            assign_account(
                by=cast.admin.pk, account_id=cast.accounts[name].pk, territory_id=nobody.pk, starts_on=MAY
            )
        tree = Account.objects.create(name="Dogwood", number="A-4", territory=nobody, segment="Large")
        AccountTerritory.objects.create(account=tree, territory=nobody, starts_on=MAY)
    page = browse(cast.admin).get(URL, {"view": "unassigned"})
    kinds = [(kind.country, kind.segment, kind.count) for kind in page.context["sheet"].kinds]
    assert kinds == [("US", "", 2), ("", "Large", 1)]
    assert page.context["counts"]["unassigned"] == sum(count for *_kind, count in kinds) == 3
    assert "country=US&amp;segment=-" in page.content.decode()

    def names(**query: str) -> list[str]:
        shown = browse(cast.admin).get(URL, {"view": "unassigned", **query}).context["lines"]
        return [cells[0][1] for _url, cells in shown]

    assert names(country="US", segment="-") == ["Acorn", "Beech"]
    assert names(country="-") == ["Dogwood"]
    assert names(on="2026-05-19", to="2026-05-19") == []
    assert names(on="2026-05-21") == ["Acorn", "Beech", "Dogwood"]
    assert lines(cast, acting, cast.director, "unassigned") == []


def test_accounts_in_places_with_nobody_on_their_days(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        end(cast, cast.rep, JUNE)
        end(cast, cast.other_rep, MAY)
        row = AccountTerritory.objects.current().get(account=cast.accounts["Cedar"])
        row.replaced(stops_on=JULY)
        seat(cast, cast.peer, "East 1", "owner", date(2026, 8, 1))
    acorn = ["Acorn", "A-1", "East 1", JUNE, date(2026, 7, 31), ""]
    cedar = ["Cedar", "A-3", "West 1", MAY, date(2026, 6, 30), ""]
    assert lines(cast, acting, cast.admin, "unowned") == [acorn, cedar]
    assert lines(cast, acting, cast.director, "unowned") == [acorn]
    day = Span(MAY, date(2026, 5, 21))
    assert lines(cast, acting, cast.admin, "unowned", day) == [["Cedar", "A-3", "West 1", MAY, MAY, ""]]


def test_people_with_too_much(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        end(cast, cast.peer, JUNE)
        seat(cast, cast.rep, "East 2", "owner", JUNE)
        seat(cast, cast.other_manager, "West 1", "overlay", JUNE, stops_on=JULY, share=50_000_000)
    both = ["Rita Rep", "owns both", "East 1, East 2", JUNE, date(2026, 8, 17)]
    twice = ["Rita Rep", "200%", "East 1, East 2", JUNE, date(2026, 8, 17)]
    olga = ["Olga Other", "150%", "West Team, West 1", JUNE, date(2026, 6, 30)]
    assert lines(cast, acting, cast.admin, "people") == [both, olga, twice]
    assert lines(cast, acting, cast.director, "people") == [both, twice]


def test_the_file_is_what_is_shown(cast: Cast, acting: Any, browse: Any) -> None:
    with acting(cast.admin):
        end(cast, cast.rep, JUNE)
        row = cast.territories["East 1"]
        Territory.objects.change(row.pk, row.version, name="=East")
    answer = browse(cast.director).get(FILE, {"to": "2026-06-30"})
    assert answer["Content-Disposition"] == 'attachment; filename="coverage-seats-2026-05-20.csv"'
    assert answer.content.decode("utf-8-sig").split("\r\n") == [
        "Territory,What is missing,From,To,Planned,Covered by",
        "'=East,no owner,2026-06-01,2026-06-30,,",
        "",
    ]


def test_a_long_list_is_cut_and_the_file_has_it_all(cast: Cast, acting: Any, browse: Any) -> None:
    with acting(cast.admin):
        for number in range(201):
            place = Territory.objects.create(name=f"T {number:03}", code=f"T-{number}")
            Edge.objects.create(child=place, parent=cast.territories["East Team"], starts_on=MAY)
    client = browse(cast.director)
    page = client.get(URL)
    assert (len(page.context["lines"]), page.context["more"]) == (200, 1)
    assert "1 more line is in the file that Export gives." in page.content.decode()
    assert client.get(FILE).content.decode().count("\r\n") == 202


def test_days_that_make_no_sense_are_refused(cast: Cast, browse: Any) -> None:
    client = browse(cast.admin)
    assert client.get(URL, {"on": "2026-06-01", "to": "2026-05-31"}).status_code == 400
    assert client.get(URL, {"view": "colours"}).status_code == 400
    assert browse(cast.rep).get(URL).status_code == 403
    assert (
        "Nothing: on these days all is in order here." in client.get(URL, {"view": "people"}).content.decode()
    )
