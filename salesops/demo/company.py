"""The demo company on paper: its days, people, tree and who sits where, by date. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import TypeVar

from common.calendars import add_months, quarters
from salesops.demo import words

T = TypeVar("T")


@dataclass(frozen=True)
class Size:
    """How large a demo company is. `accounts`, `deals` and `repeat_orders` count per patch."""

    regions: int
    teams: int
    patches: int
    accounts: int
    deals: int
    repeat_orders: int
    has_history: bool = False
    activities: int = 1


SIZES = {
    "small": Size(3, 2, 5, 10, 50, 24, has_history=True, activities=3),
    "medium": Size(4, 5, 10, 40, 500, 140),
    "large": Size(10, 10, 10, 100, 1_000, 275),
    "huge": Size(10, 10, 10, 100, 1_000, 6_600),
}


@dataclass(frozen=True)
class Days:
    """The days around which everything is dated: what began when, and up to when we know anything."""

    today: date

    @property
    def yesterday(self) -> date:
        return self.today - timedelta(days=1)

    @property
    def quarter(self) -> date:
        """The first day of the running quarter."""
        return date(self.today.year, (self.today.month - 1) // 3 * 3 + 1, 1)

    @property
    def start(self) -> date:
        """The first day of the ledger: eight whole quarters before the running one."""
        return add_months(self.quarter, -24)

    @property
    def years(self) -> range:
        return range(self.start.year, self.today.year + 2)

    def quarters(self) -> list[tuple[date, date]]:
        """The quarters with orders, oldest first; the last one is running."""
        spans = [span for year in self.years for span in quarters(1, year)]
        return [(span.start, span.stop) for span in spans if self.start <= span.start <= self.quarter]

    def ago(self, months: int, days: int = 0) -> date:
        """A day in the middle of things: so many months before the running quarter, and some days on."""
        return add_months(self.quarter, -months) + timedelta(days=days)


@dataclass
class Person:
    """A person of the company; `stops_on` is the day from which they have left."""

    id: int
    name: str
    role: str
    currency: str
    starts_on: date
    stops_on: date | None = None

    @property
    def mail(self) -> str:
        return words.mail(self.name)


@dataclass(frozen=True)
class Node:
    """A territory of the tree as it was drawn at the start."""

    id: int
    name: str
    code: str
    parent_id: int | None


@dataclass(frozen=True)
class Stay:
    """Somebody or something at a place on `[starts_on, stops_on)`: a seat, or a node below its parent."""

    who: int
    where: int | None
    kind: str
    starts_on: date
    stops_on: date | None
    reason: str = ""


@dataclass
class Patch:
    """A leaf territory: its team's lead stands in while nobody owns it."""

    number: int
    node: Node
    team: Node
    region: str
    currency: str
    country: str
    lead_id: int
    owners: list[tuple[date, date | None, int]] = field(default_factory=list)

    def seller(self, day: date) -> tuple[int, int]:
        """Who sells here on that day, and the node where that person sits."""
        for starts_on, stops_on, person_id in self.owners:
            if starts_on <= day and (stops_on is None or day < stops_on):
                return person_id, self.node.id
        return self.lead_id, self.team.id


@dataclass
class Company:
    """Everything about the demo company that is not trade."""

    days: Days
    people: list[Person] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    seats: list[Stay] = field(default_factory=list)
    moves: list[Stay] = field(default_factory=list)
    patches: list[Patch] = field(default_factory=list)
    teams: dict[int, list[Patch]] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=lambda: count(1))

    def hire(self, role: str, currency: str, starts_on: date) -> Person:
        number = len(self.people)
        person = Person(number + 1, words.person_name(number), role, currency, starts_on)
        self.people.append(person)
        return person

    def node(self, name: str, code: str, parent: Node | None) -> Node:
        node = Node(next(self._ids), name, code, parent.id if parent else None)
        self.nodes.append(node)
        return node

    def sit(
        self, person: Person, node: Node, kind: str, stops_on: date | None = None, reason: str = ""
    ) -> None:
        self.seats.append(Stay(person.id, node.id, kind, person.starts_on, stops_on, reason))

    @property
    def root(self) -> Node:
        return self.nodes[0]

    @property
    def unassigned(self) -> Node:
        return self.nodes[1]


