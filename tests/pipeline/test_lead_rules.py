"""Business hours: worked out forwards and backwards, over weekends, days off and the edges of a day."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.calendars import WorkDays
from pipeline.rules.leads import business_hours_after, business_hours_before

FRIDAY, MONDAY, TUESDAY = date(2026, 5, 22), date(2026, 5, 25), date(2026, 5, 26)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001  a local time of somebody


@pytest.mark.parametrize(
    ("start", "hours", "off", "due"),
    [
        (at(FRIDAY, 16), 4, (), at(MONDAY, 12)),
        (at(FRIDAY, 16), 1, (), at(FRIDAY, 17)),
        (at(FRIDAY, 17, 30), 1, (), at(MONDAY, 10)),
        (at(FRIDAY, 16), 4, (MONDAY,), at(TUESDAY, 12)),
        (at(date(2026, 5, 23), 11), 1, (), at(MONDAY, 10)),
        (at(MONDAY, 3), 8, (), at(MONDAY, 17)),
        (at(MONDAY, 9), 16, (), at(TUESDAY, 17)),
        (at(MONDAY, 10, 30), 8, (), at(TUESDAY, 10, 30)),
        (at(MONDAY, 17), 1, (), at(TUESDAY, 10)),
    ],
)
def test_hours_pass_while_people_work(
    start: datetime, hours: int, off: tuple[date, ...], due: datetime
) -> None:
    assert business_hours_after(start, hours, WorkDays(frozenset(off))) == due


@pytest.mark.parametrize(
    ("end", "hours", "off", "since"),
    [
        (at(MONDAY, 12), 4, (), at(FRIDAY, 16)),
        (at(TUESDAY, 12), 4, (MONDAY,), at(FRIDAY, 16)),
        (at(date(2026, 5, 24), 13), 8, (), at(FRIDAY, 9)),
        (at(MONDAY, 11), 2, (), at(MONDAY, 9)),
        (at(MONDAY, 9), 8, (), at(FRIDAY, 9)),
    ],
)
def test_and_the_same_backwards(end: datetime, hours: int, off: tuple[date, ...], since: datetime) -> None:
    assert business_hours_before(end, hours, WorkDays(frozenset(off))) == since


moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31))  # noqa: DTZ001
few_days_off = st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=12)
weekdays = st.frozensets(st.integers(0, 6), min_size=1)
works = st.builds(WorkDays, few_days_off, weekdays)


@given(start=moments, end=moments, hours=st.integers(1, 40), work=works)
def test_both_ways_agree_on_what_has_waited(
    start: datetime, end: datetime, hours: int, work: WorkDays
) -> None:
    is_due = business_hours_after(start, hours, work) <= end
    assert is_due == (start <= business_hours_before(end, hours, work))


@given(start=moments, hours=st.integers(1, 40), work=works)
def test_the_end_lies_within_business_hours(start: datetime, hours: int, work: WorkDays) -> None:
    due = business_hours_after(start, hours, work)
    assert due.date() in work
    assert at(due.date(), 9) < due <= at(due.date(), 17)


def test_no_hour_is_no_wait() -> None:
    with pytest.raises(ValueError, match="hour"):
        business_hours_after(at(MONDAY, 9), 0, WorkDays())
