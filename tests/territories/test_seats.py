"""One owner and one lead a day; what begins tomorrow reaches tomorrow and not today."""

import threading
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connections

from common.calendars import Span
from common.errors import Conflict, Forbidden, Refused, Stale
from common.models import Period
from common.selectors import today
from common.transaction import work
from territories import services
from territories.models import Seat
from territories.selectors import (
    gaps_within,
    overloaded_within,
    owner_of,
    reach_for,
    seat_finder,
    tree_on,
)
from tests.cast import Cast

TOMORROW = date(2026, 5, 21)


def seat(cast: Cast, **changes: Any) -> Seat:
    values = {
        "by": cast.admin.pk,
        "user_id": cast.peer.pk,
        "territory_id": cast.territories["East 1"].pk,
        "kind": "owner",
        "starts_on": TOMORROW,
    }
    return services.seat_person(**{**values, **changes})


def rita_on_east_1(cast: Cast) -> Seat:
    seat: Seat = Seat.objects.current().get(user=cast.rep, kind="owner")
    return seat


def test_a_second_owner_is_refused_and_the_first_is_named(cast: Cast, acting: Any) -> None:
    with acting(cast.admin), pytest.raises(Refused) as refusal:
        seat(cast)
    assert str(refusal.value.message) == (
        "This territory already has an owner on one of these days. End that seat first."
        " Rita Rep as owner, from Jan 1, 2025 on."
    )
    assert (refusal.value.code, refusal.value.path) == ("seat_one_owner", "starts_on")


