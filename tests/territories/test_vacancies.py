"""A vacancy is found; what is declared is its plan: from when the seat is open, when somebody comes, and how."""

from datetime import date
from typing import Any

import pytest

from common.calendars import Span
from common.errors import Forbidden, Refused, Stale
from common.selectors import today
from territories import services
from territories.models import Seat, Vacancy
from territories.selectors import gaps_within, plans_of_territory, tree_on
from tests.cast import Cast

JUNE, JULY, AUGUST, JANUARY = date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1), date(2027, 1, 4)


@pytest.fixture
def vacant(cast: Cast, acting: Any) -> Cast:
    """The cast, with nobody on East 1 from 1 June on."""
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=cast.rep)
        services.end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=JUNE)
    return cast


def plan(cast: Cast, **changes: Any) -> Vacancy:
    values = {
        "territory_id": cast.territories["East 1"].pk,
        "kind": "owner",
        "starts_on": JUNE,
        "planned_on": JANUARY,
        "ramp": "0, 25, 50, 75, 100",
        "reason": " new budget ",
        **changes,
    }
    return services.plan_vacancy(by=cast.admin.pk, **values)


def sit(cast: Cast, **changes: Any) -> Seat:
    facts = {"user_id": cast.peer.pk, "territory_id": cast.territories["East 1"].pk, "kind": "owner"}
    return services.seat_person(by=cast.admin.pk, **{**facts, "starts_on": JULY, **changes})


def standing(cast: Cast) -> list[tuple[date, date | None]]:
    rows = plans_of_territory(cast.territories["East 1"].pk, date(2026, 1, 1))
    return [(row.starts_on, row.stops_on) for row in rows]


def test_a_gap_says_what_is_planned(vacant: Cast, acting: Any) -> None:
    with acting(vacant.admin):
        row = plan(vacant)
        assert (row.ramp, row.reason) == ("0 25 50 75 100", "new budget")
        gaps = gaps_within(tree_on(today()), Span(today(), AUGUST))
        found = {gap.territory.name: (gap.kind, gap.span, gap.plan) for gap in gaps}
        assert found["East 1"] == ("owner", Span(JUNE, AUGUST), row)
        assert found["Company"] == ("lead", Span(today(), AUGUST), None)


def test_a_plan_for_another_seat_or_other_days_is_not_that_gaps(vacant: Cast, acting: Any) -> None:
    with acting(vacant.admin):
        plan(vacant, starts_on=AUGUST)
        gaps = gaps_within(tree_on(today()), Span(today(), JULY))
        assert [gap.plan for gap in gaps if gap.territory.name == "East 1"] == [None]


@pytest.mark.parametrize(
    ("day", "left"),
    [(JULY, [(JUNE, JULY)]), (JUNE, []), (date(2026, 5, 25), [])],
)
def test_once_somebody_sits_there_the_plan_ends(
    vacant: Cast, acting: Any, day: date, left: list[Any]
) -> None:
    with acting(vacant.admin):
        plan(vacant)
        if day < JUNE:
            seat = Seat.objects.current().get(user=vacant.rep, kind="owner")
            services.end_seat(by=vacant.admin.pk, seat_id=seat.pk, stops_on=day)
        sit(vacant, starts_on=day)
        assert standing(vacant) == left


def test_who_helps_or_covers_fills_no_seat(vacant: Cast, acting: Any) -> None:
    with acting(vacant.admin):
        plan(vacant)
        sit(vacant, kind="cover", stops_on=AUGUST)
        sit(vacant, kind="overlay")
        assert standing(vacant) == [(JUNE, JANUARY)]


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({"kind": "overlay"}, "kind", "Owners and leads are planned"),
        ({"kind": "cover"}, "kind", "Owners and leads are planned"),
        ({"planned_on": JUNE}, "planned_on", "Choose a later day, or leave it empty"),
        ({"planned_on": date(2026, 5, 1)}, "planned_on", "Choose a later day"),
        ({"ramp": "100 50"}, "ramp", "never falls"),
        ({"territory_id": 0}, "territory_id", "Choose a territory of the tree"),
        (
            {"starts_on": date(2026, 5, 21)},
            "starts_on",
            "Rita Rep as owner, Jan 1, 2025 until Jun 1, 2026. Choose days on which the seat is empty",
        ),
    ],
)
def test_what_is_no_plan_is_refused_at_its_field(
    vacant: Cast, acting: Any, changes: dict[str, Any], path: str, said: str
) -> None:
    with acting(vacant.admin), pytest.raises(Refused, match=said) as refusal:
        plan(vacant, **changes)
    assert refusal.value.path == path


