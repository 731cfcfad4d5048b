"""Money is exact: rounding, sharing, converting and reading amounts."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from common.money import (
    WHOLE_SHARE,
    allocate,
    convert,
    parse_plain,
    parse_share,
    plain,
    plain_share,
    round_half_away,
)

AMOUNTS = st.integers(-(10**14), 10**14)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=12).filter(any)


class TestRounding:
    @pytest.mark.parametrize(
        ("value", "rounded"),
        [
            ("12.5", 13),
            ("-12.5", -13),
            ("100.5", 101),
            ("0.5", 1),
            ("-0.5", -1),
            ("0.49", 0),
            ("-0.49", 0),
            ("7", 7),
        ],
    )
    def test_a_half_goes_away_from_zero(self, value: str, rounded: int) -> None:
        assert round_half_away(Decimal(value)) == rounded
        assert round_half_away(Fraction(value)) == rounded

    @given(
        st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12)
    )
    def test_agrees_with_rounding_half_up(self, value: Decimal) -> None:
        assert round_half_away(value) == int(value.to_integral_value(ROUND_HALF_UP))

    @pytest.mark.usefixtures("cast")
    def test_agrees_with_the_database(self) -> None:
        values = [Decimal(number).scaleb(-places) for number in range(-1255, 1256, 5) for places in (1, 2, 3)]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT array_agg(round(v)::bigint ORDER BY n) FROM unnest(%s) WITH ORDINALITY u(v, n)",
                [values],
            )
            assert cursor.fetchone()[0] == [round_half_away(value) for value in values]

    def test_a_float_is_refused(self) -> None:
        with pytest.raises(TypeError, match="float"):
            round_half_away(0.125)  # type: ignore[arg-type]

    @pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
    def test_only_finite_numbers(self, value: str) -> None:
        with pytest.raises(ValueError, match=r"^Only a finite number can be rounded\.$"):
            round_half_away(Decimal(value))


class TestSharing:
    @pytest.mark.parametrize(
        ("total", "weights", "parts"),
        [
            (10000, [1, 1, 1], [3334, 3333, 3333]),
            (-10000, [1, 1, 1], [-3334, -3333, -3333]),
            (5, [1, 0, 1], [3, 0, 2]),
            (10, [6, 6, 2], [4, 4, 2]),
            (11, [6, 6, 2], [5, 5, 1]),
            (0, [3, 4], [0, 0]),
            (1, [1], [1]),
            (-1, [1], [-1]),
        ],
    )
    def test_largest_remainder(self, total: int, weights: list[int], parts: list[int]) -> None:
        assert allocate(total, weights) == parts

    @pytest.mark.parametrize("weights", [[], [0], [0, 0]])
    def test_somebody_has_a_share(self, weights: list[int]) -> None:
        with pytest.raises(ValueError, match=r"^At least one share must be above zero\.$"):
            allocate(100, weights)

    @pytest.mark.parametrize("weights", [[2, -1], [1, -1], [-1]])
    def test_a_share_is_not_negative(self, weights: list[int]) -> None:
        with pytest.raises(ValueError, match=r"^A share cannot be negative\.$"):
            allocate(100, weights)

    @given(AMOUNTS, WEIGHTS)
    def test_nothing_is_lost_and_nobody_is_a_unit_off(self, total: int, weights: list[int]) -> None:
        parts = allocate(total, weights)
        assert sum(parts) == total
        for part, weight in zip(parts, weights, strict=True):
            assert abs(Fraction(total * weight, sum(weights)) - part) < 1
            assert weight or part == 0

    @given(AMOUNTS, WEIGHTS)
    def test_a_negative_total_mirrors_the_positive(self, total: int, weights: list[int]) -> None:
        assert allocate(-total, weights) == [-part for part in allocate(total, weights)]

    @given(AMOUNTS, WEIGHTS, st.integers(1, 1000))
    def test_only_the_proportion_of_weights_counts(self, total: int, weights: list[int], factor: int) -> None:
        assert allocate(total, [weight * factor for weight in weights]) == allocate(total, weights)

    @given(st.integers(0, 10**9), st.integers(1, 9))
    def test_equal_shares_favour_the_lowest_index(self, total: int, people: int) -> None:
        parts = allocate(total, [1] * people)
        assert parts == sorted(parts, reverse=True)


class TestConversion:
    def test_each_row_is_rounded_before_it_is_summed(self) -> None:
        assert sum(convert(1, Decimal("1.5"), "EUR", "USD") for _ in range(3)) == 6

    @pytest.mark.parametrize(
        ("minor", "rate", "currencies", "converted"),
        [
            (10000, "150.255", ("USD", "JPY"), 15026),
            (15026, "0.0066553", ("JPY", "USD"), 10000),
            (-1, "1.5", ("EUR", "USD"), -2),
            (1000, "0.30771", ("KWD", "USD"), 31),
            (12345, "1", ("EUR", "USD"), 12345),
        ],
    )
    def test_decimals_of_both_currencies_count(
        self, minor: int, rate: str, currencies: tuple[str, str], converted: int
    ) -> None:
        assert convert(minor, Decimal(rate), *currencies) == converted

    @pytest.mark.parametrize("rate", ["0", "-1", "NaN", "Infinity"])
    def test_a_rate_is_above_zero(self, rate: str) -> None:
        with pytest.raises(ValueError, match=r"^An exchange rate must be above zero\.$"):
            convert(100, Decimal(rate), "EUR", "USD")


class TestPlainText:
    @pytest.mark.parametrize(
        ("text", "exponent", "minor"),
        [
            ("0", 2, 0),
            ("1000.5", 2, 100050),
            ("-0.05", 2, -5),
            ("1000", 0, 1000),
            ("1.234", 3, 1234),
            ("007", 2, 700),
            ("999999999999.99", 2, 99999999999999),
        ],
    )
    def test_reads_what_is_written_plainly(self, text: str, exponent: int, minor: int) -> None:
        assert parse_plain(text, exponent) == minor

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "1e3",
            "1_000",
            "٣",
            "１",
            "  1 ",
            "1\n",
            "+1",
            "--1",
            "1,000.00",
            "1.000,00",
            "1 000",
            "(100)",
            "100-",
            "€100",
            "NaN",
            "Infinity",
            "1.",
            ".5",
            "1.2.3",
            "1\x00",
        ],
    )
    def test_anything_else_is_refused_with_an_example(self, text: str) -> None:
        said = r"^Amounts use a full stop and no thousands separator, e\.g\. 1000\.00\.$"
        with pytest.raises(ValueError, match=said):
            parse_plain(text, 2)

    @pytest.mark.parametrize(("text", "exponent"), [("1.005", 2), ("1.50", 0), ("1.2345", 3)])
    def test_no_more_decimals_than_the_currency_has(self, text: str, exponent: int) -> None:
        with pytest.raises(ValueError, match=rf"^There are at most {exponent} decimals here\.$"):
            parse_plain(text, exponent)

    @pytest.mark.parametrize("text", ["1234567890123", "1" * 5000])
    def test_no_more_digits_than_can_be_kept(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"^There are at most 12 digits before the decimals\.$"):
            parse_plain(text, 2)

    @pytest.mark.parametrize("text", ["-0", "-0.00"])
    def test_zero_has_no_sign(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"^Zero has no sign: write 0\.$"):
            parse_plain(text, 2)

    @given(st.integers(-(10**12) + 1, 10**12 - 1), st.integers(0, 4))
    def test_writing_and_reading_are_inverse(self, minor: int, exponent: int) -> None:
        assert parse_plain(plain(minor, exponent), exponent) == minor

    @pytest.mark.parametrize(
        ("minor", "exponent", "text"),
        [
            (-5, 2, "-0.05"),
            (-1, 0, "-1"),
            (1000, 0, "1000"),
            (0, 2, "0.00"),
            (0, 0, "0"),
            (-12345, 3, "-12.345"),
            (100050, 2, "1000.50"),
        ],
    )
    def test_writes_all_decimals(self, minor: int, exponent: int, text: str) -> None:
        assert plain(minor, exponent) == text


class TestShares:
    @pytest.mark.parametrize(
        ("text", "weight"),
        [("100", WHOLE_SHARE), ("33.333333", 33_333_333), ("0", 0), ("0.000001", 1), ("60.5", 60_500_000)],
    )
    def test_percent_with_six_decimals(self, text: str, weight: int) -> None:
        assert parse_share(text) == weight
        assert plain_share(weight) == text

    @pytest.mark.parametrize("text", ["", "-1", "1/3", "33.3333333", "50%", " 50", "1e2", "٥٠", "1000"])
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(
            ValueError, match=r"^A share is a percentage with at most 6 decimals, e\.g\. 33\.333333\.$"
        ):
            parse_share(text)

    @pytest.mark.parametrize("text", ["100.000001", "101", "999"])
    def test_at_most_everything(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"^A share is at most 100 %\.$"):
            parse_share(text)
