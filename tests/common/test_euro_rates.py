"""The European Central Bank's file: what one unit of a currency is worth in another, on which days."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from common.calendars import Span
from common.euro_rates import Held, Published, beside, cross, held, read, since
from common.said import Said

FILE = """Date,USD,GBP,ISK,
2026-01-12,1.2,0.8,140,
2026-01-05,1.1,0.88,N/A,
2026-01-02,1.1,0.8,N/A,
2025-12-24,1.0,0.8,150.5,
"""


def day(number: int) -> date:
    return date(2026, 1, number)


@pytest.fixture
def file() -> Published:
    return read(FILE)


def test_a_file_as_it_is_published(file: Published) -> None:
    assert file.days == (date(2025, 12, 24), day(2), day(5), day(12))
    assert file.currencies == ["EUR", "GBP", "ISK", "USD"]
    assert file.per_euro("ISK") == {date(2025, 12, 24): Decimal("150.5"), day(12): Decimal(140)}


def test_one_unit_through_the_euro() -> None:
    assert cross(Decimal("1.1172"), Decimal("0.8338")) == Decimal("1.3398896618")
    assert cross(Decimal("1.1172"), Decimal(1)) == Decimal("1.1172")
    assert cross(Decimal(1), Decimal("20275.17")) == Decimal("0.0000493214")
    assert cross(Decimal(1), Decimal(8)) == Decimal("0.125")


def test_a_rate_holds_over_weekends_and_seven_days_at_most(file: Published) -> None:
    rates, gaps = held(file, "GBP", "USD")
    assert rates == [
        Held(date(2025, 12, 24), date(2025, 12, 31), Decimal("1.25")),
        Held(day(2), day(5), Decimal("1.375")),
        Held(day(5), day(12), Decimal("1.25")),
        Held(day(12), None, Decimal("1.5")),
    ]
    assert gaps == [Span(date(2025, 12, 31), day(2))]


def test_the_euro_is_a_currency_where_another_one_reports(file: Published) -> None:
    rates, _gaps = held(file, "EUR", "USD")
    assert [one.value for one in rates] == [Decimal(1), Decimal("1.1"), Decimal("1.1"), Decimal("1.2")]


def test_what_is_not_available_is_no_rate(file: Published) -> None:
    rates, gaps = held(file, "ISK", "USD")
    assert rates == [
        Held(date(2025, 12, 24), date(2025, 12, 31), Decimal("0.0066445183")),
        Held(day(12), None, Decimal("0.0085714286")),
    ]
    assert gaps == [Span(date(2025, 12, 31), day(12))]


def test_one_that_is_published_no_more_ends() -> None:
    rates, gaps = held(read("Date,USD,HRK\n2023-01-02,1.1,N/A\n2022-12-30,1.1,7.5\n"), "HRK", "USD")
    assert rates == [Held(date(2022, 12, 30), date(2023, 1, 6), Decimal("0.1466666667"))]
    assert gaps == []


def test_from_a_day_on_what_holds_then_begins_there(file: Published) -> None:
    rates, _gaps = held(file, "GBP", "USD")
    assert since(rates, day(3)) == [Held(day(3), day(5), Decimal("1.375")), *rates[2:]]
    assert since(rates, day(1)) == rates[1:]


def test_what_is_taken_is_left_out() -> None:
    one, other = Held(day(2), day(9), Decimal(1)), Held(day(9), None, Decimal(2))
    assert beside([one, other], [(day(4), day(5))]) == (
        [Held(day(2), day(4), Decimal(1)), Held(day(5), day(9), Decimal(1)), other],
        1,
    )
    assert beside([one, other], [(day(4), None)]) == ([Held(day(2), day(4), Decimal(1))], 2)
    assert beside([one, other], [(day(12), day(14)), (day(1), day(2))]) == (
        [one, Held(day(9), day(12), Decimal(2)), Held(day(14), None, Decimal(2))],
        1,
    )
    assert beside([one], [(day(9), None), (day(1), day(2))]) == ([one], 0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The first column is called Date"),
        ("Day,USD\n", "The first column is called Date"),
        ("Date\n", "names no currency"),
        ("Date,USD\n", "no day in it"),
        ("Date,USD,USD\n2026-01-02,1,1\n", "USD is no name of a column, or stands there twice."),
        ("Date,usd\n2026-01-02,1\n", "usd is no name"),
        ("Date,,USD\n2026-01-02,1,1\n", "— is no name"),
        ("Date,USD\n2026-01-02,1,1,1\n", "Line 2 has another number of cells"),
        ("Date,USD\n2026-01-02\n", "Line 2 has another number of cells"),
        ("Date,USD\n02/01/2026,1.1\n", "Line 2: a day is written as 2026-03-31."),
        ("Date,USD\n2026-02-30,1.1\n", "Line 2: a day is written as 2026-03-31."),
        ("Date,USD\n2026-01-02,1.1\n2026-01-02,1.2\n", "2026-01-02 twice"),
        ("Date,USD\n2026-01-02,0\n", "Line 2, USD: a rate is written as 1.0832."),
        ("Date,USD\n2026-01-02,-1\n", "Line 2, USD: a rate is written as 1.0832."),
        ('Date,USD\n2026-01-02,"1,1"\n', "Line 2, USD: a rate is written as 1.0832."),
        ("Date,USD\n2026-01-02,1e3\n", "Line 2, USD: a rate is written as 1.0832."),
    ],
)
def test_another_file_is_refused_by_name(text: str, message: str) -> None:
    with pytest.raises(Said, match=message):
        read(text)


def test_the_whole_file_of_the_bank_holds_no_gap_of_its_own() -> None:
    """Easter and the turn of the year are the longest spans without a rate, and shorter than a week."""
    easter = read("Date,USD\n2026-04-07,1.2\n2026-04-02,1.1\n")
    assert held(easter, "USD", "EUR")[1] == []
    assert easter.days[1] - easter.days[0] == timedelta(days=5)
