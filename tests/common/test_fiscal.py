"""Fiscal years by calendar months and by weeks, against calendars that are published."""

import csv
import re
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from common.calendars import Span
from common.fiscal import LAST, NEAREST, Rule, label_of, span_of, year_of

RETAIL = Rule(2, "4-5-4", 5, NEAREST)
"""The National Retail Federation's: weeks end on Saturday, a year on the one nearest to 31 January."""
SEPTEMBER = Rule(10, "4-4-5", 5, LAST)
"""A computer maker's, to the last Saturday of September."""


@pytest.mark.parametrize(
    ("year", "first", "last", "weeks"),
    [
        (2006, date(2006, 1, 29), date(2007, 2, 3), 53),
        (2012, date(2012, 1, 29), date(2013, 2, 2), 53),
        (2017, date(2017, 1, 29), date(2018, 2, 3), 53),
        (2022, date(2022, 1, 30), date(2023, 1, 28), 52),
        (2023, date(2023, 1, 29), date(2024, 2, 3), 53),
        (2024, date(2024, 2, 4), date(2025, 2, 1), 52),
        (2025, date(2025, 2, 2), date(2026, 1, 31), 52),
    ],
)
def test_retail_years_as_published(year: int, first: date, last: date, weeks: int) -> None:
    span = span_of(RETAIL, year)
    assert (span.start, span.last_day, span.days) == (first, last, weeks * 7)


@pytest.mark.parametrize(
    ("year", "first", "last", "weeks"),
    [
        (2016, date(2016, 9, 25), date(2017, 9, 30), 53),
        (2021, date(2021, 9, 26), date(2022, 9, 24), 52),
        (2022, date(2022, 9, 25), date(2023, 9, 30), 53),
        (2023, date(2023, 10, 1), date(2024, 9, 28), 52),
    ],
)
def test_the_last_saturday_of_september_as_published(year: int, first: date, last: date, weeks: int) -> None:
    span = span_of(SEPTEMBER, year)
    assert (span.start, span.last_day, span.days) == (first, last, weeks * 7)


def test_the_months_of_a_year_of_53_weeks() -> None:
    year = year_of(RETAIL, 2023)
    assert [len(weeks) for weeks in year.weeks] == [4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 5, 5]
    assert year.months[0] == Span(date(2023, 1, 29), date(2023, 2, 26))
    assert year.months[-1] == Span(date(2023, 12, 31), date(2024, 2, 4))
    assert [span.days // 7 for span in year.quarters] == [13, 13, 13, 14]


@pytest.mark.parametrize("pattern", ["4-4-5", "4-5-4", "5-4-4"])
def test_the_quarters_of_a_year_of_52_weeks(pattern: str) -> None:
    year = year_of(Rule(2, pattern, 5, NEAREST), 2024)
    assert [len(weeks) for weeks in year.weeks] == [int(part) for part in pattern.split("-")] * 4
    assert [span.days for span in year.quarters] == [91] * 4


def test_calendar_months_have_no_weeks() -> None:
    year = year_of(Rule(4), 2026)
    assert year.span == Span(date(2026, 4, 1), date(2027, 4, 1))
    assert year.weeks == ((),) * 12


def test_a_year_begins_where_one_by_another_rule_ended() -> None:
    """After 2026 by calendar months 2027 begins on Friday 1 January, and its first week has nine days."""
    rule = Rule(1, "4-4-5", 5, NEAREST)
    assert span_of(rule, 2027).start == date(2027, 1, 3)
    year = year_of(rule, 2027, date(2027, 1, 1))
    assert year.weeks[0][0] == Span(date(2027, 1, 1), date(2027, 1, 10))
    assert year.months[0] == Span(date(2027, 1, 1), date(2027, 1, 31))
    assert year.span.stop == date(2028, 1, 2)
    assert year_of(Rule(1), 2028, date(2028, 1, 2)).months[0] == Span(date(2028, 1, 2), date(2028, 2, 1))
    assert year_of(rule, 2027, date(2026, 7, 1)).span.start == date(2027, 1, 3)


def test_the_name_of_a_day_s_year() -> None:
    assert label_of(date(2023, 1, 28), RETAIL, "start") == 2022
    assert label_of(date(2023, 1, 29), RETAIL, "start") == 2023
    assert label_of(date(2024, 2, 3), RETAIL, "start") == 2023
    assert label_of(date(2023, 9, 30), SEPTEMBER, "end") == 2023
    assert label_of(date(2023, 10, 1), SEPTEMBER, "end") == 2024
    assert label_of(date(2019, 12, 29), Rule(1, "4-4-5", 5, NEAREST), "start") == 2020
    assert label_of(date(2026, 3, 31), Rule(4), "end") == 2026


@given(
    month=st.integers(1, 12),
    pattern=st.sampled_from(["4-4-5", "4-5-4", "5-4-4"]),
    weekday=st.integers(0, 6),
    ends=st.sampled_from([LAST, NEAREST]),
    first=st.integers(1990, 2150),
)
def test_years_of_weeks_follow_one_another(
    month: int, pattern: str, weekday: int, ends: str, first: int
) -> None:
    rule = Rule(month, pattern, weekday, ends)
    year = year_of(rule, first)
    assert year.span.stop == year_of(rule, first + 1).span.start
    assert year.span.days in (364, 371)
    assert year.span.last_day.weekday() == weekday
    weeks = [week for its in year.weeks for week in its]
    assert all(week.days == 7 for week in weeks)
    assert all(one.stop == other.start for one, other in pairwise(weeks))
    month_end = date(first, month, 1) - timedelta(days=1)
    distance = (year.span.start - timedelta(days=1) - month_end).days
    assert -6 <= distance <= 0 if ends == LAST else -3 <= distance <= 3


def test_fiscal_years_by_country_as_published() -> None:
    """Of each country with a year by Gregorian months: the days in its words are those that the rule makes."""
    file = settings.BASE_DIR.parent / "shared" / "data" / "fiscal-calendars" / "fiscal_years_by_territory.csv"
    if not Path(file).is_file():
        pytest.skip(f"there is no {file}")
    with file.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["Calendar"] == "Cldr.Calendar.Gregorian"]
    seen, differing = 0, []
    for row in rows:
        span = span_of(Rule(int(row["First Month"])), 2026)
        months = f"{span.start.day} {span.start:%B} - {span.last_day.day} {span.last_day:%B}"
        words = re.split(r"\n", row["Fiscal Year"])[0]
        words = "1 January - 31 December" if words == "calendar year" else words
        seen += words == months
        if words != months:
            differing.append((row["ISO3166-2"], words))
    assert seen == 220
    # One names no year, of two the words and the month differ, one begins on the 6th.
    assert sorted(words for _country, words in differing) == [
        "1 July - 30 June", "6 April - 5 April", "June 1 - May 31", "NA",
    ]  # fmt: skip
