"""One owner and one lead a day; what begins tomorrow reaches tomorrow and not today."""

import threading
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connections

from common.errors import Forbidden, Refused, Stale
from common.selectors import today
from common.transaction import work
from territories import services
from territories.models import Seat
from territories.selectors import owner_of, reach_for, seat_finder
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
