"""Days in words: +30, +2w, eom, eoq, fri, 31 mar, in the reader's own names of months and weekdays."""

from datetime import date

import pytest
from babel import Locale

from common.day_words import day_in_words
from common.errors import Refused
from common.forms import DayWordsField
from common.locale import parse_date, use
from common.said import Said
from tests.cast import Cast

WEDNESDAY = date(2026, 5, 20)
ENDS = {"month": date(2026, 5, 31), "quarter": date(2026, 7, 31), "year": date(2027, 1, 31)}


def said(text: str, today: date = WEDNESDAY, language: str = "en") -> str | None:
    day = day_in_words(text, today, Locale.parse(language), ENDS.__getitem__)
    return day.isoformat() if isinstance(day, date) else None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("+0", "2026-05-20"),
        ("+30", "2026-06-19"),
        ("+30d", "2026-06-19"),
        ("+2w", "2026-06-03"),
        ("+3m", "2026-08-20"),
        ("+8m", "2027-01-20"),
        ("eom", "2026-05-31"),
        (" EOQ ", "2026-07-31"),
        ("eoy", "2027-01-31"),
        ("fri", "2026-05-22"),
        ("wed", "2026-05-27"),
        ("Tuesday", "2026-05-26"),
        ("31 mar", "2027-03-31"),
        ("20 may", "2026-05-20"),
        ("19 May", "2027-05-19"),
        ("mar 31", "2027-03-31"),
        ("31. March 2026", "2026-03-31"),
        ("March 31, 2028", "2028-03-31"),
    ],
)
def test_words_of_a_wednesday(text: str, day: str) -> None:
    assert said(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "t",
        "+",
        "+x",
        "-30",
        "+12345",
        "2026-06-30",
        "5/6/26",
        "31 ma",
        "31 ju",
        "31 x",
        "j 3",
    ],
)
def test_other_text_is_no_day(text: str) -> None:
    assert said(text) is None


def test_a_month_that_is_shorter_ends_sooner() -> None:
    assert said("+1m", date(2026, 1, 31)) == "2026-02-28"
    assert said("+1m", date(2028, 1, 31)) == "2028-02-29"


def test_the_readers_own_names_and_english_ones() -> None:
    assert [said(text, language="de") for text in ("fr", "mittwoch", "3. März", "31 dez", "31 dec")] == [
        "2026-05-22", "2026-05-27", "2027-03-03", "2026-12-31", "2026-12-31",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["31 jun", "30 feb 2027", "+9999m", "1 jan 2200"])
def test_a_day_that_there_is_not(text: str) -> None:
    with pytest.raises(Said):
        said(text)


def test_quarter_and_year_are_those_of_the_company(
    cast: Cast, acting: object, browse: object, owner: object
) -> None:
    with acting(cast.rep):  # type: ignore[operator]
        assert [(word, day.isoformat()) for word, day in DayWordsField.offered()] == [
            ("+30", "2026-06-19"), ("+60", "2026-07-19"), ("eom", "2026-05-31"), ("eoq", "2026-06-30"),
            ("eoy", "2026-12-31"),
        ]  # fmt: skip


def test_a_day_is_shown_as_its_reader_types_it() -> None:
    day = date(2026, 3, 9)
    for language, written in (("en-US", "03/09/2026"), ("en-GB", "09/03/2026"), ("de", "09.03.2026")):
        with use(language, "UTC"):
            assert (DayWordsField().prepare_value(day), parse_date(written)) == (written, day)


def test_without_a_fiscal_year_the_day_itself_is_asked_for(cast: Cast, acting: object, clock: object) -> None:
    clock.move_to(date(2041, 5, 20))  # type: ignore[attr-defined]
    with acting(cast.rep):  # type: ignore[operator]
        assert [word for word, _day in DayWordsField.offered()] == ["+30", "+60", "eom"]
        with pytest.raises(Refused, match="write the day itself"):
            DayWordsField().read("eoq")
