"""What was asked of the demo company's people, and what they called each week. Pure and repeatable."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from common.money import allocate
from salesops.demo.company import Company, Patch
from salesops.demo.trade import quota_by_quarter

THOUSAND = 1_000_00
HEDGE = 1.05
"""By how much the numbers handed down exceed the number that a lead was given, per level."""


@dataclass(frozen=True)
class Quota:
    """An amount asked of one person or of one territory in the quarter that starts on `quarter`."""

    quarter: date
    person_id: int | None
    node_id: int | None
    amount: int
    reason: str = ""
    replaced: int | None = None


@dataclass(frozen=True)
class Call:
    """What a person called for a quarter on a day, for themselves or for the team of their node."""

    quarter: date
    person_id: int
    node_id: int
    is_team: bool
    day: date
    amount: int


def quarter_spans(company: Company) -> list[tuple[date, date]]:
    """The quarters with quotas: those with orders, and the rest of the running year."""
    spans = company.days.quarters()
    while spans[-1][1].year == company.days.today.year:
        start = spans[-1][1]
        months = start.month + 2
        spans.append((start, date(start.year + months // 12, months % 12 + 1, 1)))
    return spans


def quotas(company: Company, seed: int) -> Iterator[Quota]:
    """Every quota: of people by the days on their patches, of vacant patches, and of the nodes above."""
    for start, stop in quarter_spans(company):
        people: dict[int, int] = defaultdict(int)
        nodes: dict[int, int] = defaultdict(int)
        for patch in company.patches:
            asked = quota_by_quarter(patch, start.year, seed)[(start.month - 1) // 3]
            shares = _owned_days(patch, start, stop)
            if not shares:
                yield Quota(start, None, patch.node.id, asked)
            for (person_id, _), amount in zip(
                shares, allocate(asked, [d for _, d in shares] or [1]), strict=False
            ):
                people[person_id] += amount
            for level, node_id in enumerate(_above(company, patch.node.id, stop)):
                nodes[node_id] += round(asked / HEDGE ** (level + 1))
        yield from (_personal(company, start, person_id, amount) for person_id, amount in people.items())
        yield from (
            Quota(start, None, node, round(total / THOUSAND) * THOUSAND) for node, total in nodes.items()
        )


def _personal(company: Company, start: date, person_id: int, amount: int) -> Quota:
    if person_id % 13 == 5 and start == company.days.ago(3):
        before = round(amount * 1.08 / THOUSAND) * THOUSAND
        return Quota(start, person_id, None, amount, "relief after a large customer closed its plant", before)
    return Quota(start, person_id, None, amount)


def _owned_days(patch: Patch, start: date, stop: date) -> list[tuple[int, int]]:
    shares = [
        (person_id, (min(until or stop, stop) - max(since, start)).days)
        for since, until, person_id in patch.owners
    ]
    return [(person_id, days) for person_id, days in shares if days > 0]


def _above(company: Company, node_id: int, stop: date) -> Iterator[int]:
    """The nodes above a node on the last day before `stop`, nearest first."""
    below = {
        move.who: move.where
        for move in company.moves
        if move.starts_on < stop and (move.stops_on is None or stop <= move.stops_on)
    }
    parent = below.get(node_id)
    while parent is not None:
        yield parent
        parent = below.get(parent)


def calls(company: Company, expected: dict[int, dict[date, int]], seed: int) -> Iterator[Call]:
    """Each Monday's calls of the quarters with orders, by every rep for themselves and every lead of a team.

    `expected`: patch number -> first day of a quarter -> what its order intake comes to.
    """
    for start, stop in company.days.quarters():
        for day in _mondays(start, min(stop, company.days.today)):
            weeks = (stop - day).days / 7
            for team_id, patches in company.teams.items():
                ends = [expected[patch.number][start] for patch in patches]
                for patch, end in zip(patches, ends, strict=True):
                    person_id, seat_id = patch.seller(day)
                    if seat_id == patch.node.id:
                        yield Call(
                            start, person_id, seat_id, False, day, _called(end, person_id, weeks, day, seed)
                        )
                lead = patches[0].lead_id
                yield Call(start, lead, team_id, True, day, _called(sum(ends), lead, weeks, day, seed))


def _mondays(start: date, stop: date) -> Iterator[date]:
    day = start + timedelta(days=-start.weekday() % 7)
    while day < stop:
        yield day
        day += timedelta(days=7)


def _called(end: int, person_id: int, weeks: float, day: date, seed: int) -> int:
    """The end figure through the person's eyes: their habit, and less error the fewer weeks are left."""
    habit = Random(f"habit {seed} {person_id}").gauss(0.04, 0.10)
    mood = Random(f"mood {seed} {person_id} {day}").gauss(0, 0.02)
    seen = end * (1 + (habit + mood) * (0.2 + weeks / 13))
    return max(0, round(seen / THOUSAND)) * THOUSAND
