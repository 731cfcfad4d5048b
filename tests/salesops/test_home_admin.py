"""The administrator's home: seats that are vacant today, people on two, accounts of nobody, the calendar's end."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.urls import reverse

from accounts.services import create_account
from common.models import Run
from common.services import create_year
from territories.models import Seat
from territories.services import end_seat, seat_person
from tests.cast import Cast
from tests.conftest import Acting, Browser
from tests.salesops.conftest import HOME, plain, step

Browse = Callable[[Any], Browser]


def leave(cast: Cast, acting: Acting, person: Any, day: date) -> None:
    with acting(cast.admin):
        end_seat(by=cast.admin.pk, seat_id=Seat.objects.current().get(user=person).pk, stops_on=day)


def test_a_vacant_seat_stands_there_since_its_last_holder_left(
    cast: Cast, browse: Browse, acting: Acting
) -> None:
    leave(cast, acting, cast.other_rep, date(2026, 3, 1))
    leave(cast, acting, cast.peer, date(2026, 5, 21))
    answer = browse(cast.admin).get(HOME)
    text = plain(answer)
    # Paul still sits there today. Nobody ever led the company, which has been there since 2025.
    assert "Vacant seats today 2" in text
    assert "Vacant seats Company since Jan 1, 2025 West 1 since Mar 1, 2026" in text
    assert "East 2" not in text
    assert step(answer) == ("Territories have nobody on their seat today.", reverse("territory_tree"))


def test_a_lead_who_left_is_missed_on_the_node_above(cast: Cast, browse: Browse, acting: Acting) -> None:
    leave(cast, acting, cast.manager, date(2026, 4, 15))
    assert "East Team since Apr 15, 2026" in plain(browse(cast.admin).get(HOME))


def test_who_owns_two_territories_today_is_one_person(cast: Cast, browse: Browse, acting: Acting) -> None:
    leave(cast, acting, cast.peer, date(2026, 5, 1))
    leave(cast, acting, cast.other_rep, date(2026, 6, 1))
    with acting(cast.admin):
        for name, day in (("East 2", date(2026, 5, 1)), ("West 1", date(2026, 6, 1))):
            node = cast.territories[name].pk
            seat_person(by=cast.admin.pk, user_id=cast.rep.pk, territory_id=node, kind="owner", starts_on=day)
    text = plain(browse(cast.admin).get(HOME))
    assert "People on two owner seats 1" in text
    assert "Rita Rep East 1, East 2 since May 1, 2026" in text
    assert "West 1" not in text


def test_accounts_of_nobody_come_before_vacant_seats(cast: Cast, browse: Browse, acting: Acting) -> None:
    with acting(cast.admin):
        create_account(by=cast.admin.pk, name="Dogwood", town="Lyon")
    answer = browse(cast.admin).get(HOME)
    assert "Accounts without a territory 1" in plain(answer)
    assert "Dogwood Lyon" in plain(answer)
    assert step(answer) == ("Accounts are in nobody's territory.", reverse("account_gaps"))


def test_the_last_night_says_how_it_ended(
    cast: Cast, browse: Browse, night: Callable[..., Run], clock: Any, acting: Acting
) -> None:
    client = browse(cast.admin)
    assert "Last night —" in plain(client.get(HOME))
    clock.move_to(datetime(2026, 5, 20, 9, 30, tzinfo=UTC))
    night()
    with acting(cast.admin):  # a refresh during the day is no night
        Run.objects.create(job="refresh", as_of=date(2026, 5, 19), state="failed")
    assert "Last night published May 20, 2026, 9:30 AM UTC" in plain(client.get(HOME))


def test_a_night_that_failed_comes_before_everything_else(cast: Cast, browse: Browse, acting: Acting) -> None:
    with acting(cast.admin):
        failed = Run.objects.create(job="attainment", as_of=date(2026, 5, 19), state="failed")
    text, url = step(browse(cast.admin).get(HOME))
    assert text == "The last night failed: every figure still rests on the one before."
    assert url == reverse("run_detail", args=[failed.pk])


class TestCalendar:
    @pytest.mark.parametrize(
        ("today", "text"),
        [
            (datetime(2035, 11, 2, 12, tzinfo=UTC), "The last fiscal year ends on Dec 31, 2035."),
            (datetime(2035, 12, 31, 12, tzinfo=UTC), "The last fiscal year ends on Dec 31, 2035."),
            (datetime(2036, 1, 1, 12, tzinfo=UTC), "No fiscal year covers today."),
        ],
    )
    def test_the_next_year_is_asked_for_in_time(
        self, cast: Cast, browse: Browse, clock: Any, today: datetime, text: str
    ) -> None:
        clock.move_to(today)
        assert step(browse(cast.admin).get(HOME)) == (text, reverse("year_create"))

    def test_but_not_61_days_ahead_and_not_once_it_is_there(
        self, cast: Cast, browse: Browse, clock: Any, acting: Acting
    ) -> None:
        clock.move_to(datetime(2035, 11, 1, 12, tzinfo=UTC))
        client = browse(cast.admin)
        assert step(client.get(HOME))[1] == reverse("territory_tree")
        clock.move_to(datetime(2035, 12, 31, 12, tzinfo=UTC))
        with acting(cast.admin):
            create_year(by=cast.admin.pk, year=2036)
        assert step(browse(cast.admin).get(HOME))[1] == reverse("territory_tree")
