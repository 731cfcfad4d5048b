"""What lies in territories on a day: accounts, quota and open pipeline, as far as the reader sees the rows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import BigIntegerField, Case, Count, Expression, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast, Coalesce, Round

from accounts.models import Account, AccountCount, AccountTerritory
from accounts.selectors import Search, account_list
from common.access import AnyOf, Reach
from common.models import Period, Rate
from common.selectors import the_organisation, today
from common.transaction import widened
from pipeline.models import Opportunity, Stage
from pipeline.selectors.opportunities import Filters, factors, opportunities, worth
from planning.selectors.shape import Shape
from quotas.models import QuotaCell
from quotas.rules import RolledUp

OPEN = Filters({"state": Stage.Kind.OPEN.value}, "", "")


@dataclass(frozen=True)
class Standing:
    """Of each territory what lies in it alone and with all below it; without open pipeline on other days than today."""

    accounts: Mapping[int, int]
    accounts_below: Mapping[int, int]
    pipeline: Mapping[int, int] | None
    pipeline_below: Mapping[int, int] | None


def standing(mine: Reach, shape: Shape, shown: Collection[int], day: date) -> Standing:
    """The accounts and the open pipeline of the territories that a page shows, with all below them."""
    topmost = _topmost(shape, shown)
    nodes = shape.order if topmost == shape.tops else shape.below(topmost)
    within = shape.narrowed(nodes)
    accounts = accounts_of(mine, day, within)
    pipeline = pipeline_of(mine, day, within) if day == today() else None
    return Standing(
        accounts=accounts,
        accounts_below=shape.sums(accounts, shown),
        pipeline=pipeline,
        pipeline_below=None if pipeline is None else shape.sums(pipeline, shown),
    )


def _topmost(shape: Shape, shown: Collection[int]) -> list[int]:
    """Those of the territories above which none of the others lies, so that each is counted once."""
    wanted = set(shown)
    return [node for node in shown if wanted.isdisjoint(shape.path(node)[:-1])]


def accounts_of(mine: Reach, day: date, nodes: Collection[int] | None) -> dict[int, int]:
    """How many accounts in reach lie in each of these territories, or in any: in the field, today or on that day."""
    if day == today() and _reads_whole(mine, "account", nodes):
        return _by_territory(_at(AccountCount.objects.all(), nodes), Sum("number"))
    rows = account_list(mine, Search()) if day == today() else _places(mine, day)
    return _by_territory(_at(rows, nodes), Count("pk"))


def _reads_whole(mine: Reach, name: str, nodes: Collection[int] | None) -> bool:
    """Whether somebody reads every row of that kind that lies in these territories, so that none is looked at alone."""
    relations = mine.relations(name)
    return "org" in relations or ("sub" in relations and nodes is not None and mine.territories >= set(nodes))


def _places(mine: Reach, day: date) -> QuerySet[Any]:
    """Where the accounts lay that a list of accounts shows the reader."""
    rows = AccountTerritory.in_field().on(day)
    if "org" in mine.relations(
        "account"
    ):  # those that were merged are few: nothing is looked up for the others
        return rows.exclude(account_id__in=Account.objects.filter(merged_into__isnull=False).values("pk"))
    return rows.filter(account_id__in=account_list(mine, Search()).order_by().values("pk"))


def pipeline_of(mine: Reach, day: date, nodes: Collection[int] | None) -> dict[int, int]:
    """What the open deals in reach of these territories, or of any, come to at the plan rate: each rounded once.

    Deals without an amount, or in a currency without a rate, are not in it.
    """
    converted = Cast(Round(worth(factors(Rate.Kind.PLAN, day))), BigIntegerField())
    # Most deals need no conversion, and whole numbers are added up in half the time.
    is_plain = When(currency=the_organisation().reporting_currency, then=F("amount_minor"))
    plan = Cast(Sum(Case(is_plain, default=converted, output_field=BigIntegerField())), BigIntegerField())
    if not _reads_whole(mine, "opportunity", nodes):
        return _by_territory(_at(opportunities(mine, OPEN, day), nodes), Coalesce(plan, 0))
    # The row policy would look for each deal among thousands of territories that were asked for by name.
    with widened("opportunity"):
        return _by_territory(_at(Opportunity.objects.open(), nodes), Coalesce(plan, 0))


def _at(rows: QuerySet[Any], nodes: Collection[int] | None) -> QuerySet[Any]:
    placed = Q() if nodes is None else Q(AnyOf(F("territory_id"), Value(list(nodes))))
    return rows.filter(placed).order_by()


def _by_territory(rows: QuerySet[Any], figure: Expression) -> dict[int, int]:
    """A figure of each territory; as two arrays, which come over faster than thousands of rows."""
    grouped = rows.values("territory_id").annotate(figure=figure)
    found = grouped.aggregate(nodes=ArrayAgg("territory_id"), figures=ArrayAgg("figure"))
    return dict(zip(found["nodes"] or (), found["figures"] or (), strict=True))


def quotas_of(mine: Reach, period: Period | None, nodes: Collection[int]) -> dict[int, RolledUp]:
    """The quotas of these territories for a quarter, for all families together, as Team attainment counts them."""
    cells = QuotaCell.objects.filter(node__in=nodes, period=period, family=None).filter(mine.q(QuotaCell))
    columns = ("node_id", "assigned_minor", "rolled_minor")
    return {node: RolledUp(assigned, rolled) for node, assigned, rolled in cells.values_list(*columns)}
