"""People, territories and seats from files: what differs is changed, what the tree or the books forbid is rejected."""

from datetime import date
from typing import Any

import pytest

from common.importing import Outcome, Row
from territories.models import Edge, RoleGrant, Seat, Territory
from territories.services import apply_import, rename_territory
from tests.cast import Cast
from tests.closing import close_period

JANUARY, JUNE = date(2026, 1, 1), date(2026, 6, 1)


def bring(cast: Cast, entity: str, *rows: dict[str, Any]) -> Outcome:
    lines = [Row(f"{entity}.csv", number, values) for number, values in enumerate(rows, 2)]
    return apply_import(by=cast.admin.pk, entity=entity, rows=lines)


def counts(outcome: Outcome) -> tuple[int, int, int, int]:
    return outcome.created, outcome.changed, outcome.unchanged, len(outcome.rejects)


def node(code: str, parent: str, starts_on: date, name: str = "") -> dict[str, Any]:
    return {"code": code, "name": name or code, "parent": parent, "starts_on": starts_on}


def test_a_person_with_another_name_is_changed(cast: Cast, acting: Any) -> None:
    ann = {"email": "Rep@example.com", "name": "Rita Rapp", "role": "rep", "starts_on": JANUARY}
    with acting(cast.admin):
        assert counts(bring(cast, "person", ann)) == (0, 1, 0, 0)
        cast.rep.refresh_from_db()
        assert (cast.rep.name, cast.rep.version) == ("Rita Rapp", 2)
        assert RoleGrant.objects.filter(user=cast.rep).count() == 1
        assert counts(bring(cast, "person", ann)) == (0, 0, 1, 0)


def test_a_territory_with_another_name_is_changed(cast: Cast, acting: Any) -> None:
    row = node("EAST-1", "EAST-TEAM", JANUARY, "East One")
    with acting(cast.admin):
        assert counts(bring(cast, "territory", row)) == (0, 1, 0, 0)
        renamed = Territory.objects.get(code="EAST-1")
        assert (renamed.name, renamed.version) == ("East One", 2)
        assert counts(bring(cast, "territory", row)) == (0, 0, 1, 0)


