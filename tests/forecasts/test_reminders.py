"""Forecast calls: a reminder a day before they are due, Mondays at 12:00 in New York, and one once they are late."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from common.access import Reach
from common.services import set_policy
from common.transaction import work
from forecasts.services import submit
from forecasts.tasks import remind
from tests.cast import Cast
from workspace.models import Message
from workspace.selectors.sentences import sentence

DUE = "Your forecast call for 2026-Q2 is due within 24 hours."
LATE = "Your forecast call for 2026-Q2 is late."


def told() -> list[tuple[str, str]]:
    with work(by=None, why="a test", reach=Reach.everything()):
        rows = Message.objects.order_by("id").select_related("person", "by")
        return sorted((row.person.name, sentence(row)) for row in rows)


def at(clock: Any, day: int, hour: int, minute: int = 0) -> None:
    """That day of May 2026, by UTC; noon in New York is 16:00."""
    clock.move_to(datetime(2026, 5, day, hour, minute, tzinfo=UTC))
    remind()


def call(cast: Cast, acting: Any, person: Any, period: Any) -> None:
    with acting(person):
        submit(by=person.pk, period_id=period.pk, amount_minor=100)


def test_who_has_not_called_hears_a_day_before_it_is_due(cast: Cast, acting: Any, clock: Any) -> None:
    clock.move_to(datetime(2026, 5, 19, 12, 0, tzinfo=UTC))
    call(cast, acting, cast.rep, cast.q2)
    at(clock, 24, 15, 59)
    assert told() == []
    at(clock, 24, 16)
    at(clock, 24, 16, 5)
    names = ["Dora Director", "Mona Manager", "Olga Other", "Oscar Other", "Otto Other", "Paul Peer"]
    assert told() == [(name, DUE) for name in names]
    with work(by=None, why="a test", reach=Reach.everything()):
        assert set(Message.objects.values_list("url", "delivery")) == {("/forecasts/?period=2026-Q2", "mail")}


def test_a_call_of_the_week_before_does_not_count(cast: Cast, acting: Any, clock: Any) -> None:
    clock.move_to(datetime(2026, 5, 18, 15, 59, tzinfo=UTC))
    call(cast, acting, cast.rep, cast.q2)
    at(clock, 24, 17)
    assert ("Rita Rep", DUE) in told()


def test_late_ones_hear_of_it_and_so_does_the_nearest_lead(cast: Cast, acting: Any, clock: Any) -> None:
    clock.move_to(datetime(2026, 5, 20, 12, 0, tzinfo=UTC))
    for person in (cast.manager, cast.director, cast.other_director):
        call(cast, acting, person, cast.q2)
    at(clock, 25, 15, 59)
    before = len(told())
    at(clock, 25, 16)
    at(clock, 25, 20)
    assert len(told()) == before + 7
    assert [line for line in told() if line[1] != DUE] == [
        ("Mona Manager", "2 of your people have not made the forecast call for 2026-Q2."),
        ("Olga Other", "Oscar Other has not made the forecast call for 2026-Q2."),
        ("Olga Other", LATE),
        ("Oscar Other", LATE),
        ("Otto Other", "Olga Other has not made the forecast call for 2026-Q2."),
        ("Paul Peer", LATE),
        ("Rita Rep", LATE),
    ]


def test_nobody_is_told_of_a_due_time_that_is_long_over(cast: Cast, clock: Any) -> None:
    at(clock, 26, 16, 1)
    assert told() == []


@pytest.mark.usefixtures("cast")
def test_without_a_fiscal_year_nobody_is_told(clock: Any) -> None:
    clock.move_to(datetime(2040, 5, 20, 16, 0, tzinfo=UTC))
    for hour in range(24 * 7):
        if hour % 12 == 0:
            clock.move_to(datetime(2040, 5, 20 + hour // 24, hour % 24, 30, tzinfo=UTC))
            remind()
    assert told() == []


def test_before_there_is_a_company_nobody_is_told(db: str, owner: Any) -> None:
    for table in ("common_organisationevent", "common_organisation"):
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        owner.execute(f"DELETE FROM {table}")
        owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
    remind()
    assert told() == []


def test_once_the_due_day_changes_a_call_for_the_due_time_before_does_not_count(
    cast: Cast, acting: Any, clock: Any
) -> None:
    """From Tuesday 26 May on calls are due on Fridays: who called for Monday is reminded of Friday, and late then."""
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name="forecast_due_weekday", value=4, starts_on=date(2026, 5, 26))
    clock.move_to(datetime(2026, 5, 25, 15, tzinfo=UTC))
    call(cast, acting, cast.rep, cast.q2)
    clock.move_to(datetime(2026, 5, 27, 15, tzinfo=UTC))
    call(cast, acting, cast.peer, cast.q2)
    at(clock, 28, 16)
    assert ("Rita Rep", DUE) in told()
    assert ("Paul Peer", DUE) not in told()
    clock.move_to(datetime(2026, 5, 29, 16, 0, 1, tzinfo=UTC))
    with acting(cast.rep):
        assert submit(by=cast.rep.pk, period_id=cast.q2.pk, amount_minor=100).is_late