def test_nobody_is_planned_on_unassigned(vacant: Cast, acting: Any) -> None:
    with acting(vacant.admin), pytest.raises(Refused, match="nobody sits there"):
        plan(vacant, territory_id=vacant.territories["Unassigned"].pk)


def test_one_plan_a_seat_and_day(vacant: Cast, acting: Any) -> None:
    with acting(vacant.admin):
        plan(vacant)
        with pytest.raises(Refused, match="Change that plan") as refusal:
            plan(vacant, starts_on=JULY)
        assert refusal.value.path == "starts_on"
        with pytest.raises(Refused, match="Mona Manager as lead"):
            plan(vacant, territory_id=vacant.territories["East Team"].pk, kind="lead")
        plan(vacant, territory_id=vacant.territories["Company"].pk, kind="lead")


def test_a_plan_ends_where_somebody_begins(vacant: Cast, acting: Any) -> None:
    """Paul is to sit there from 1 July on: planned from 1 June until August is refused, until July is not."""
    with acting(vacant.admin):
        sit(vacant)
        for planned_on in (AUGUST, None):
            with pytest.raises(Refused, match="as owner, from Jul 1, 2026 on") as refusal:
                plan(vacant, planned_on=planned_on)
            assert refusal.value.code == "seat_taken"
        assert plan(vacant, planned_on=JULY).stops_on == JULY


def test_a_plan_is_changed_and_keeps_what_it_was(vacant: Cast, acting: Any) -> None:
    with acting(vacant.admin):
        before = plan(vacant)
        changed = {"by": vacant.admin.pk, "vacancy_id": before.pk, "starts_on": JULY, "planned_on": None}
        after = services.change_vacancy(**changed, ramp="50 100")
        assert standing(vacant) == [(JULY, None)]
        assert (after.ramp, after.reason, after.kind) == ("50 100", "", "owner")
        with pytest.raises(Stale):
            services.change_vacancy(**changed)
        with pytest.raises(Refused, match="Choose a later day"):
            services.change_vacancy(**{**changed, "vacancy_id": after.pk, "planned_on": JUNE})


def test_a_plan_is_taken_back_once(vacant: Cast, acting: Any) -> None:
    with acting(vacant.admin):
        row = plan(vacant)
        services.drop_vacancy(by=vacant.admin.pk, vacancy_id=row.pk, reason="no budget")
        assert standing(vacant) == []
        row.refresh_from_db()
        assert row.superseded_why == "no budget"
        with pytest.raises(Stale):
            services.drop_vacancy(by=vacant.admin.pk, vacancy_id=row.pk)


def test_only_administrators_plan(vacant: Cast, acting: Any) -> None:
    with acting(vacant.admin):
        row = plan(vacant)
    for person in (vacant.rep, vacant.manager, vacant.director, vacant.coordinator, vacant.executive):
        with acting(person):
            facts = {"by": person.pk, "starts_on": JULY}
            with pytest.raises(Forbidden):
                services.plan_vacancy(territory_id=vacant.territories["East 1"].pk, kind="owner", **facts)
            with pytest.raises(Forbidden):
                services.change_vacancy(vacancy_id=row.pk, **facts)
            with pytest.raises(Forbidden):
                services.drop_vacancy(by=person.pk, vacancy_id=row.pk)