def test_the_refusal_says_until_when_the_first_holds_it(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        services.end_seat(by=cast.admin.pk, seat_id=rita_on_east_1(cast).pk, stops_on=date(2026, 7, 1))
        with pytest.raises(Refused) as refusal:
            seat(cast)
    assert "Rita Rep as owner, Jan 1, 2025 until Jul 1, 2026." in str(refusal.value.message)


def test_owners_may_follow_each_other_on_the_same_day(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        services.end_seat(by=cast.admin.pk, seat_id=rita_on_east_1(cast).pk, stops_on=TOMORROW)
        seat(cast)
        east_1 = cast.territories["East 1"].pk
        assert [owner_of(east_1, day) for day in (today(), TOMORROW)] == [cast.rep, cast.peer]


def test_overlays_may_overlap_but_not_for_one_person(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        seat(cast, kind="overlay")
        seat(cast, kind="overlay", user_id=cast.other_rep.pk)
        with pytest.raises(Refused, match="already has that seat"):
            seat(cast, kind="overlay")


def test_a_seat_from_tomorrow_changes_tomorrow_and_not_today(cast: Cast, acting: Any, clock: Any) -> None:
    with acting(cast.admin):
        services.end_seat(by=cast.admin.pk, seat_id=rita_on_east_1(cast).pk, stops_on=TOMORROW)
        seat(cast)
    east_1 = cast.territories["East 1"].pk
    with work(by=None, why="reach"):
        assert east_1 in reach_for(cast.rep, today()).nodes
        assert east_1 not in reach_for(cast.peer, today()).nodes
    clock.move_to(datetime(2026, 5, 21, 9, tzinfo=UTC))
    with work(by=None, why="reach"):
        assert east_1 not in reach_for(cast.rep, today()).nodes
        assert east_1 in reach_for(cast.peer, today()).nodes
        assert seat_finder([cast.rep.pk])(cast.rep.pk, today()) == cast.territories["Unassigned"].pk


def test_ending_a_seat_keeps_the_version_that_stood(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        before = rita_on_east_1(cast)
        ended = services.end_seat(by=cast.admin.pk, seat_id=before.pk, stops_on=TOMORROW, reason="moved on")
        before.refresh_from_db()
        assert before.superseded_at is not None
        assert before.stops_on is None
        assert ended is not None
        assert (ended.stops_on, ended.reason, ended.recorded_by) == (TOMORROW, "moved on", cast.admin)


def test_a_seat_that_was_replaced_meanwhile_is_stale(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        pk = rita_on_east_1(cast).pk
        services.end_seat(by=cast.admin.pk, seat_id=pk, stops_on=TOMORROW)
        with pytest.raises(Stale):
            services.end_seat(by=cast.admin.pk, seat_id=pk, stops_on=date(2026, 8, 1))


def test_a_seat_can_not_end_before_it_began(cast: Cast, acting: Any) -> None:
    with acting(cast.admin), pytest.raises(Refused, match="The end must come after the start"):
        services.end_seat(by=cast.admin.pk, seat_id=rita_on_east_1(cast).pk, stops_on=date(2024, 12, 1))


def test_a_seat_that_has_not_begun_is_taken_back(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        planned = seat(cast, territory_id=cast.territories["West"].pk)
        ended = services.end_seat(
            by=cast.admin.pk, seat_id=planned.pk, stops_on=TOMORROW, reason=" wrong person "
        )
        assert ended is None
        planned.refresh_from_db()
        assert (planned.superseded_by_id, planned.superseded_why) == (cast.admin.pk, "wrong person")
        assert not Seat.objects.current().filter(territory=cast.territories["West"], kind="owner").exists()


@pytest.mark.parametrize(
    ("changes", "path"),
    [({"user_id": 0}, "user_id"), ({"territory_id": 0}, "territory_id"), ({"kind": "boss"}, "kind")],
)
def test_what_is_unknown_is_refused_at_its_field(
    cast: Cast, acting: Any, changes: dict[str, Any], path: str
) -> None:
    with acting(cast.admin), pytest.raises(Refused) as refusal:
        seat(cast, **changes)
    assert refusal.value.path == path


def test_nobody_sits_on_a_territory_before_it_is_part_of_the_tree(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        east, june = cast.territories["East"].pk, date(2026, 6, 1)
        later = services.create_territory(
            by=cast.admin.pk, name="East 3", code="EAST-3", parent_id=east, starts_on=june
        )
        with pytest.raises(Refused, match="East 3 is not part of the tree on May 21, 2026"):
            seat(cast, territory_id=later.pk)
        assert seat(cast, territory_id=later.pk, starts_on=june).starts_on == june


def test_nobody_sits_on_unassigned(cast: Cast, acting: Any) -> None:
    with acting(cast.admin), pytest.raises(Refused, match="nobody sits there"):
        seat(cast, territory_id=cast.territories["Unassigned"].pk)


def test_only_administrators_seat_people(cast: Cast, acting: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        with acting(person):
            with pytest.raises(Forbidden):
                seat(cast, by=person.pk)
            with pytest.raises(Forbidden):
                services.end_seat(by=person.pk, seat_id=rita_on_east_1(cast).pk, stops_on=TOMORROW)


def test_of_two_administrators_at_once_one_is_told_of_the_other(cast: Cast, acting: Any) -> None:
    west = cast.territories["West"].pk
    answers: list[str] = []
    start = threading.Barrier(2)

    def sit(person: Any) -> None:
        try:
            with acting(cast.admin):
                start.wait(5)
                seat(cast, user_id=person.pk, territory_id=west)
                answers.append("seated")
        except Refused as refusal:
            answers.append(str(refusal.message))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=sit, args=(person,)) for person in (cast.rep, cast.peer)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(answers)[1] == "seated"
    assert len(answers) == 2
    assert "End that seat first. " in sorted(answers)[0]
    assert " as owner, from May 21, 2026 on." in sorted(answers)[0]


JULY = date(2026, 7, 1)
COVER: dict[str, Any] = {"kind": "cover", "stops_on": JULY}


def test_a_cover_reaches_what_an_owner_does_and_is_nobodys_team(cast: Cast, acting: Any) -> None:
    """Olga leads West Team; covering East Team she reaches that node, and nothing below it."""
    east_team, east_1 = cast.territories["East Team"].pk, cast.territories["East 1"].pk
    with acting(cast.admin):
        seat(cast, user_id=cast.other_manager.pk, territory_id=east_team, starts_on=today(), **COVER)
        seat(cast, user_id=cast.other_rep.pk, territory_id=east_1, starts_on=today(), **COVER)
    with work(by=None, why="reach"):
        covers, manager = reach_for(cast.other_manager, today()), reach_for(cast.manager, today())
        assert east_team in covers.nodes
        assert covers.territories == {cast.territories[name].pk for name in ("West Team", "West 1")}
        assert covers.people == {cast.other_rep.pk}
        assert manager.people == {cast.rep.pk, cast.peer.pk}
        assert east_1 in reach_for(cast.other_rep, today()).nodes
        assert east_1 not in reach_for(cast.other_rep, JULY).nodes


def test_who_covers_counts_where_they_sit_themselves(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        seat(cast, user_id=cast.other_rep.pk, starts_on=today(), **COVER)
        seat(cast, user_id=cast.admin.pk, starts_on=today(), **COVER)
        seat(cast, user_id=cast.coordinator.pk, starts_on=today(), **COVER)
        east = cast.territories["East"].pk
        seat(cast, user_id=cast.coordinator.pk, territory_id=east, kind="overlay", starts_on=today())
        place = seat_finder([cast.other_rep.pk, cast.admin.pk, cast.coordinator.pk])
        assert place(cast.other_rep.pk, today()) == cast.territories["West 1"].pk
        assert place(cast.admin.pk, today()) == cast.territories["East 1"].pk
        assert place(cast.coordinator.pk, today()) == east


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({"kind": "cover"}, "stops_on", "A temporary cover has an end. Say from which day on it is over."),
        ({**COVER, "ramp": "0 50 100"}, "ramp", "Leave it empty"),
        ({"kind": "overlay", "share": 0}, "share", "more than 0 and at most 100"),
        ({"kind": "overlay", "share": 120_000_000}, "share", "more than 0 and at most 100"),
        ({"kind": "overlay", "ramp": "50 25 100"}, "ramp", "A ramp never falls"),
        ({"kind": "overlay", "ramp": " ".join(["0"] * 24 + ["100"])}, "ramp", "at most 24 months"),
        ({"kind": "overlay", "stops_on": TOMORROW}, "stops_on", "Choose a later day"),
        ({"kind": "overlay", "stops_on": date(2026, 5, 1)}, "stops_on", "Choose a later day"),
    ],
)
def test_what_is_no_seat_is_refused_at_its_field(
    cast: Cast, acting: Any, changes: dict[str, Any], path: str, said: str
) -> None:
    with acting(cast.admin), pytest.raises(Refused, match=said) as refusal:
        seat(cast, **changes)
    assert refusal.value.path == path


def test_share_and_ramp_stay_with_the_seat_when_its_end_changes(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        held = seat(cast, kind="overlay", share=33_333_333, ramp="0, 50, 100, 100")
        assert (held.share, held.ramp) == (33_333_333, "0 50 100")
        ended = services.end_seat(by=cast.admin.pk, seat_id=held.pk, stops_on=JULY)
        assert ended is not None
        assert (ended.share, ended.ramp, ended.stops_on) == (33_333_333, "0 50 100", JULY)


def test_another_share_is_another_seat_from_a_day_on(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        east_1, before = cast.territories["East 1"].pk, rita_on_east_1(cast)
        facts = {"by": cast.admin.pk, "territory_id": east_1, "kind": "owner", "starts_on": TOMORROW}
        services.change_seat(seat_id=before.pk, share=60_000_000, **facts)
        rows = Seat.objects.current().filter(user=cast.rep).order_by("starts_on")
        assert [(row.share, row.starts_on, row.stops_on) for row in rows] == [
            (100_000_000, date(2025, 1, 1), TOMORROW),
            (60_000_000, TOMORROW, None),
        ]
        with pytest.raises(Refused, match="They have that seat already"):
            services.change_seat(seat_id=rows[1].pk, share=60_000_000, **{**facts, "starts_on": JULY})


def test_a_seat_passes_to_another_person_for_good(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        before = rita_on_east_1(cast)
        facts = {"by": cast.admin.pk, "user_id": cast.other_rep.pk}
        with pytest.raises(Refused, match="This seat begins on Jan 1, 2025"):
            services.pass_seat(seat_id=before.pk, starts_on=date(2024, 12, 31), **facts)
        new = services.pass_seat(seat_id=before.pk, starts_on=TOMORROW, ramp="0 100", reason="moved", **facts)
        assert (new.kind, new.share, new.stops_on, new.ramp) == ("owner", 100_000_000, None, "0 100")
        assert Seat.objects.current().get(user=cast.rep).stops_on == TOMORROW
        with pytest.raises(Refused, match="This seat ends on May 21, 2026"):
            services.pass_seat(
                seat_id=Seat.objects.current().get(user=cast.rep).pk, starts_on=TOMORROW, **facts
            )


def test_a_seat_that_was_never_theirs_passes_whole(cast: Cast, acting: Any) -> None:
    """Entered for the wrong person from 1 April: who should have sat there does so from that day."""
    april = date(2026, 4, 1)
    with acting(cast.admin):
        wrong = seat(cast, kind="overlay", starts_on=april)
        services.pass_seat(
            by=cast.admin.pk,
            seat_id=wrong.pk,
            user_id=cast.other_rep.pk,
            starts_on=april,
            reason=" typed wrong ",
        )
        rows = Seat.objects.current().filter(kind="overlay")
        assert [(row.user, row.starts_on) for row in rows] == [(cast.other_rep, april)]
        wrong.refresh_from_db()
        assert wrong.superseded_why == "typed wrong"


def test_a_seat_does_not_pass_in_a_closed_period(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        Period.objects.filter(code="2026-Q1").update(is_closed=True)
        with pytest.raises(Conflict) as refusal:
            services.pass_seat(
                by=cast.admin.pk,
                seat_id=rita_on_east_1(cast).pk,
                user_id=cast.other_rep.pk,
                starts_on=date(2026, 3, 1),
            )
        assert (refusal.value.code, refusal.value.path) == ("period_closed", "starts_on")
        with pytest.raises(Conflict, match="Choose Apr 1, 2026 or a later day"):
            seat(cast, starts_on=date(2026, 3, 1), **COVER)


def test_more_than_100_percent_on_a_day_is_listed_and_not_refused(cast: Cast, acting: Any) -> None:
    window = Span(date(2026, 5, 20), date(2026, 8, 1))
    with acting(cast.admin):
        assert overloaded_within(window) == []
        seat(cast, kind="overlay", share=50_000_000, stops_on=JULY)
        seat(cast, user_id=cast.other_rep.pk, share=25_000_000, **COVER)
        west = cast.territories["West"].pk
        seat(cast, user_id=cast.admin.pk, territory_id=west, kind="overlay", share=60_000_000)
        seat(cast, user_id=cast.admin.pk, kind="overlay", share=40_000_000)
        listed = overloaded_within(window)
        assert [(one.person, one.share, one.span) for one in listed] == [
            (cast.other_rep, 125_000_000, Span(TOMORROW, JULY)),
            (cast.peer, 150_000_000, Span(TOMORROW, JULY)),
        ]
        assert {row.name for row in listed[1].territories} == {"East 1", "East 2"}
        assert overloaded_within(Span(JULY, date(2026, 8, 1))) == []


def test_a_gap_says_who_covers(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        services.end_seat(by=cast.admin.pk, seat_id=rita_on_east_1(cast).pk, stops_on=TOMORROW)
        seat(cast, user_id=cast.other_rep.pk, **COVER)
        window = Span(today(), date(2026, 8, 1))
        gaps = [one for one in gaps_within(tree_on(today()), window) if one.territory.name == "East 1"]
        assert [(gap.span, [row.user.name for row in gap.covers], gap.plan) for gap in gaps] == [
            (Span(TOMORROW, date(2026, 8, 1)), ["Oscar Other"], None)
        ]
