"""Rolling quotas up, and what is measured against them.

Amounts are whole minor units of one currency, ratios exact fractions. None means *undefined*, shown as "—".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from graphlib import TopologicalSorter
from typing import Literal, NamedTuple

from common.calendars import Span, WorkDays


class Key(NamedTuple):
    """What a quota is about: one version of it stands."""

    person_id: int | None
    territory_id: int | None
    period_id: int
    family_id: int | None
    kind: str


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


def cut(sizes: Sequence[int]) -> list[list[int]]:
    """What parts a work is cut into, by the places of its pieces: about half of it, half of what is left, and so on.

    So that who comes late finds small ones, and who is alone has few. Sizes are whole numbers of any unit. Example:
    3, 3, 3, 3 → [0, 1], [2], [3]; 5, 0, 5 → [0, 1], [2]. Raises nothing.
    """
    parts: list[list[int]] = [[]]
    left, held = sum(sizes), 0
    for place, size in enumerate(sizes):
        if held and size and 2 * held + size > left:
            left, held = left - held, 0
            parts.append([])
        parts[-1].append(place)
        held += size
    return parts


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
    A node whose parent is not given is a root. Unit: minor units. Raises ValueError when the nodes form a cycle.
    """
    by_key = {node.key: node for node in nodes}
    below: dict[int, list[int]] = {key: [] for key in by_key}
    for node in by_key.values():
        if node.parent in below:
            below[node.parent].append(node.key)
    result: dict[int, RolledUp] = {}
    for key in TopologicalSorter(below).static_order():
        counted = (result[child].counted for child in below[key])
        result[key] = RolledUp(by_key[key].assigned, sum_known([by_key[key].own, *counted]))
    return result


def sum_known(amounts: Iterable[int | None]) -> int | None:
    """Σ of the amounts that are set; None where none is.

    Example: 300, unset and 250 → 550. Unit: minor units. Raises nothing.
    """
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


def attainment(actual: int, quota: int | None) -> Fraction | None:
    """Actual ÷ quota, never capped; None without a quota above 0.

    Example: 130 of 100 → 13/10; -20 of 100 → -1/5; anything of 0 → None. Raises nothing.
    """
    return Fraction(actual, quota) if quota is not None and quota > 0 else None


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


def days_left(period: Span, on: date, work: WorkDays) -> int:
    """The working days of a period from `on` to its end.

    Example: 1 April to 1 July 2026, on Wednesday 20 May → 30; with Monday 25 May off → 29. Unit: days. Raises nothing.
    """
    return work.between(max(on, period.start), period.stop)


def share_due(period: Span, on: date, work: WorkDays) -> Fraction | None:
    """The share of a quota that is due by the end of the day before `on`: working days gone ÷ working days.

    Example: the same → 35/65, with Monday 25 May off → 35/64; no working day in the period → None. Raises nothing.
    """
    whole = days_left(period, period.start, work)
    return Fraction(whole - days_left(period, on, work), whole) if whole else None


def due(quotas: Sequence[int | None], share: Fraction | None) -> Fraction | None:
    """Σ quota of ended periods + quota * share due of the running one, which comes last.

    None without any quota, or when the share is undefined.
    Example: 1000 and 1000, share 7/20 → 1350. Unit: minor units. Raises nothing.
    """
    if share is None or sum_known(quotas) is None:
        return None
    *ended, running = (quota or 0 for quota in quotas)
    return sum(ended) + running * share


def pace(actual: int, due_by_now: Fraction | None) -> Fraction | None:
    """Actual ÷ what is due by now; None before anything is due.

    Example: 900 and 280 of 1350 due → 1180 ÷ 1350 = 118/135. Raises nothing.
    """
    return actual / due_by_now if due_by_now else None
