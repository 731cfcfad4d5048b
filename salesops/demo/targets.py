"""What was asked of the demo company's people, and what they called each week. Pure and repeatable."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from common.calendars import Span
from common.money import allocate
from salesops.demo.company import Company
from salesops.demo.trade import THOUSAND, quota_of

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


def quotas(company: Company, seed: int) -> Iterator[Quota]:
    """Every quota: of people by the days on their patches, of vacant patches, and of the nodes above."""
    for quarter in company.days.quarters():
        parents = _parents(company, quarter.last_day)
        people: dict[int, int] = defaultdict(int)
        nodes: dict[int, int] = defaultdict(int)
        for patch in company.patches:
            asked = quota_of(patch, quarter.start, seed)
            days = [(Span(start, stop or date.max), person) for start, stop, person in patch.owners]
            owned = [(shared.days, person) for span, person in days if (shared := quarter.shared(span))]
            if not owned:
                yield Quota(quarter.start, None, patch.node.id, asked)
            else:
                amounts = allocate(asked, [shared for shared, _ in owned])
                for (_, person), amount in zip(owned, amounts, strict=True):
                    people[person] += amount
            for level, node_id in enumerate(_above(parents, patch.node.id), 1):
                nodes[node_id] += round(asked / HEDGE**level)
        yield from (_personal(company, quarter.start, person, amount) for person, amount in people.items())
        for node_id, total in nodes.items():
            yield Quota(quarter.start, None, node_id, round(total / THOUSAND) * THOUSAND)


def _personal(company: Company, quarter: date, person_id: int, amount: int) -> Quota:
    if person_id % 13 == 5 and quarter == company.days.ago(3):
        before = round(amount * 1.08 / THOUSAND) * THOUSAND
        return Quota(
            quarter, person_id, None, amount, "relief after a large customer closed its plant", before
        )
    return Quota(quarter, person_id, None, amount)


def _parents(company: Company, day: date) -> dict[int, int | None]:
    """Each node's parent on that day."""
    moves = company.moves
    return {m.who: m.where for m in moves if m.starts_on <= day and (m.stops_on is None or day < m.stops_on)}


def _above(parents: dict[int, int | None], node_id: int) -> Iterator[int]:
    """The nodes above a node, nearest first."""
    parent = parents[node_id]
    while parent is not None:
        yield parent
        parent = parents[parent]


def calls(company: Company, expected: dict[int, dict[date, int]], seed: int) -> Iterator[Call]:
    """Each Monday's calls of the quarters with orders, by every rep for themselves and every lead of a team.

    `expected`: patch number -> first day of a quarter -> what its order intake comes to.
    """
    for quarter in company.days.traded():
        start = quarter.start
        known = (min(quarter.stop, company.days.today) - start).days
        for number in range(-start.weekday() % 7, known, 7):
            day = start + timedelta(days=number)
            weeks = (quarter.stop - day).days / 7
            for team_id, patches in company.teams.items():
                ends = [expected[patch.number][start] for patch in patches]
                for patch, end in zip(patches, ends, strict=True):
                    person, seat = patch.seller(day)
                    if seat == patch.node.id:
                        amount = _called(end, person, weeks, day, seed)
                        yield Call(start, person, seat, False, day, amount)
                lead = patches[0].lead_id
                yield Call(start, lead, team_id, True, day, _called(sum(ends), lead, weeks, day, seed))


def _called(end: int, person_id: int, weeks: float, day: date, seed: int) -> int:
    """The end figure through the person's eyes: their habit, and less error the fewer weeks are left."""
    habit = Random(f"habit {seed} {person_id}").gauss(0.04, 0.10)
    mood = Random(f"mood {seed} {person_id} {day}").gauss(0, 0.02)
    seen = end * (1 + (habit + mood) * (0.2 + weeks / 13))
    return max(0, round(seen / THOUSAND)) * THOUSAND
