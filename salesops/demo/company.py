"""The demo company on paper: its days, people, tree and who sits where, by date. Pure."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from common.calendars import Span, add_months, quarters
from salesops.demo import facts
from salesops.demo.facts import Region, Size


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

    def quarters(self) -> list[Span]:
        """The quarters with quotas, oldest first: those with orders, and the rest of the running year."""
        spans = [span for year in self.years[:-1] for span in quarters(1, year)]
        return [span for span in spans if self.start <= span.start]

    def traded(self) -> list[Span]:
        """The quarters with orders, oldest first; the last one is running."""
        return [span for span in self.quarters() if span.start <= self.quarter]

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


@dataclass(frozen=True)
class Node:
    """A territory of the tree as it was drawn at the start."""

    id: int
    name: str
    code: str
    kind: str
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
    region: Region
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

    def hire(self, role: str, currency: str, starts_on: date | None = None) -> Person:
        number = len(self.people)
        name = facts.person_name(number)
        person = Person(number + 1, name, role, currency, starts_on or self.days.start)
        self.people.append(person)
        return person

    def node(self, name: str, code: str, kind: str, parent: Node | None) -> Node:
        node = Node(len(self.nodes) + 1, name, code, kind, parent.id if parent else None)
        self.nodes.append(node)
        return node

    def sit(self, person: Person, node: Node, kind: str, reason: str = "") -> None:
        self.seats.append(Stay(person.id, node.id, kind, person.starts_on, None, reason))

    def own(self, patch: Patch, person: Person, start: date, stop: date | None, reason: str = "") -> None:
        patch.owners.append((start, stop, person.id))
        self.seats.append(Stay(person.id, patch.node.id, "owner", start, stop, reason))


def found(size: Size, today: date) -> Company:
    """The company of that size on that day: the same people on the same seats each time."""
    company = Company(Days(today))
    root = company.node(facts.COMPANY, "ALL", "company", None)
    company.node("Unassigned", "UNASSIGNED", "territory", root)
    regions = [_region(company, root, region, size) for region in facts.REGIONS[: size.regions]]
    company.sit(company.hire("executive", "EUR"), root, "lead")
    company.hire("admin", "EUR")
    company.hire("coordinator", "EUR")
    waiting: list[tuple[Patch, Person]] = []
    for patch in company.patches:
        _tell(company, patch, waiting)
    _swap(company, waiting)
    _overlay(company, regions)
    _redraw(company, regions)
    return company


def _region(company: Company, root: Node, region: Region, size: Size) -> Node:
    node = company.node(region.name, region.code, "region", root)
    company.sit(company.hire("director", region.currency), node, "lead")
    for number in range(1, size.teams + 1):
        team = company.node(f"{region.name} team {number}", f"{region.code}-{number}", "area", node)
        lead = company.hire("manager", region.currency)
        company.sit(lead, team, "lead")
        company.teams[team.id] = [
            _patch(company, team, region, lead, part) for part in range(1, size.patches + 1)
        ]
    return node


def _patch(company: Company, team: Node, region: Region, lead: Person, number: int) -> Patch:
    index = len(company.patches)
    node = company.node(f"{facts.town(index * 3 + 1)} patch", f"{team.code}-{number}", "territory", team)
    patch = Patch(index, node, team, region, lead.id)
    company.patches.append(patch)
    return patch


def _tell(company: Company, patch: Patch, waiting: list[tuple[Patch, Person]]) -> None:
    """Who owned the patch when. Of twenty patches one stands vacant and one has changed hands mid-quarter."""
    days, story = company.days, patch.number % 20
    first = company.hire("rep", patch.region.currency)
    if story in (7, 19):
        first.stops_on = days.ago(6, 45) if story == 7 else days.ago(3)
        company.own(patch, first, days.start, first.stops_on, "left the company")
        if story == 7:
            second = company.hire("rep", patch.region.currency, first.stops_on)
            company.own(patch, second, second.starts_on, None, "joined")
    elif story in (11, 12):
        waiting.append((patch, first))
    else:
        company.own(patch, first, days.start, None)


def _swap(company: Company, waiting: list[tuple[Patch, Person]]) -> None:
    """Owners of two neighbouring patches who changed places in the middle of a quarter."""
    day = company.days.ago(3, 40)
    for (left, one), (right, other) in zip(waiting[::2], waiting[1::2], strict=True):
        for patch, before, after in ((left, one, other), (right, other, one)):
            company.own(patch, before, company.days.start, day, "swapped patches")
            company.own(patch, after, day, None, "swapped patches")


def _overlay(company: Company, regions: list[Node]) -> None:
    """A specialist who helps in two regions, without quota of their own."""
    specialist = company.hire("rep", "EUR")
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
