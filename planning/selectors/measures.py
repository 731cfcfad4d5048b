"""What stands in every territory and with every person on a day: the figures that a realignment sets side by side."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Sum
from django.db.models.functions import Round

from accounts.models import AccountTerritory
from accounts.selectors.potential import potential_of, workload_of
from common.access import Reach
from common.models import Period, Rate
from common.selectors import period_of
from orders.models import Credit
from orders.selectors.organised import ACCOUNTS_PLACE
from pipeline.models import Opportunity
from pipeline.selectors.opportunities import factors, worth
from planning.selectors.shape import Shape
from quotas.models import LeafCell, NodeCell
from quotas.rules import roll_up_quotas
from quotas.selectors.intake import counted, months_of, people_intake, summed
from quotas.selectors.plan import quota_nodes, quotas_of
from territories.models import Seat
from territories.selectors import unassigned

Figures = dict[str, int | None]


@dataclass
class Measured:
    """The figures of a day by territory, with all below it, and by person; None is undefined.

    `shape` is the tree of that day.
    """

    shape: Shape
    nodes: dict[int, Figures] = field(default_factory=lambda: defaultdict(dict))
    people: dict[int, Figures] = field(default_factory=lambda: defaultdict(dict))


def measure(day: date) -> Measured:
    """All figures of a day: accounts with their potential and work, open pipeline in all and by category, quota, and
    the quarter's order intake by the accounts' territories, as sold and as organised now.

    To be read as the organisation, whose rows nobody's reach cuts; who may look at which of them, the page decides.
    """
    found = Measured(Shape(Reach.everything(), day))
    period = period_of(day)
    _add_nodes(found, "accounts", _accounts(day))
    for category, by_node in _pipeline(day, "territory_id").items():
        _add_nodes(found, category, by_node)
    for category, by_person in _pipeline(day, "owner_id").items():
        _add_people(found, category, by_person)
    _add_people(found, "accounts", _accounts_of_people(day))
    _add_work(found, day)
    if period:
        _add_quotas(found, period)
        _add_intake(found, period)
        _add_potential(found, period, day)
    return found


def _add_nodes(found: Measured, name: str, own: Mapping[int, int]) -> None:
    sums = found.shape.sums(_in_tree(own, found.shape), found.shape.order)
    for node in found.shape.order:
        found.nodes[node][name] = sums[node]


def _forget(found: Measured, name: str, known: Mapping[int, int]) -> None:
    """A figure of accounts of which none is known is undefined, not nothing."""
    sums = found.shape.sums(_in_tree(known, found.shape), found.shape.order)
    for node in found.shape.order:
        if not sums[node]:
            found.nodes[node][name] = None


def _in_tree(own: Mapping[int, int], shape: Shape) -> dict[int, int]:
    """What stands on a node that is not in the tree counts for nobody: in *Unassigned*."""
    placed: dict[int, int] = defaultdict(int)
    for node, amount in own.items():
        placed[node if node in shape.parents else unassigned().pk] += amount
    return placed


def _add_people(found: Measured, name: str, amounts: dict[int, int]) -> None:
    for person, amount in amounts.items():
        found.people[person][name] = amount


def _accounts(day: date) -> dict[int, int]:
    rows = AccountTerritory.in_field().on(day).order_by().values_list("territory_id")
    return dict(rows.annotate(number=Count("pk")))


def _accounts_of_people(day: date) -> dict[int, int]:
    """How many accounts are in the territories that each person owns."""
    counts, theirs = _accounts(day), defaultdict[int, int](int)
    owned = Seat.objects.on(day).filter(kind=Seat.Kind.OWNER).values_list("user_id", "territory_id")
    for person, node in owned:
        theirs[person] += counts.get(node, 0)
    return theirs


def _pipeline(day: date, column: str) -> dict[str, dict[int, int]]:
    """Open deals at the plan rate, in all and by forecast category, each rounded once: by the column's ids."""
    plan = Sum(Round(worth(factors(Rate.Kind.PLAN, day))))
    rows = Opportunity.objects.open().order_by().values_list(column, "category").annotate(total=plan)
    found: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for key, category, total in rows:
        found[category][key] += int(total or 0)
        found["pipeline_all"][key] += int(total or 0)
    return found


def _add_quotas(found: Measured, period: Period) -> None:
    """The quotas of the quarter as they stand now, not as the last roll-up left them."""
    asked = quotas_of([period])[period.pk]
    for node, rolled in roll_up_quotas(quota_nodes(period, asked).get(None, [])).items():
        if node is not None:
            found.nodes[node]["quota"] = rolled.counted
    people = [pk for what, pk in asked if what == "person"]
    for person in people:
        found.people[person]["quota"] = asked["person", person].amount(None, "assigned", "own")
    for person, amount in people_intake([*people, *found.people], period).items():
        found.people[person]["intake"] = amount


def _add_intake(found: Measured, period: Period) -> None:
    """Order intake by the accounts' territories: as sold out of the cells, as organised now out of the ledger."""
    months = months_of([period])
    sold = dict(summed(counted(NodeCell.objects.all(), months), "territory_minor", "node_id"))
    leaves = dict(summed(counted(LeafCell.objects.all(), months), "amount_minor", "territory_id"))
    for node in found.shape.order:
        # What others are hung below for the first time has no cells of its own yet, and nothing was sold below it.
        found.nodes[node]["sold"] = sold.get(node, leaves.get(node, 0))
    placed = Credit.objects.intake().filter(booked_on__gte=period.starts_on, booked_on__lt=period.stops_on)
    _add_nodes(found, "now", dict(summed(placed.annotate(place=ACCOUNTS_PLACE), "plan_minor", "place")))


def _add_potential(found: Measured, period: Period, day: date) -> None:
    year = period.parent
    totals = potential_of(found.shape.order, year, day) if year else {}
    _add_nodes(found, "unknown", {node: total.missing for node, total in totals.items()})
    _add_nodes(found, "potential", {node: total.minor for node, total in totals.items()})
    _forget(found, "potential", {node: total.known for node, total in totals.items()})


def _add_work(found: Measured, day: date) -> None:
    work = workload_of(found.shape.order, day)
    _add_nodes(found, "minutes", {node: one.minutes for node, one in work.items()})
    _forget(found, "minutes", {node: one.accounts - one.missing for node, one in work.items()})


def touched(before: Measured, after: Measured, named: Collection[int]) -> list[int]:
    """The territories whose figures differ, or that a move names, from the top of the tree down."""
    order = [*after.shape.order, *(node for node in before.shape.order if node not in after.shape.parents)]
    changed = {node for node in order if before.nodes.get(node) != after.nodes.get(node)}
    return [node for node in order if node in changed or node in named]
