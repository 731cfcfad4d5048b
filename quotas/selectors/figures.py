"""Figures of one row: order intake against quota, over one quarter or the year so far."""

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Literal

from common.money import round_half_away
from quotas import rules


@dataclass(frozen=True)
class Figures:
    """Order intake and quota of successive quarters, the last of them with the share of it that is due by now.

    `awaited`: what awaits its booking, quarter by quarter.
    """

    intakes: tuple[int, ...]
    quotas: tuple[int | None, ...]
    share: Fraction | None
    awaited: tuple[int, ...] = ()

    @cached_property
    def intake(self) -> int:
        return sum(self.intakes)

    @cached_property
    def quota(self) -> int | None:
        return rules.sum_known(self.quotas)

    @property
    def awaiting(self) -> int | None:
        """What awaits its booking and is no order intake yet; None where nothing does."""
        return sum(self.awaited) or None

    @property
    def attainment(self) -> Fraction | None:
        return rules.attainment(self.intake, self.quota)

    @property
    def due(self) -> int | None:
        """The order intake at which the pace is 100 %."""
        due = rules.due(self.quotas, self.share)
        return None if due is None else round_half_away(due)

    @property
    def pace(self) -> Fraction | None:
        return rules.pace(self.intake, rules.due(self.quotas, self.share))

    @property
    def gap(self) -> int | None:
        return rules.gap(self.intake, self.quota)

    def run_rate(self, days_left: int) -> Fraction | Literal["met"] | None:
        return rules.run_rate(self.intake, self.quota, days_left)

    def last(self) -> "Figures":
        """The same of the last quarter alone."""
        return replace(self, intakes=self.intakes[-1:], quotas=self.quotas[-1:], awaited=self.awaited[-1:])
