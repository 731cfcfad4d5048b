"""How often deals are won and how fast: rates by count and by value, what few deals can be taken for, velocity. Pure.

Quantiles of the Beta distribution are worked out here (a continued fraction and a bisection): the one statistic that
the product needs of a library of a hundred megabytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import exp, lgamma, log, log1p
from typing import TypeGuard

USUAL_STRENGTH, LEAST_STRENGTH, MOST_STRENGTH = 10, 2, 200
FEWEST_GROUPS, FEWEST_DECIDED, PROVISIONAL_BELOW = 3, 10, 4
TAIL = 0.05
"""What lies outside of a 90 % range on each of its sides."""
ROUNDS, STEPS, TINY, CLOSE = 300, 60, 1e-300, 1e-14


@dataclass(frozen=True)
class Prior:
    """What is usual before anything is known of a group: as if so many deals had been won and so many lost."""

    a: Fraction
    b: Fraction

    @property
    def share(self) -> Fraction:
        """The rate at which a group begins."""
        return self.a / self.weight

    @property
    def weight(self) -> Fraction:
        """As how many deals it weighs."""
        return self.a + self.b


UNKNOWN = Prior(Fraction(4), Fraction(6))
"""What is taken for usual while too few deals were decided to tell."""


@dataclass(frozen=True)
class Likely:
    """What a rate can be taken for, the range in which it lies with 90 % probability, and of how many deals.

    The range is worked out when it is asked for: to rank hundreds of groups their means do.
    """

    known: Prior
    n: int

    @property
    def mean(self) -> Fraction:
        return self.known.share

    @cached_property
    def low(self) -> float:
        return self._quantile(TAIL)

    @cached_property
    def high(self) -> float:
        return self._quantile(1 - TAIL)

    def _quantile(self, share: float) -> float:
        return beta_quantile(share, float(self.known.a), float(self.known.b))

    @property
    def is_provisional(self) -> bool:
        """Whether fewer than four were decided, so that its place says little."""
        return self.n < PROVISIONAL_BELOW


def ratio(part: int, whole: int) -> Fraction | None:
    """Part ÷ whole; None where there is nothing. Example: won 2 of 4 → 1/2. Raises nothing."""
    return Fraction(part, whole) if whole else None


def likely(won: int, n: int, prior: Prior) -> Likely:
    """The rate of a group of which so many of n were won: (a + won) ÷ (a + b + n), with its 90 % range.

    Example: prior (4, 6): 2 of 2 → 50 %, 27.1 to 72.9 %; 9 of 12 → 59 %, 41.7 to 75.5 %. Raises nothing.
    """
    return Likely(Prior(prior.a + won, prior.b + n - won), n)


def fitted(groups: Sequence[tuple[int, int]]) -> Prior:
    """The prior of groups of which each won so many of n: how good they are together, and how far they lie apart.

    One win and one loss are added to the whole, so that it is never certain. With fewer than three groups, or where all
    or none was won, it weighs as much as 10 deals; of fewer than 10 decided deals nothing is fitted.
    Example: (3, 6), (3, 6) → Beta(5, 5); (1, 1) → Beta(4, 6). Raises nothing.
    """
    found = [(won, n) for won, n in groups if n]
    won, whole = sum(one for one, _n in found), sum(n for _won, n in found)
    if whole < FEWEST_DECIDED:
        return UNKNOWN
    mean = Fraction(won + 1, whole + 2)
    strength = _strength(found, won, whole)
    return Prior(mean * strength, (1 - mean) * strength)


def _strength(groups: Sequence[tuple[int, int]], won: int, whole: int) -> int:
    """As how many deals the prior weighs: the less the groups lie apart beyond chance, the more."""
    if len(groups) < FEWEST_GROUPS or won in (0, whole):
        return USUAL_STRENGTH
    p, free = Fraction(won, whole), len(groups) - 1
    spread = sum(n * (Fraction(one, n) - p) ** 2 for one, n in groups) / (p * (1 - p))
    room = whole - Fraction(sum(n * n for _won, n in groups), whole) - free
    if room <= 0:
        return USUAL_STRENGTH
    apart = (spread - free) / room
    if apart <= 0:
        return MOST_STRENGTH
    return min(max(round(1 / apart - 1), LEAST_STRENGTH), MOST_STRENGTH)


def velocity_by_count(
    open_deals: int, won_value: int, won_valued: int, rate: Fraction | None, cycle: Fraction | None
) -> Fraction | None:
    """Open deals × mean value of a won deal × win rate by count ÷ cycle days: what comes in a day.

    `won_valued`: how many won deals that value is of. None without one of them, a rate, or a cycle of more than 0 days.
    Example: 50 × 60,000 ÷ 3 × 25 % ÷ 60 → 4,166.67. Raises nothing.
    """
    if not won_valued or rate is None or not _goes_on(cycle):
        return None
    return open_deals * Fraction(won_value, won_valued) * rate / cycle


def velocity_by_value(
    open_value: int, won_value: int, lost_value: int, cycle: Fraction | None
) -> Fraction | None:
    """Open value × win rate by value ÷ cycle days: what comes in a day.

    None without anything decided or a cycle of more than 0 days.
    Example: 1,000,000 × 30 % ÷ 60 → 5,000. Raises nothing.
    """
    if not (won_value + lost_value) or not _goes_on(cycle):
        return None
    return open_value * Fraction(won_value, won_value + lost_value) / cycle


def _goes_on(cycle: Fraction | None) -> TypeGuard[Fraction]:
    return cycle is not None and cycle > 0


def beta_quantile(share: float, a: float, b: float) -> float:
    """Below which value so much of Beta(a, b) lies. Example: 5 % of Beta(6, 6) → 0.2712. Raises nothing."""
    low, high = 0.0, 1.0
    for _step in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if beta_below(middle, a, b) < share else (low, middle)
    return (low + high) / 2


def beta_below(x: float, a: float, b: float) -> float:
    """How much of Beta(a, b) lies below x, between 0 and 1: the regularised incomplete beta function."""
    if not 0 < x < 1:
        return min(max(x, 0.0), 1.0)
    if x > (a + 1) / (a + b + 2):  # the fraction converges fast on the other side
        return 1 - beta_below(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    return front * _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    c, d = 1.0, 1 / _off_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, ROUNDS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for step in (even, odd):
            d = 1 / _off_zero(1 + step * d)
            c = _off_zero(1 + step / c)
            value *= c * d
        if abs(c * d - 1) < CLOSE:
            break
    return value


def _off_zero(value: float) -> float:
    return value if abs(value) > TINY else TINY
