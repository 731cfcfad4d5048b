"""Quotas: spreading, prorating, rolling up; and what is measured against them.

Amounts are whole minor units of one currency, ratios exact fractions. None means *undefined*, shown as "—".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from common.calendars import Span
from common.money import allocate, round_half_away


def spread(annual: int, weights: Sequence[int]) -> list[int]:
    """A year's quota cut into periods by their weights, by largest remainder.

    Example: 100000 at 20/20/20/40 → 20000, 20000, 20000, 40000. Unit: minor units.
    Raises ValueError for a negative weight or when the weights total 0.
    """
    return allocate(annual, weights)


def prorate_by_months(quota: int, months: Sequence[Span], starts_on: date, stops_on: date | None) -> int:
    """A period's quota for a seat of part of it: quota * months in the seat ÷ months, rounded once.

    A month counts when the seat holds all of its days.
    Example: 2000000 for January to March, seat from 1 March → 666667. Unit: minor units.
    Raises ValueError without any month.
    """
    if not months:
        raise ValueError("A period has at least one month.")
    held = sum(_held_whole(month, starts_on, stops_on) for month in months)
    return round_half_away(Fraction(quota * held, len(months)))


def prorate_by_days(quota: int, period: Span, starts_on: date, stops_on: date | None) -> int:
    """A period's quota for a seat of part of it: quota * days in the seat ÷ days, rounded once.

    Example: 2000000 for January to March 2026, seat from 1 March → 2000000 * 31 ÷ 90 = 688889.
    Unit: minor units. Raises nothing.
    """
    return round_half_away(Fraction(quota * period.shared_days(starts_on, stops_on), period.days))


def _held_whole(month: Span, starts_on: date, stops_on: date | None) -> bool:
    return month.shared_days(starts_on, stops_on) == month.days


@dataclass(frozen=True, slots=True)
class QuotaNode:
    """One place in the tree: its person's quota, its territory's, and a manager's own selling quota."""

    key: int
    parent: int | None
    person: int | None = None
    territory: int | None = None
    own: int | None = None

    @property
    def assigned(self) -> int | None:
        """Both quotas are the same money: the person's counts, and for a vacancy its territory's."""
        return self.territory if self.person is None else self.person


@dataclass(frozen=True, slots=True)
class RolledUp:
    """The quotas below one node, and the one that it is assigned."""

    assigned: int | None
    rolled_up: int | None

    @property
    def counted(self) -> int | None:
        """What the node adds to the one above: the assigned quota, or where none is set the rolled-up one."""
        return self.rolled_up if self.assigned is None else self.assigned


def over_assignment(below: int | None, assigned: int | None) -> Fraction | None:
    """Quotas below ÷ assigned - 1; below 0 is under-assigned; None without both or an assigned above 0.

    Example: 550 below 500 → 1/10; 850 below 1000 → -3/20. Raises nothing.
    """
    if below is None or assigned is None or assigned <= 0:
        return None
    return Fraction(below, assigned) - 1


def roll_up_quotas(nodes: Iterable[QuotaNode]) -> dict[int, RolledUp]:
    """Every node's rolled-up quota.

    Rolled-up = Σ over the nodes directly below of (assigned, or where none is set their rolled-up) + own row.
    Example: R 1000 over M1 500 (reps 300, 250) and M2 unset (rep 200, vacancy 150) → 850.
    A node whose parent is not given is a root. Unit: minor units.
    Raises ValueError when a key comes twice or the nodes form a cycle.
    """
    by_key: dict[int, QuotaNode] = {}
    for node in nodes:
        if node.key in by_key:
            raise ValueError("A place in the tree was given twice.")
        by_key[node.key] = node
    below: dict[int | None, list[int]] = {}
    for node in by_key.values():
        parent = node.parent if node.parent in by_key else None
        below.setdefault(parent, []).append(node.key)
    top_down = list(below.get(None, []))
    for key in top_down:
        top_down.extend(below.get(key, []))
    if len(top_down) < len(by_key):
        raise ValueError("The tree has a cycle.")
    result: dict[int, RolledUp] = {}
    for key in reversed(top_down):
        result[key] = _rolled_up(by_key[key], [result[child] for child in below.get(key, [])])
    return result


def _rolled_up(node: QuotaNode, children: Sequence[RolledUp]) -> RolledUp:
    return RolledUp(node.assigned, _sum_known([node.own, *(child.counted for child in children)]))


def _sum_known(amounts: Iterable[int | None]) -> int | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


def attainment(actual: int, quota: int | None) -> Fraction | None:
    """Actual ÷ quota, never capped; None without a quota above 0.

    Example: 130 of 100 → 13/10; -20 of 100 → -1/5; anything of 0 → None. Raises nothing.
    """
    return Fraction(actual, quota) if quota is not None and quota > 0 else None


def ytd_attainment(actuals: Sequence[int], quotas: Sequence[int | None]) -> Fraction | None:
    """Σ actual ÷ Σ quota over the periods so far, not the mean of their percentages.

    Example: 50 and 100 of 100 and 50 → 1 (the mean would say 5/4). Raises ValueError for unequal lengths.
    """
    if len(actuals) != len(quotas):
        raise ValueError("Every period needs its order intake and its quota.")
    return attainment(sum(actuals), _sum_known(quotas))


def gap(actual: int, quota: int | None) -> int | None:
    """Quota - actual; 0 or less means the quota is met, None that there is no quota above 0.

    Example: 700 of 1000 → 300; 1100 of 1000 → -100. Unit: minor units. Raises nothing.
    """
    return quota - actual if quota is not None and quota > 0 else None


def run_rate(actual: int, quota: int | None, working_days_left: int) -> Fraction | Literal["met"] | None:
    """What each remaining working day must bring: (quota - actual) ÷ working days left.

    "met" when nothing is missing; None without a quota above 0, or with a gap and no working day left.
    Example: 700 of 1000 with 20 days left → 15. Unit: minor units a day. Raises ValueError for negative days.
    """
    if working_days_left < 0:
        raise ValueError("The working days left cannot be negative.")
    missing = gap(actual, quota)
    if missing is None:
        return None
    if missing <= 0:
        return "met"
    return Fraction(missing, working_days_left) if working_days_left else None


def share_by_working_days(elapsed: int, total: int) -> Fraction | None:
    """The cumulative share without seasonality, an equal share per working day: elapsed ÷ total.

    Example: 16 of 64 → 1/4; no working day in the period → None. Raises ValueError for days out of range.
    """
    if not 0 <= elapsed <= total:
        raise ValueError("The days elapsed must lie between 0 and the working days.")
    return Fraction(elapsed, total) if total else None


def ytd_pace(
    actuals: Sequence[int], quotas: Sequence[int | None], running_share: Fraction | None
) -> Fraction | None:
    """Σ actual ÷ (Σ quota of ended periods + quota * cumulative share of the running one, which comes last).

    None when no quota is due yet, when one is negative, or when the running share is undefined.
    Example: 900 and 280 of 1000 and 1000, running share 7/20 → 1180 ÷ 1350 = 118/135.
    Raises ValueError for unequal lengths or no period.
    """
    if not quotas or len(actuals) != len(quotas):
        raise ValueError("Every period needs its order intake and its quota.")
    known = [quota or 0 for quota in quotas]
    if running_share is None or min(known) < 0:
        return None
    due = sum(known[:-1]) + known[-1] * running_share
    return sum(actuals) / due if due > 0 else None
