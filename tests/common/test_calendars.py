"""Fiscal periods of calendar months, months added to days, and working days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.calendars import (
    Span,
    WorkDays,
    add_months,
    fiscal_year,
    iso_day,
    months,
    quarters,
    start_year,
    year_label,
)
from common.said import Said

DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))
START_MONTHS = st.integers(1, 12)


class TestSpan:
    def test_its_stop_is_not_part_of_it(self) -> None:
        january = Span(date(2026, 1, 1), date(2026, 2, 1))
        assert date(2026, 1, 1) in january
        assert date(2026, 1, 31) in january
        assert date(2026, 2, 1) not in january
        assert date(2025, 12, 31) not in january
        assert january.days == 31
        assert january.last_day == date(2026, 1, 31)

    @pytest.mark.parametrize(
        ("start", "stop", "days"),
        [
            (date(2024, 12, 15), date(2030, 1, 1), 17),
            (date(2024, 12, 10), date(2024, 12, 12), 2),
            (date(2024, 1, 1), date(2026, 1, 1), 31),
        ],
    )
    def test_the_days_that_lie_in_both(self, start: date, stop: date, days: int) -> None:
        december, other = Span(date(2024, 12, 1), date(2025, 1, 1)), Span(start, stop)
        both = december.shared(other)
        assert both == other.shared(december)
        assert both
        assert both.days == days

    @pytest.mark.parametrize("start", [date(2024, 11, 1), date(2025, 1, 1)])
    def test_spans_that_touch_share_no_day(self, start: date) -> None:
        assert Span(date(2024, 12, 1), date(2025, 1, 1)).shared(Span(start, add_months(start, 1))) is None

    @pytest.mark.parametrize("stop", [date(2026, 1, 1), date(2025, 12, 31)])
    def test_it_holds_at_least_a_day(self, stop: date) -> None:
        with pytest.raises(ValueError, match="stop after it starts"):
            Span(date(2026, 1, 1), stop)


class TestIsoDays:
    def test_a_day_is_read_as_it_is_written(self) -> None:
        assert iso_day("2026-03-31") == date(2026, 3, 31)

    @pytest.mark.parametrize(
        "text", ["", "2026-3-1", "2026-02-30", "20260331", "2026-W01-1", "٢٠٢٦-٠١-٠١", "2026-03-31 "]
    )
    def test_any_other_text_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"."):
            iso_day(text)

    @pytest.mark.parametrize("text", ["1899-12-31", "2200-01-01", "0026-03-31"])
    def test_no_day_is_far_from_any_business(self, text: str) -> None:
        with pytest.raises(Said, match="1900 to 2199"):
            iso_day(text)


class TestMonthsAdded:
    @pytest.mark.parametrize(
        ("day", "count", "result"),
        [
            (date(2024, 2, 29), 12, date(2025, 2, 28)),
            (date(2024, 2, 29), 48, date(2028, 2, 29)),
            (date(2026, 3, 31), -1, date(2026, 2, 28)),
            (date(2026, 12, 15), 1, date(2027, 1, 15)),
            (date(2026, 1, 15), -1, date(2025, 12, 15)),
            (date(2026, 5, 31), 0, date(2026, 5, 31)),
            (date(9998, 12, 31), 12, date(9999, 12, 31)),
            (date(2, 1, 1), -12, date(1, 1, 1)),
        ],
    )
    def test_the_day_is_clamped_to_the_month(self, day: date, count: int, result: date) -> None:
        assert add_months(day, count) == result

    @pytest.mark.parametrize("count", [12 * 8000, -12 * 3000])
    def test_outside_the_calendar_is_refused(self, count: int) -> None:
        with pytest.raises(ValueError, match="years 1 to 9999"):
            add_months(date(2026, 1, 1), count)


class TestFiscalPeriods:
    def test_a_calendar_year(self) -> None:
        twelve = months(1, 2026)
        assert twelve[0] == Span(date(2026, 1, 1), date(2026, 2, 1))
        assert twelve[11] == Span(date(2026, 12, 1), date(2027, 1, 1))

    def test_a_year_is_named_after_its_start(self) -> None:
        assert fiscal_year(4, 2026) == Span(date(2026, 4, 1), date(2027, 4, 1))

    def test_quarters_of_a_year_that_starts_in_february(self) -> None:
        assert quarters(2, 2024) == [
            Span(date(2024, 2, 1), date(2024, 5, 1)),
            Span(date(2024, 5, 1), date(2024, 8, 1)),
            Span(date(2024, 8, 1), date(2024, 11, 1)),
            Span(date(2024, 11, 1), date(2025, 2, 1)),
        ]

    @pytest.mark.parametrize("start_month", [0, 13])
    def test_the_start_month_is_a_month(self, start_month: int) -> None:
        with pytest.raises(ValueError, match="from 1 to 12"):
            months(start_month, 2026)

    @pytest.mark.parametrize(
        ("day", "start_month", "year"),
        [(date(2026, 3, 31), 4, 2025), (date(2026, 4, 1), 4, 2026), (date(2026, 3, 31), 1, 2026)],
    )
    def test_the_year_of_a_day(self, day: date, start_month: int, year: int) -> None:
        assert year_label(day, start_month) == year

    @pytest.mark.parametrize(
        ("day", "start_month", "year"),
        [(date(2026, 3, 31), 4, 2026), (date(2026, 4, 1), 4, 2027), (date(2026, 3, 31), 1, 2026)],
    )
    def test_the_year_of_a_day_that_is_named_after_its_end(
        self, day: date, start_month: int, year: int
    ) -> None:
        assert year_label(day, start_month, "end") == year

    @given(DAYS, START_MONTHS, st.sampled_from(["start", "end"]))
    def test_a_named_year_holds_its_days(self, day: date, start: int, named_after: str) -> None:
        name = year_label(day, start, named_after)
        assert day in fiscal_year(start, start_year(name, start, named_after))

    @given(DAYS, START_MONTHS)
    def test_every_day_lies_in_one_month_of_its_year(self, day: date, start: int) -> None:
        assert [day in month for month in months(start, year_label(day, start))].count(True) == 1

    @given(st.integers(1990, 2090), START_MONTHS)
    def test_years_and_their_parts_leave_no_day_out(self, year: int, start: int) -> None:
        whole = fiscal_year(start, year)
        assert whole.stop == fiscal_year(start, year + 1).start
        for parts in (months(start, year), quarters(start, year)):
            edges = [part.start for part in parts] + [whole.stop]
            assert edges[0] == whole.start
            assert [part.stop for part in parts] == edges[1:]


class TestWorkingDays:
    def test_a_month(self) -> None:
        june = (date(2026, 6, 1), date(2026, 7, 1))
        assert WorkDays().between(*june) == 22
        assert WorkDays(frozenset({date(2026, 6, 4), date(2026, 6, 6)})).between(*june) == 21
        assert WorkDays(weekdays=frozenset({6, 0, 1, 2, 3})).between(*june) == 22

    @pytest.mark.parametrize("stop", [date(2026, 6, 1), date(2026, 5, 1)])
    def test_an_empty_or_reversed_span_has_none(self, stop: date) -> None:
        assert WorkDays().between(date(2026, 6, 1), stop) == 0

    @given(DAYS, st.integers(0, 120), st.frozensets(st.integers(0, 6)), st.frozensets(st.integers(-9, 130)))
    def test_agrees_with_counting_one_by_one(
        self, start: date, length: int, weekdays: frozenset[int], off: frozenset[int]
    ) -> None:
        work = WorkDays(frozenset(start + timedelta(days=offset) for offset in off), weekdays)
        counted = sum(start + timedelta(days=offset) in work for offset in range(length))
        assert work.between(start, start + timedelta(days=length)) == counted
