"""Who of those that matter to a deal was met, and when that still counts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

MEETINGS = frozenset({"call", "meeting", "demo", "presentation", "visit"})
"""The kinds of activities in which a person was met; a note, a task, an e-mail or a follow-up is none."""


@dataclass(frozen=True)
class StakeholderCoverage:
    """How many stakeholders of a deal were met lately, of how many."""

    met: int
    known: int

    @property
    def ratio(self) -> Fraction:
        return Fraction(self.met, self.known)


def is_met(last_met_on: date | None, today: date, days: int) -> bool:
    """Whether a person was met today or on one of so many days before. Example: of 30 days, 1 May still on 31 May."""
    return last_met_on is not None and last_met_on >= today - timedelta(days=days)


def stakeholder_coverage(
    last_met: Collection[date | None], today: date, days: int
) -> StakeholderCoverage | None:
    """How many of these were met in the last days; None where there is nobody.

    Example: four, of whom one was met yesterday, one 30 days ago, one 31 days ago and one never: 2 of 4 in 30 days.
    """
    if not last_met:
        return None
    return StakeholderCoverage(sum(is_met(day, today, days) for day in last_met), len(last_met))
