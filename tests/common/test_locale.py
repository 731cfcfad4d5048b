"""Amounts, percentages and days are written and read the reader's way, and only that way."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import locale
from common.errors import Refused
from common.money import exponent

NARROW = "\u202f"
HARD = "\xa0"


@pytest.mark.parametrize(
    ("language", "minor", "currency", "written"),
    [
        ("en", 123456, "EUR", "€1,234.56"),
        ("en", -123456, "EUR", "-€1,234.56"),
        ("en", 5, "USD", "$0.05"),
        ("en", 1234, "JPY", "¥1,234"),
        ("en", 1234567, "KWD", f"KWD{HARD}1,234.567"),
        ("en", -500, "CHF", f"-CHF{HARD}5.00"),
        ("de", 123456, "EUR", f"1.234,56{HARD}€"),
        ("en", None, "EUR", "—"),
    ],
)
def test_money_has_its_currency_and_its_own_decimals(language, minor, currency, written):
    with locale.use(language, "UTC"):
        assert locale.format_money(minor, currency) == written


def test_money_of_fifteen_digits_loses_no_cent():
    assert locale.format_money(999_999_999_999_999, "EUR") == "€9,999,999,999,999.99"


@pytest.mark.parametrize(
    ("minor", "written"), [(123450, "€1,235"), (-123450, "-€1,235"), (49, "€0"), (None, "—")]
)
def test_whole_money_rounds_a_half_away_from_zero(minor, written):
    assert locale.format_money_whole(minor, "EUR") == written


@pytest.mark.parametrize(
    ("ratio", "digits", "written"),
    [
        (Decimal("0.8345"), 1, "83.5%"),
        (Decimal("0.83449"), 1, "83.4%"),
        (Fraction(1, 3), 1, "33.3%"),
        (0.28, 0, "28%"),
        (12, 0, "1,200%"),
        (Decimal("-0.125"), 0, "-13%"),
        (0, 1, "0.0%"),
        (Decimal("-0.0001"), 1, "0.0%"),
        (None, 1, "—"),
    ],
)
def test_percent_rounds_once_and_shows_undefined_as_a_dash(ratio, digits, written):
    assert locale.format_percent(ratio, digits) == written


def test_percent_in_german():
    with locale.use("de", "UTC"):
        assert locale.format_percent(Decimal("0.8345")) == f"83,5{HARD}%"


def test_a_count_has_separators():
    assert locale.format_number(8800) == "8,800"
    assert locale.format_number(Decimal("2.345"), 2) == "2.35"


@pytest.mark.parametrize(
    ("zone", "written"),
    [
        ("UTC", "Aug 14, 2026, 2:03\u202fPM UTC"),
        ("Europe/Berlin", "Aug 14, 2026, 4:03\u202fPM CEST"),
        ("America/Sao_Paulo", "Aug 14, 2026, 11:03\u202fAM UTC-03:00"),
        ("Asia/Kolkata", "Aug 14, 2026, 7:33\u202fPM IST"),
        ("Asia/Kathmandu", "Aug 14, 2026, 7:48\u202fPM UTC+05:45"),
    ],
)
def test_an_instant_stands_on_the_readers_clock_with_its_zone(zone, written):
    with locale.use("en", zone):
        assert locale.format_instant(datetime(2026, 8, 14, 14, 3, tzinfo=UTC)) == written


def test_the_day_changes_with_the_zone():
    with locale.use("en_GB", "Asia/Tokyo"):
        assert locale.format_instant(datetime(2026, 3, 31, 21, 30, tzinfo=UTC)) == "1 Apr 2026, 06:30 JST"


@pytest.mark.parametrize(
    ("language", "text", "currency", "minor"),
    [
        ("en", "1,234.56", "EUR", 123456),
        ("en", "1234.5", "EUR", 123450),
        ("en", " 1234 ", "EUR", 123400),
        ("en", "-12.30", "EUR", -1230),
        ("en", "\u221212.30", "EUR", -1230),
        ("en", "1,234", "JPY", 1234),
        ("en", "1.234", "KWD", 1234),
        ("de", "1.234,56", "EUR", 123456),
        ("de", "1.234", "EUR", 123400),
        ("fr", f"1{NARROW}234,56", "EUR", 123456),
        ("fr", "1 234,56", "EUR", 123456),
        ("de_CH", "1'234.56", "CHF", 123456),
        ("de_CH", "1’234.56", "CHF", 123456),
        ("en_IN", "12,34,567.89", "INR", 123456789),
        ("en", "999,999,999,999.99", "EUR", 99999999999999),
    ],
)
def test_an_amount_is_read_in_the_readers_style(language, text, currency, minor):
    with locale.use(language, "UTC"):
        assert locale.parse_units(text, exponent(currency)) == minor


@pytest.mark.parametrize(
    ("language", "text", "currency"),
    [
        ("en", "1.234,56", "EUR"),
        ("en", "1,23", "EUR"),
        ("en", "12,34,567", "EUR"),
        ("en", "1 234.56", "EUR"),
        ("en", "1e3", "EUR"),
        ("en", "1_000", "EUR"),
        ("en", "+5", "EUR"),
        ("en", "--5", "EUR"),
        ("en", "-", "EUR"),
        ("en", "", "EUR"),
        ("en", ".5", "EUR"),
        ("en", "5.", "EUR"),
        ("en", "€5", "EUR"),
        ("en", "٣٤", "EUR"),
        ("en", "1.234", "EUR"),
        ("en", "1.5", "JPY"),
        ("en", "NaN", "EUR"),
        ("en", "Infinity", "EUR"),
        ("en", "1\n2", "EUR"),
        ("en", "1234567890123", "EUR"),
        ("de", "1,234.56", "EUR"),
        ("de", "1234.56", "EUR"),
        ("de", "12.34", "EUR"),
        ("fr", "1.234,56", "EUR"),
        ("fr", "1  234", "EUR"),
    ],
)
def test_an_amount_in_any_other_style_is_refused(language, text, currency):
    with locale.use(language, "UTC"), pytest.raises(Refused):
        locale.parse_units(text, exponent(currency))


@pytest.mark.parametrize(
    ("language", "currency", "text", "message"),
    [
        ("en", "EUR", "1.234,56", "Write it as 1,234.57."),
        ("de", "EUR", "1,234.56", "Write it as 1.234,57."),
        ("en", "JPY", "x", "Write it as 1,235."),
        ("en", "EUR", "1.234", "There are at most 2 decimals here."),
        ("en", "EUR", "1234567890123", "There are at most 12 digits before the decimals."),
        ("en", "EUR", "-0", "Zero has no sign: write 0."),
    ],
)
def test_the_refusal_says_what_would_be_right(language, currency, text, message):
    with locale.use(language, "UTC"), pytest.raises(Refused) as refused:
        locale.parse_units(text, exponent(currency))
    assert refused.value.code == "number_format"
    assert str(refused.value.message) == message


@given(
    minor=st.integers(-(10**12) + 1, 10**12 - 1),
    language=st.sampled_from(["en", "de", "fr", "de_CH", "en_IN", "sv", "es", "pl"]),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_what_is_written_into_a_field_is_read_back_exactly(minor, language, currency):
    with locale.use(language, "UTC"):
        assert locale.parse_units(locale.format_amount(minor, currency), exponent(currency)) == minor


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("en", "3/31/2026", date(2026, 3, 31)),
        ("en", "3/31/26", date(2026, 3, 31)),
        ("en", "2026-03-31", date(2026, 3, 31)),
        ("en_GB", "31/03/2026", date(2026, 3, 31)),
        ("de", "31.03.26", date(2026, 3, 31)),
        ("de", "31.3.2026", date(2026, 3, 31)),
        ("sv", "2026-03-31", date(2026, 3, 31)),
        ("en", " 2/29/2028 ", date(2028, 2, 29)),
    ],
)
def test_a_day_is_read_in_the_readers_order_or_as_iso(language, text, day):
    with locale.use(language, "UTC"):
        assert locale.parse_date(text) == day


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "31/03/2026"),
        ("en", "2/29/2026"),
        ("en", "2026-02-30"),
        ("en", "2026-3-1"),
        ("en", "31.03.2026"),
        ("de", "3/31/2026"),
        ("en", "tomorrow"),
        ("en", ""),
        ("en", "3/31/202"),
        ("en", "0/1/2026"),
        ("en", "٣/٣/2026"),
    ],
)
def test_any_other_day_is_refused(language, text):
    with locale.use(language, "UTC"), pytest.raises(Refused) as refused:
        locale.parse_date(text)
    assert refused.value.code == "date_format"


@pytest.mark.parametrize("text", ["1899-12-31", "2200-01-01", "12/31/9999"])
def test_a_day_far_from_any_business_is_refused(text):
    with locale.use("en", "UTC"), pytest.raises(Refused) as refused:
        locale.parse_date(text)
    assert str(refused.value.message) == "A day lies in the years 1900 to 2199."


def test_the_refused_day_says_what_would_be_right():
    with locale.use("de", "UTC"), pytest.raises(Refused) as refused:
        locale.parse_date("3/31/2026")
    assert str(refused.value.message) == "Write the day as 31.03.2026 or 2026-03-31."


def test_the_locale_ends_with_its_block():
    with locale.use("de-CH", "Europe/Zurich"):
        assert (str(locale.current().locale), locale.current().zone.key) == ("de_CH", "Europe/Zurich")
    assert (str(locale.current().locale), locale.current().zone.key) == ("en", "UTC")


@pytest.mark.parametrize(
    ("language", "text", "millionths"),
    [
        ("en", "1.0825", 1_082_500),
        ("de", "1,0825", 1_082_500),
        ("en", "1,234.5", 1_234_500_000),
        ("en", "-2", -2_000_000),
    ],
)
def test_a_rate_or_share_is_read_in_the_readers_style(language, text, millionths):
    with locale.use(language, "UTC"):
        assert locale.parse_units(text, 6) == millionths


def test_a_share_is_written_without_idle_zeros():
    with locale.use("de", "UTC"):
        assert [locale.format_share(weight) for weight in (33_333_333, 60_500_000)] == ["33,333333", "60,5"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,0825", "Write it as 1.25."),
        ("1.0000001", "There are at most 6 decimals here."),
        ("1e3", "Write it as 1.25."),
        ("", "Write it as 1.25."),
        ("1234567890123", "There are at most 12 digits before the decimals."),
    ],
)
def test_a_rate_in_any_other_style_is_refused(text, message):
    with pytest.raises(Refused) as refused:
        locale.parse_units(text, 6)
    assert (refused.value.code, str(refused.value.message)) == ("number_format", message)


@pytest.mark.parametrize(
    ("text", "places", "units"),
    [
        ("12k", 2, 1_200_000),
        ("1.5M", 2, 150_000_000),
        ("1,200 k", 2, 120_000_000),
        ("0.25k", 0, 250),
        ("12", 2, 1_200),
        ("999999m", 2, 99_999_900_000_000),
    ],
)
def test_an_amount_may_be_cut_short(text, places, units):
    assert locale.parse_amount(text, places) == units


@pytest.mark.parametrize("text", ["k", "12kk", "1.2345k", "12 b", "1000000m", "12,k", "1e5"])
def test_what_is_cut_short_wrongly_is_refused(text):
    with pytest.raises(Refused):
        locale.parse_amount(text, 0)


def test_an_amount_is_cut_short_in_the_readers_style():
    with locale.use("de", "UTC"):
        assert locale.parse_amount("1,5m", 2) == 150_000_000
        with pytest.raises(Refused):
            locale.parse_amount("1.5m", 2)
