"""Figures of one row: order intake against quota, over one quarter or the year so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Literal

from django.utils.translation import gettext as _

from common.money import round_half_away
from pipeline.rules.coverage import pipeline_coverage
from quotas import rules


@dataclass(frozen=True)
class Figures:
    """Order intake and quota of successive quarters, the last of them with the share of it that is due by now.

    `awaited`: what awaits its booking, quarter by quarter. `in_play`: the open pipeline of the last one by category.
    """

    intakes: tuple[int, ...]
    quotas: tuple[int | None, ...]
    share: Fraction | None
    awaited: tuple[int, ...] = ()
    in_play: Mapping[str, int] = field(default_factory=dict)

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
    def covered(self) -> Fraction | Literal["met"] | None:
        """How many times the open pipeline covers the gap, "met" where there is none."""
        return pipeline_coverage(sum(self.in_play.values()), self.quota, self.intake)

    @property
    def coverage(self) -> Fraction | None:
        """The same as a number alone, by which rows are sorted."""
        return None if self.covered == "met" else self.covered

    @property
    def uncovered(self) -> str:
        """Why coverage says nothing, where it does: the quota is met, or there is none."""
        if self.covered == "met":
            return _("met")
        return _("no quota") if self.covered is None else ""

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
