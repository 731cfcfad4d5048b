"""Clocks that jump, that change at night, that tick twice or for three days not at all: each fiscal day comes once."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from common.models import Organisation, Run
from quotas.services import due_days
from tests.cast import Cast
from tests.faults.books import DERIVED, ask, finish
from tests.faults.servers import Machine, until
from tests.quotas.conftest import everything

ONE_DAY, ONE_HOUR = timedelta(days=1), timedelta(hours=1)
NIGHTS = [
    ("Europe/Warsaw", datetime(2026, 3, 27, tzinfo=UTC)),  # 23 hours
    ("Europe/Warsaw", datetime(2026, 10, 23, tzinfo=UTC)),  # 25 hours
    ("America/New_York", datetime(2026, 3, 6, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 10, 30, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 3, tzinfo=UTC)),  # half an hour
    ("Australia/Lord_Howe", datetime(2026, 10, 2, tzinfo=UTC)),
    ("Africa/Casablanca", datetime(2026, 2, 13, tzinfo=UTC)),  # Ramadan begins
    ("Africa/Casablanca", datetime(2026, 3, 20, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 28, tzinfo=UTC)),  # the 30th never was
    ("Europe/Warsaw", datetime(2028, 2, 27, tzinfo=UTC)),  # a leap day
]


def run_what_is_due(clock: Any, instants: Iterable[datetime]) -> list[tuple[date, datetime]]:
    """The days that the clock's ticks at these instants run, each with its instant, in the order they are run."""
    done = []
    for instant in instants:
        clock.move_to(instant)
        for day in due_days():
            with everything():
                Run.objects.create(job="attainment", as_of=day, state="published")
            done.append((day, instant))
    return done


@pytest.mark.parametrize(("zone", "start"), NIGHTS)
def test_every_fiscal_day_comes_once_and_in_order_when_the_zone_shifts(
    cast: Cast, clock: Any, zone: str, start: datetime
) -> None:
    """Fault F-21: every hour, or half of one, of four days around the night, in UTC as the worker lives."""
    with everything():
        Organisation.objects.update(time_zone=zone)
    step = ONE_HOUR / 2 if zone == "Australia/Lord_Howe" else ONE_HOUR
    done = run_what_is_due(clock, [start + n * step for n in range(4 * ONE_DAY // step)])
    days, here = [day for day, _at in done], ZoneInfo(zone)
    first = start.astimezone(here).date() - ONE_DAY
    last = (start + 4 * ONE_DAY - step).astimezone(here).date() - ONE_DAY
    assert days == [first + n * ONE_DAY for n in range((last - first).days + 1)]
    for day, at in done[1:]:  # at the first tick of the new day, wherever its midnight is
        assert at.astimezone(here).date() > day
        assert (at - step).astimezone(here).date() <= day


@pytest.mark.parametrize("jump", [ONE_DAY, -ONE_DAY, 3 * ONE_DAY, timedelta(hours=-3)])
def test_a_clock_that_jumps_skips_no_day_and_doubles_none(cast: Cast, clock: Any, jump: timedelta) -> None:
    """Fault F-20: the machine's clock is wrong for six hours, and right again."""

    def shown(right: datetime) -> datetime:
        is_wrong = datetime(2026, 5, 22, 1, tzinfo=UTC) <= right < datetime(2026, 5, 22, 7, tzinfo=UTC)
        return right + jump if is_wrong else right

    start = datetime(2026, 5, 20, 9, tzinfo=UTC)
    ticks = (shown(start + n * 2 * ONE_HOUR) for n in range(7 * 12))
    days = [day for day, _at in run_what_is_due(clock, ticks)]
    assert days == [date(2026, 5, 19) + n * ONE_DAY for n in range(len(days))]
    assert days[-1] == date(2026, 5, 26)


LAST_NIGHT = "SELECT (now() AT TIME ZONE 'America/New_York')::date - 1"
DAYS = """
SELECT as_of FROM common_run WHERE job = 'attainment' AND state = 'published' ORDER BY id
"""


@pytest.fixture
def three_days_ago(machine: Machine) -> Iterator[date]:
    """The last night was published, three days ago; since then nothing ticked."""
    machine.rows(f"TRUNCATE {DERIVED}; DELETE FROM common_run WHERE job = 'attainment'")
    last_night: date = machine.value(LAST_NIGHT)
    machine.rows(
        "INSERT INTO common_run (job, as_of, state, input_hash, output_hash, error, changed_rows) "
        "VALUES ('attainment', %s, 'published', '', '', '', 0)",
        last_night - 3 * ONE_DAY,
    )
    yield last_night
    machine.end_programs()


def test_two_clocks_after_three_days_without_one_run_each_night_once_and_in_order(
    machine: Machine, three_days_ago: date
) -> None:
    """Faults F-11 and F-12: the clock was dead, and then two of them tick for two workers."""
    clocks = [machine.beat("clock"), machine.beat("another-clock")]
    machine.workers(2)
    until(lambda: len(machine.rows(DAYS)) > 3)
    finish(machine, ask(machine), is_woken=False)  # another tick has come meanwhile
    assert [clock.said() for clock in clocks if not clock.lives()] == []
    nights = [three_days_ago - 2 * ONE_DAY, three_days_ago - ONE_DAY, three_days_ago]
    assert [day for (day,) in machine.rows(DAYS)][1:] == [*nights, three_days_ago]