def found(size: Size, today: date) -> Company:
    """The company of that size on that day: the same people on the same seats each time."""
    company = Company(Days(today))
    start = company.days.start
    root = company.node(words.COMPANY, "ALL", None)
    company.node("Unassigned", "UNASSIGNED", root)
    regions = [_region(company, root, number, size) for number in range(size.regions)]
    company.sit(company.hire("executive", "EUR", start), root, "lead")
    company.hire("admin", "EUR", start)
    company.hire("coordinator", "EUR", start)
    for patch in company.patches:
        _tell(company, patch)
    _swap(company)
    _overlay(company, regions)
    _redraw(company, regions)
    return company


def _region(company: Company, root: Node, number: int, size: Size) -> Node:
    name, code, currency, _ = words.REGIONS[number]
    region = company.node(name, code, root)
    company.sit(company.hire("director", currency, company.days.start), region, "lead")
    for team_number in range(1, size.teams + 1):
        team = company.node(f"{name} team {team_number}", f"{code}-{team_number}", region)
        lead = company.hire("manager", currency, company.days.start)
        company.sit(lead, team, "lead")
        for patch_number in range(1, size.patches + 1):
            _patch(company, team, number, lead, patch_number)
    return region


def _patch(company: Company, team: Node, region: int, lead: Person, number: int) -> None:
    name, _, currency, country = words.REGIONS[region]
    index = len(company.patches)
    place = words.town(index * 3 + 1)
    node = company.node(f"{place} patch", f"{team.code}-{number}", team)
    patch = Patch(index, node, team, name, currency, country, lead.id)
    company.patches.append(patch)
    company.teams.setdefault(team.id, []).append(patch)


def _tell(company: Company, patch: Patch) -> None:
    """Who owned the patch when. Of twenty patches one stands vacant and one has changed hands mid-quarter."""
    days, story = company.days, patch.number % 20
    first = company.hire("rep", patch.currency, days.start)
    if story == 19:
        _own(company, patch, first, days.start, days.ago(3), "left the company")
        first.stops_on = days.ago(3)
    elif story == 7:
        day = days.ago(6, 45)
        _own(company, patch, first, days.start, day, "left the company")
        first.stops_on = day
        _own(company, patch, company.hire("rep", patch.currency, day), day, None, "joined")
    elif story not in (11, 12):
        _own(company, patch, first, days.start, None)


def _own(
    company: Company, patch: Patch, person: Person, start: date, stop: date | None, reason: str = ""
) -> None:
    patch.owners.append((start, stop, person.id))
    company.seats.append(Stay(person.id, patch.node.id, "owner", start, stop, reason))


def _swap(company: Company) -> None:
    """Owners of two neighbouring patches who changed places in the middle of a quarter."""
    waiting = [patch for patch in company.patches if patch.number % 20 in (11, 12)]
    reps = {person.id: person for person in company.people}
    seated = {stay.who for stay in company.seats}
    free = [p for p in reps.values() if p.role == "rep" and p.id not in seated]
    day = company.days.ago(3, 40)
    for (left, right), (one, other) in zip(_pairs(waiting), _pairs(free), strict=True):
        for patch, before, after in ((left, one, other), (right, other, one)):
            _own(company, patch, before, company.days.start, day, "swapped patches")
            _own(company, patch, after, day, None, "swapped patches")


def _pairs(items: list[T]) -> list[tuple[T, T]]:
    return list(zip(items[::2], items[1::2], strict=True))


def _overlay(company: Company, regions: list[Node]) -> None:
    """A specialist who helps in two regions, without quota of their own."""
    specialist = company.hire("rep", "EUR", company.days.start)
    for region in regions[:2]:
        company.sit(specialist, region, "overlay", reason="software specialist")


def _redraw(company: Company, regions: list[Node]) -> None:
    """The tree by date: one team went to the neighbouring region, one patch to the neighbouring team."""
    team = company.patches[-1].team
    patch = company.patches[2]
    new_team = next(t for t in company.teams if t != patch.team.id)
    moved = {
        team.id: (regions[0].id, company.days.ago(6, 31)),
        patch.node.id: (new_team, company.days.ago(3, 15)),
    }
    for node in company.nodes:
        parent, day = moved.get(node.id, (None, None))
        company.moves.append(Stay(node.id, node.parent_id, "below", company.days.start, day))
        if day:
            company.moves.append(Stay(node.id, parent, "below", day, None))
