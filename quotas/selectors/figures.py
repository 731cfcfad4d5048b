"""Figures of one row: order intake against quota, over one quarter or the year so far."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from common.calendars import working_days
from common.models import Period
from common.money import round_half_away
from quotas import rules

WEEKDAYS = frozenset(range(5))


@dataclass(frozen=True)
class Figures:
    """Order intake and quota of successive quarters, the last of them with the share of it that is due by now."""

    intakes: tuple[int, ...]
    quotas: tuple[int | None, ...]
    share: Fraction | None

    @property
    def intake(self) -> int:
        return sum(self.intakes)

    @property
    def quota(self) -> int | None:
        known = [quota for quota in self.quotas if quota is not None]
        return sum(known) if known else None

    @property
    def attainment(self) -> Fraction | None:
        return rules.ytd_attainment(self.intakes, self.quotas)

    @property
    def pace(self) -> Fraction | None:
        return rules.ytd_pace(self.intakes, self.quotas, self.share)

    @property
    def gap(self) -> int | None:
        return rules.gap(self.intake, self.quota)

    @property
    def due(self) -> int | None:
        """The order intake at which the pace is 100 %."""
        if self.share is None or self.quota is None:
            return None
        return sum(quota or 0 for quota in self.quotas[:-1]) + round_half_away(
            (self.quotas[-1] or 0) * self.share
        )

    def last(self) -> "Figures":
        """The same of the last quarter alone."""
        return replace(self, intakes=self.intakes[-1:], quotas=self.quotas[-1:])


def due_share(period: Period, on: date) -> Fraction | None:
    """The part of a period's quota that is due by the end of the day before `on`: an equal share per working day."""
    elapsed = working_days(
        period.starts_on, min(max(on, period.starts_on), period.stops_on), WEEKDAYS, frozenset()
    )
    return rules.share_by_working_days(elapsed, whole_days(period))


def whole_days(period: Period) -> int:
    return working_days(period.starts_on, period.stops_on, WEEKDAYS, frozenset())


def days_left(period: Period, on: date) -> int:
    """The working days of the period from `on` to its end."""
    return working_days(max(on, period.starts_on), period.stops_on, WEEKDAYS, frozenset())


def column_of(month_on: date, periods: Sequence[Period]) -> int:
    """Which of the quarters a month lies in."""
    return next(index for index, one in enumerate(periods) if one.starts_on <= month_on < one.stops_on)
