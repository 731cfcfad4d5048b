"""Cells: exact, in the declared style, and never guessed."""

from datetime import date
from decimal import Decimal

import pytest

from imports.rules.entities import Field
from imports.rules.values import BadValue, Style, columns_of, filled, read_day, read_number, read_value

AMOUNT, DAY, COUNT, FLAG = Field("amount"), Field("day"), Field("count"), Field("flag")
PLAIN = Style()
GERMAN = Style(dates="DD.MM.YYYY", decimal=",", thousands=".")


@pytest.mark.parametrize(
    ("text", "style", "exponent", "minor"),
    [
        ("1054", PLAIN, 2, 105_400),
        ("1054.5", PLAIN, 2, 105_450),
        ("-0.05", PLAIN, 2, -5),
        ("1.234,50", GERMAN, 2, 123_450),
        ("12.345.678", GERMAN, 2, 1_234_567_800),
        ("1234,5", GERMAN, 2, 123_450),
        ("100", PLAIN, 0, 100),
        ("1.005", PLAIN, 3, 1_005),
        ("12345678901.23", PLAIN, 2, 1_234_567_890_123),
    ],
)
def test_an_amount_is_read_to_the_cent(text, style, exponent, minor):
    assert read_value(text, AMOUNT, style, exponent=exponent) == minor


@pytest.mark.parametrize(
    "text",
    ["1,234.50", "1e3", "1_000", "٣", "$5", "(100)", "100-", "1 234", "", "+5", "1.", ".5", "NaN", "--1"],
)
def test_any_other_way_to_write_an_amount_is_refused(text):
    with pytest.raises(BadValue):
        read_number(text, PLAIN)


def test_thousands_stand_where_they_belong_or_are_refused():
    assert read_number("1,234.5", Style(thousands=",")) == Decimal("1234.5")
    for text in ("12,34", "1,2345", ",123", "1,23"):
        with pytest.raises(BadValue):
            read_number(text, Style(thousands=","))


def test_more_decimals_than_the_currency_has_are_refused_and_not_rounded():
    with pytest.raises(BadValue, match="at most 2 decimals"):
        read_value("1.005", AMOUNT, PLAIN)
    with pytest.raises(BadValue, match="at most 0 decimals"):
        read_value("1.5", AMOUNT, PLAIN, exponent=0)
    with pytest.raises(BadValue, match="no decimals"):
        read_value("1.5", COUNT, PLAIN)
    with pytest.raises(BadValue, match="too large"):
        read_value("123456789012345", AMOUNT, PLAIN)


def test_a_multiple_makes_thousands_of_what_the_file_has():
    assert read_value("1.5", AMOUNT, PLAIN, multiply=1000) == 150_000
    assert read_value("1100.04", AMOUNT, PLAIN, multiply=1_000_000) == 110_004_000_000


def test_the_declared_style_decides_which_day_it_is():
    assert read_day("03/04/2026", "DD/MM/YYYY") == date(2026, 4, 3)
    assert read_day("03/04/2026", "MM/DD/YYYY") == date(2026, 3, 4)
    assert read_day("20260403", "YYYYMMDD") == date(2026, 4, 3)
    assert read_day("3.4.2026", "DD.MM.YYYY") == date(2026, 4, 3)


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("2026-13-01", "YYYY-MM-DD"),
        ("2027-02-29", "YYYY-MM-DD"),
        ("0001-01-01", "YYYY-MM-DD"),
        ("9999-01-01", "YYYY-MM-DD"),
        ("26-01-01", "YYYY-MM-DD"),
        ("2026-01-01 10:00", "YYYY-MM-DD"),
        ("31/12/2026", "MM/DD/YYYY"),
    ],
)
def test_what_is_no_such_day_is_refused(text, style):
    with pytest.raises(BadValue):
        read_day(text, style)


def test_text_stays_text():
    text = Field("text")
    for cell in ("NA", "null", "None", "nan", "0012345", "1e5", "1/2"):
        assert read_value(cell, text, PLAIN) == cell


def test_a_word_that_means_nothing_is_nothing_and_not_zero():
    style = Style(empty=("", "-"))
    assert read_value("-", AMOUNT, style) is None
    assert read_value("-", DAY, style) is None
    assert read_value("-", Field("text"), style) == ""
    assert read_value("0", AMOUNT, style) == 0


def test_texts_keep_their_length_their_words_and_visible_letters():
    with pytest.raises(BadValue, match="At most 3"):
        read_value("USDX", Field("text", longest=3), PLAIN)
    with pytest.raises(BadValue, match="Map it to one of: rep, manager"):
        read_value("boss", Field("text", words=("rep", "manager")), PLAIN)
    for hidden in ("a\u200bb", "a\u202eb", "a\x07b"):
        with pytest.raises(BadValue, match="can't be seen"):
            read_value(hidden, Field("text"), PLAIN)
    assert read_value("Jose\u0301", Field("text"), PLAIN) == "José"


def test_yes_and_no():
    assert read_value("TRUE", FLAG, PLAIN) is True
    assert read_value("0", FLAG, PLAIN) is False
    with pytest.raises(BadValue):
        read_value("maybe", FLAG, PLAIN)


def test_a_template_makes_addresses_and_codes_of_names():
    cells = {"agent": "Mei-Mei Johns", "office": "New York", "who": "José Saraiva"}
    assert filled("{agent|dots}@x.example", cells) == "mei.mei.johns@x.example"
    assert filled("{office|code}-{agent|code}", cells) == "NEW-YORK-MEI-MEI-JOHNS"
    assert filled("{who|dots}", cells) == "jose.saraiva"
    assert filled("{agent}'s patch", cells) == "Mei-Mei Johns's patch"
    assert columns_of("{office|code}: {agent}") == ["office", "agent"]
