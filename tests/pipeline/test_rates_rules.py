"""Win rates, what few deals can be taken for, and velocity: the figures of docs/domain.md."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from pipeline.rules.rates import (
    UNKNOWN,
    Prior,
    beta_below,
    beta_quantile,
    fitted,
    likely,
    ratio,
    velocity_by_count,
    velocity_by_value,
)

USUAL = Prior(Fraction(4), Fraction(6))


def test_closed_and_created_win_rate() -> None:
    won, lost, still_open = 3, 7, 90
    assert ratio(won, won + lost) == Fraction(30, 100)
    assert ratio(won, won + lost + still_open) == Fraction(3, 100)


def test_count_and_value_are_two_rates() -> None:
    assert ratio(2, 4) == Fraction(1, 2)
    assert ratio(30_000, 100_000) == Fraction(3, 10)


def test_nothing_decided_is_undefined() -> None:
    assert ratio(0, 0) is None


@pytest.mark.parametrize(
    ("won", "n", "mean", "low", "high"), [(2, 2, "0.500", 0.271, 0.729), (9, 12, "0.591", 0.417, 0.755)]
)
def test_few_deals_stay_near_what_is_usual(won: int, n: int, mean: str, low: float, high: float) -> None:
    found = likely(won, n, USUAL)
    assert f"{float(found.mean):.3f}" == mean
    assert (round(found.low, 3), round(found.high, 3)) == (low, high)


def test_the_proven_rep_ranks_before_the_lucky_one() -> None:
    lucky, proven = likely(2, 2, USUAL), likely(9, 12, USUAL)
    assert proven.mean == Fraction(13, 22) > lucky.mean == Fraction(1, 2)
    assert lucky.is_provisional
    assert not proven.is_provisional


def test_two_alike_groups_leave_the_usual_weight() -> None:
    assert fitted([(3, 6), (3, 6)]) == Prior(Fraction(5), Fraction(5))


def test_nobody_who_won_leaves_no_certainty() -> None:
    prior = fitted([(0, 5), (0, 5), (0, 8)])
    assert prior.a == Fraction(1, 20) * 10
    assert 0 < likely(0, 3, prior).mean < Fraction(1, 20)


def test_groups_that_lie_far_apart_weigh_little_and_alike_ones_much() -> None:
    apart = fitted([(90, 100), (10, 100), (50, 100), (95, 100)])
    alike = fitted([(50, 100), (51, 100), (49, 100), (50, 100)])
    assert apart.a + apart.b < 10 < alike.a + alike.b == 200


def test_groups_that_do_not_differ_at_all_weigh_as_much_as_those_that_hardly_do() -> None:
    same = fitted([(50, 100), (50, 100), (50, 100), (50, 100)])
    hardly = fitted([(50, 100), (50, 100), (50, 100), (51, 100)])
    assert same.a + same.b == hardly.a + hardly.b == 200


def test_of_too_few_decided_deals_nothing_is_fitted() -> None:
    assert fitted([]) == fitted([(9, 9)]) == fitted([(3, 3), (3, 3), (3, 3)]) == UNKNOWN == USUAL
    assert fitted([(5, 10)]) == Prior(Fraction(5), Fraction(5))


def test_the_strength_by_hand() -> None:
    """p 1/2, spread 10 · (0.09 + 0.09 + 0) ÷ 0.25 = 7.2; ρ = (7.2 − 2) ÷ (30 − 10 − 2) = 13/45; 1 ÷ ρ − 1 = 2.46."""
    prior = fitted([(8, 10), (2, 10), (5, 10)])
    assert prior.a + prior.b == 2


def test_quantiles_of_beta() -> None:
    assert beta_quantile(0.5, 1, 1) == pytest.approx(0.5)
    assert beta_quantile(0.05, 1, 1) == pytest.approx(0.05)
    assert beta_below(0.5, 2, 1) == pytest.approx(0.25)  # x squared
    assert beta_below(0.3, 200, 300) == pytest.approx(1 - beta_below(0.7, 300, 200))
    assert (beta_below(0, 2, 3), beta_below(1, 2, 3)) == (0, 1)


@given(some.integers(0, 400), some.integers(0, 400), some.integers(1, 40), some.integers(1, 40))
def test_the_range_holds_ninety_percent(won: int, lost: int, a: int, b: int) -> None:
    found = likely(won, won + lost, Prior(Fraction(a), Fraction(b)))
    inside = beta_below(found.high, a + won, b + lost) - beta_below(found.low, a + won, b + lost)
    assert inside == pytest.approx(0.9, abs=1e-6)
    assert 0 <= found.low <= found.high <= 1


def test_velocity_both_ways() -> None:
    by_count = velocity_by_count(50, 3 * 20_000, 3, Fraction(3, 12), Fraction(60))
    assert by_count is not None
    assert round(float(by_count), 2) == 4166.67
    assert velocity_by_value(1_000_000, 30_000, 70_000, Fraction(60)) == 5000


def test_a_win_without_an_amount_does_not_lower_the_mean_of_the_others() -> None:
    """As above, with a fourth win of which nothing is known: 4 of 16."""
    assert velocity_by_count(50, 3 * 20_000, 3, Fraction(4, 16), Fraction(60)) == Fraction(12_500, 3)


@pytest.mark.parametrize("cycle", [None, Fraction(0), Fraction(-1)])
def test_no_cycle_no_velocity(cycle: Fraction | None) -> None:
    assert velocity_by_count(50, 20_000, 1, Fraction(1, 4), cycle) is None
    assert velocity_by_value(50, 20_000, 1, cycle) is None


def test_nothing_won_or_of_no_known_worth_no_velocity() -> None:
    assert velocity_by_count(50, 0, 0, Fraction(0), Fraction(60)) is None
    assert velocity_by_count(50, 0, 0, Fraction(2, 3), Fraction(60)) is None
    assert velocity_by_count(50, 0, 0, None, Fraction(60)) is None
    assert velocity_by_value(50, 0, 0, Fraction(60)) is None