def test_a_territory_below_one_that_begins_later_is_rejected(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        outcome = bring(cast, "territory", node("CHILD", "NORTH", JANUARY), node("NORTH", "COMPANY", JUNE))
        assert counts(outcome) == (1, 0, 0, 1)
        reject = outcome.rejects[0]
        assert (reject.line, reject.column) == (2, "parent")
        assert reject.problem == "NORTH is not part of the tree on Jan 1, 2026."
        assert not Territory.objects.filter(code="CHILD").exists()
        assert counts(bring(cast, "territory", node("CHILD", "NORTH", JUNE))) == (1, 0, 0, 0)


COMPANY = {"code": "COMPANY", "name": "Company", "parent": None, "starts_on": JANUARY}


def kinds(*codes: str) -> list[str]:
    found = dict(Territory.objects.filter(code__in=codes).values_list("code", "kind"))
    return [found[code] for code in codes]


def test_types_are_as_the_file_says_else_by_the_places(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        outcome = bring(
            cast,
            "territory",
            {**node("ROOT", "", JUNE), "parent": None},
            node("ONE", "ROOT", JUNE),
            node("TWO", "One", JUNE),
            node("THREE", "TWO", JUNE),
            {**node("FOUR", "ROOT", JUNE), "kind": "overlay"},
            node("FIVE", "FOUR", JUNE),
            {**node("OFFICE", "", JUNE), "parent": None, "kind": "area"},
            {**node("WRONG", "ONE", JUNE), "kind": "company"},
            node("ONCE", "ROOT", JUNE, "One"),
        )
        assert kinds("ROOT", "ONE", "TWO", "THREE", "FOUR", "FIVE", "OFFICE") == [
            "company",
            "region",
            "area",
            "territory",
            "overlay",
            "overlay",
            "area",
        ]
        assert [(reject.line, reject.column) for reject in outcome.rejects] == [(9, "kind")]


def test_another_type_is_a_change_where_it_fits(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        assert counts(bring(cast, "territory", {**COMPANY, "kind": "company"})) == (0, 1, 0, 0)
        rows = [
            {**node("EAST-TEAM", "EAST", JANUARY, "East Team"), "kind": "area"},
            {**node("EAST", "COMPANY", JANUARY, "East"), "kind": "region"},
            {**node("WEST", "COMPANY", JANUARY, "West"), "kind": ""},
        ]
        outcome = bring(cast, "territory", *rows)
        assert counts(outcome) == (0, 1, 1, 1)
        assert [reject.column for reject in outcome.rejects] == ["kind"]  # East was none of a region yet
        assert counts(bring(cast, "territory", *rows[:2])) == (0, 1, 1, 0)
        assert kinds("EAST", "EAST-TEAM", "WEST") == ["region", "area", "territory"]


def test_a_name_that_holds_by_date_is_not_written_over(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        pk = cast.territories["East 1"].pk
        rename_territory(by=cast.admin.pk, territory_id=pk, name="Alpha", starts_on=JUNE)
        outcome = bring(cast, "territory", node("EAST-1", "EAST-TEAM", JANUARY, "East One"))
        assert [(reject.column, reject.problem) for reject in outcome.rejects] == [
            ("name", "It was renamed here, and bears several names by date.")
        ]


def test_nothing_is_brought_below_unassigned(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        outcome = bring(cast, "territory", node("CHILD", "UNASSIGNED", JUNE))
    assert [reject.problem for reject in outcome.rejects] == ["Nothing lies below Unassigned."]


@pytest.mark.parametrize("day", [JANUARY, date(2025, 6, 1)])
def test_what_would_change_a_closed_quarter_is_rejected_and_the_rest_comes_in(
    cast: Cast, acting: Any, day: date
) -> None:
    seat = {"person": "peer@example.com", "territory": "WEST-1", "kind": "overlay"}
    with acting(cast.admin):
        close_period(cast.q1.pk)
        tree = bring(cast, "territory", node("OLD", "EAST", day), node("NEW", "EAST", date(2026, 4, 1)))
        seats = bring(cast, "seat", {**seat, "starts_on": day}, {**seat, "starts_on": date(2026, 4, 1)})
        assert (counts(tree), counts(seats)) == ((1, 0, 0, 1), (1, 0, 0, 1))
        for outcome in (tree, seats):
            assert outcome.rejects[0].column == "starts_on"
            assert outcome.rejects[0].problem.startswith("This would change 2026-Q1, which is closed.")
        assert not Territory.objects.filter(code="OLD").exists()
        assert Edge.objects.get(child__code="NEW").starts_on == date(2026, 4, 1)
        assert Seat.objects.get(user=cast.peer, kind="overlay").starts_on == date(2026, 4, 1)


def test_what_a_closed_quarter_holds_already_is_unchanged(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        close_period(cast.q1.pk)
        tree = bring(cast, "territory", node("EAST-1", "EAST-TEAM", JANUARY, "East 1"))
        seat = {"person": "rep@example.com", "territory": "EAST-1", "kind": "owner", "starts_on": JANUARY}
        assert counts(tree) == counts(bring(cast, "seat", seat)) == (0, 0, 1, 0)


def test_seats_of_one_file_that_meet_are_rejected_as_if_brought_one_by_one(cast: Cast, acting: Any) -> None:
    def seat(
        person: str, starts_on: date, stops_on: date | None = None, place: str = "NORTH"
    ) -> dict[str, Any]:
        days = {"starts_on": starts_on, "stops_on": stops_on}
        return {"person": f"{person}@example.com", "territory": place, "kind": "owner", **days}

    taken = "This territory already has an owner on one of these days. End that seat first."
    with acting(cast.admin):
        bring(cast, "territory", node("NORTH", "COMPANY", JUNE))
        outcome = bring(
            cast,
            "seat",
            seat("rep", JANUARY),
            seat("rep", JUNE, date(2026, 7, 1)),
            seat("peer", JUNE),
            seat("peer", date(2026, 7, 1)),
            seat("peer", date(2026, 8, 1)),
            seat("rep", JUNE, JANUARY, "EAST"),
            seat("rep", JUNE, None, "UNASSIGNED"),
        )
        assert counts(outcome) == (2, 0, 1, 4)
        assert [(reject.line, reject.problem) for reject in outcome.rejects] == [
            (2, "NORTH is not part of the tree on Jan 1, 2026."),
            (4, f"{taken} Rita Rep as owner, Jun 1, 2026 until Jul 1, 2026."),
            (7, "The end must come after the start. Choose a later day."),
            (8, "Unassigned keeps what belongs to nobody; nobody sits there."),
        ]
        held = Seat.objects.current().filter(territory__code="NORTH").order_by("starts_on")
        assert [(row.user_id, row.starts_on) for row in held] == [
            (cast.rep.pk, JUNE),
            (cast.peer.pk, date(2026, 7, 1)),
        ]


def test_a_seat_beside_a_rejected_one_comes_in_once(cast: Cast, acting: Any) -> None:
    whose = {"territory": "NORTH", "kind": "owner"}
    rep, peer = ({"person": f"{name}@example.com", **whose} for name in ("rep", "peer"))
    with acting(cast.admin):
        bring(cast, "territory", node("NORTH", "COMPANY", JUNE))
        seats = (
            {**peer, "starts_on": JANUARY},
            {**rep, "starts_on": JUNE},
            {**rep, "starts_on": date(2026, 7, 1)},
        )
        outcome = bring(cast, "seat", *seats)
        assert counts(outcome) == (1, 0, 1, 1)
        assert [reject.line for reject in outcome.rejects] == [2]
        assert Seat.objects.get(territory__code="NORTH").user_id == cast.rep.pk


def test_parents_that_never_come_and_those_below_themselves(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        outcome = bring(
            cast,
            "territory",
            node("A", "B", JUNE),
            node("B", "A", JUNE),
            node("C", "Nowhere at all", JUNE),
            node("D", "C", JUNE),
            node("F", "The name of E", JUNE),
            node("E", "COMPANY", JUNE, "The name of E"),
            node("EAST-1", "WEST", JUNE),
            node("E", "COMPANY", JUNE, "The new name of E"),
        )
        assert counts(outcome) == (2, 1, 0, 5)
        assert sorted((reject.line, reject.problem) for reject in outcome.rejects) == [
            (2, "It lies below itself."),
            (3, "It lies below itself."),
            (4, "There is no such territory."),
            (5, "There is no such territory."),
            (8, "It lies elsewhere in the tree on that day."),
        ]
        assert Edge.objects.get(child__code="F").parent.name == "The new name of E"
