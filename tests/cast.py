"""The cast: one small company that most tests play in.

Company > East > East Team > East 1, East 2 and Company > West > West Team > West 1, and *Unassigned*.
Fiscal years 2025 to 2035 by calendar months, reporting currency USD, EUR at 1.10 (plan) and 1.20 (booked).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import Account, AccountTerritory
from catalog.models import Family, Product
from common.access import Reach
from common.models import Organisation, Period, Rate
from common.transaction import work
from pipeline.models import Category, Opportunity, SalesModel, Stage, StageVisit
from territories.models import Edge, RoleGrant, Seat, Territory, User
from workspace.models import TourSeen

START = date(2025, 1, 1)
PEOPLE = {
    "rep": ("Rita Rep", "rep", "East 1", "owner"),
    "peer": ("Paul Peer", "rep", "East 2", "owner"),
    "manager": ("Mona Manager", "manager", "East Team", "lead"),
    "director": ("Dora Director", "director", "East", "lead"),
    "other_rep": ("Oscar Other", "rep", "West 1", "owner"),
    "other_manager": ("Olga Other", "manager", "West Team", "lead"),
    "other_director": ("Otto Other", "director", "West", "lead"),
    "admin": ("Ada Admin", "admin", "", ""),
    "coordinator": ("Cora Coordinator", "coordinator", "", ""),
    "executive": ("Eve Executive", "executive", "", ""),
}
TREE = [
    ("Company", None),
    ("East", "Company"),
    ("East Team", "East"),
    ("East 1", "East Team"),
    ("East 2", "East Team"),
    ("West", "Company"),
    ("West Team", "West"),
    ("West 1", "West Team"),
]
STAGES = [
    ("Prospecting", 1, "open", 10, Category.PIPELINE),
    ("Qualified", 2, "open", 30, Category.PIPELINE),
    ("Proposal", 3, "open", 50, Category.BEST_CASE),
    ("Negotiation", 4, "open", 80, Category.COMMIT),
    ("Won", 5, "won", 100, Category.CLOSED),
    ("Lost", 6, "lost", 0, Category.OMITTED),
]


@dataclass
class Cast:
    """The cast by name; territories, accounts and stages by the name on their label."""

    rep: User
    peer: User
    manager: User
    director: User
    other_rep: User
    other_manager: User
    other_director: User
    admin: User
    coordinator: User
    executive: User
    territories: dict[str, Territory]
    accounts: dict[str, Account]
    stages: dict[str, Stage]
    families: dict[str, Family]
    products: dict[str, Product]
    deals: dict[str, Opportunity]
    q1: Period
    q2: Period

    @classmethod
    def load(cls) -> "Cast":
        """Read the cast from this test's database."""
        with work(by=None, why="the cast", reach=Reach.everything()):
            people = {key: User.objects.get(email=f"{key}@example.com") for key in PEOPLE}
            return cls(
                **people,
                territories={row.name: row for row in Territory.objects.all()},
                accounts={row.name: row for row in Account.objects.all()},
                stages={row.name: row for row in Stage.objects.all()},
                families={row.name: row for row in Family.objects.all()},
                products={row.name: row for row in Product.objects.select_related("family")},
                deals={row.name: row for row in Opportunity.objects.all()},
                q1=Period.objects.get(code="2026-Q1"),
                q2=Period.objects.get(code="2026-Q2"),
            )


def make_cast() -> None:
    """Write the cast into an empty, prepared database."""
    with work(by=None, why="the cast", reach=Reach.everything()):
        Organisation.objects.create(
            name="Cast Company", reporting_currency="USD", time_zone="America/New_York"
        )
        _calendar()
        _rates()
        nodes = _tree()
        people = _people(nodes)
        _products()
        _deals(nodes, people)


def _calendar() -> None:
    for year in range(2025, 2036):
        whole = _period("year", f"{year}", date(year, 1, 1), date(year + 1, 1, 1), None)
        for quarter in range(4):
            first = date(year, 3 * quarter + 1, 1)
            part = _period("quarter", f"{year}-Q{quarter + 1}", first, _month_after(first, 3), whole)
            for month in range(3):
                start = _month_after(first, month)
                _period("month", f"{start:%Y-%m}", start, _month_after(start, 1), part)


def _month_after(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _period(kind: str, code: str, start: date, stop: date, parent: Period | None) -> Period:
    return Period.objects.create(kind=kind, code=code, starts_on=start, stops_on=stop, parent=parent)


def _rates() -> None:
    for kind, value in (("plan", "1.10"), ("booked", "1.20")):
        Rate.objects.create(kind=kind, currency="EUR", value=Decimal(value), starts_on=START)


def _tree() -> dict[str, Territory]:
    nodes = {
        name: Territory.objects.create(name=name, code=name.upper().replace(" ", "-")) for name, _ in TREE
    }
    for name, parent in TREE:
        Edge.objects.create(child=nodes[name], parent=nodes[parent] if parent else None, starts_on=START)
    nodes["Unassigned"] = Territory.objects.create(name="Unassigned", code="UNASSIGNED", is_unassigned=True)
    Edge.objects.create(child=nodes["Unassigned"], parent=nodes["Company"], starts_on=START)
    return nodes


def _people(nodes: dict[str, Territory]) -> dict[str, User]:
    people = {}
    for key, (name, role, seat, kind) in PEOPLE.items():
        person = User(email=f"{key}@example.com", name=name)
        person.set_password("correct horse battery")
        person.save()
        RoleGrant.objects.create(user=person, role=role, starts_on=START)
        TourSeen.objects.create(person=person, role=role)
        if seat:
            Seat.objects.create(user=person, territory=nodes[seat], kind=kind, starts_on=START)
        people[key] = person
    return people


def _products() -> None:
    for family, items in {"Hardware": [("Server", 250_000)], "Software": [("Licence", 100_001)]}.items():
        row = Family.objects.create(name=family, code=family.upper())
        for name, price in items:
            Product.objects.create(
                name=name, code=name.upper(), family=row, list_price_minor=price, currency="USD"
            )


def _deals(nodes: dict[str, Territory], people: dict[str, User]) -> None:
    model = SalesModel.objects.create(name="Standard", is_usual=True)
    stages = {
        name: Stage.objects.create(
            sales_model=model,
            name=name,
            position=position,
            kind=kind,
            probability=probability,
            category=category,
        )
        for name, position, kind, probability, category in STAGES
    }
    places = {"Acorn": ("East 1", "rep"), "Beech": ("East 2", "peer"), "Cedar": ("West 1", "other_rep")}
    for number, (name, (territory, who)) in enumerate(places.items(), 1):
        node = nodes[territory]
        account = Account.objects.create(
            name=name, number=f"A-{number}", territory=node, country="US", industry="Retail"
        )
        AccountTerritory.objects.create(account=account, territory=node, starts_on=START)
        deal = Opportunity.objects.create(
            account=account,
            name=f"{name} renewal",
            number=f"O-{number}",
            owner=people[who],
            territory=node,
            stage=stages["Negotiation"],
            category=Category.COMMIT,
            currency="USD",
            amount_minor=10_000_000 + number,
            close_on=date(2026, 6, 15),
            created_on=date(2026, 2, 2),
            stage_since_on=date(2026, 4, 1),
        )
        StageVisit.objects.create(opportunity=deal, stage=stages["Negotiation"], entered_on=date(2026, 4, 1))
