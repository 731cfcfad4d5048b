"""The board: deals by stage, with what each column is worth."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Aggregate, Count, Q, QuerySet, Sum

from common.access import Reach
from common.selectors import currencies
from pipeline.models import Opportunity, Stage
from pipeline.selectors.opportunities import Filters, opportunities, stages

CARDS = 50
# Beyond so many deals a total is not worth its wait: the board says so and asks for a filter.
MOST_SUMMED = 20_000


@dataclass(frozen=True)
class Total:
    """What one stage holds in one currency."""

    currency: str
    amount_minor: int


@dataclass
class Column:
    """A stage of the board: its first cards, whether there are more, its count and its totals by currency.

    `count` is None where the board holds too many deals to add them up.
    """

    stage: Stage
    cards: list[Opportunity] = field(default_factory=list)
    has_more: bool = False
    count: int | None = None
    totals: list[Total] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.stage.kind == Stage.Kind.OPEN


def board(mine: Reach, filters: Filters, today: date) -> list[Column]:
    """The columns of all stages; open stages hold cards, won and lost ones only take them."""
    rows = opportunities(mine, filters, today)
    columns = _columns(rows)
    for deal in _first_cards(rows, [pk for pk, column in columns.items() if column.is_open]):
        columns[deal.stage_id].cards.append(deal)
    for column in columns.values():
        column.has_more = len(column.cards) > CARDS
        del column.cards[CARDS:]
    return list(columns.values())


def board_totals(mine: Reach, filters: Filters, today: date) -> list[Column]:
    """The columns without their cards: what changes elsewhere when a card moves."""
    return list(_columns(opportunities(mine, filters, today)).values())


def _columns(rows: QuerySet[Opportunity]) -> dict[int, Column]:
    """Every stage with its count and totals, or without them where there are too many deals to add up."""
    columns = {stage.pk: Column(stage) for stage in stages()}
    known, open_ids = currencies(), [pk for pk, column in columns.items() if column.is_open]
    sums = rows.order_by()[: MOST_SUMMED + 1].aggregate(all=Count("pk"), **_aggregates(open_ids, known))
    if sums["all"] > MOST_SUMMED:
        return columns
    for pk in open_ids:
        columns[pk].count = sums[f"count_{pk}"]
        amounts = ((currency, sums[f"sum_{pk}_{currency}"]) for currency in known)
        columns[pk].totals = [Total(currency, amount) for currency, amount in amounts if amount is not None]
    return columns


def _aggregates(stage_ids: Iterable[int], known: Iterable[str]) -> dict[str, Aggregate]:
    wanted: dict[str, Aggregate] = {}
    for pk in stage_ids:
        wanted[f"count_{pk}"] = Count("pk", filter=Q(stage_id=pk))
        for currency in known:
            wanted[f"sum_{pk}_{currency}"] = Sum("amount_minor", filter=Q(stage_id=pk, currency=currency))
    return wanted


def _first_cards(rows: QuerySet[Opportunity], stage_ids: Iterable[int]) -> Iterable[Opportunity]:
    """The next cards to close of every stage, by one query."""
    by_close = rows.select_related("account", "owner").order_by("close_on", "id")
    each = [by_close.filter(stage_id=pk)[: CARDS + 1] for pk in stage_ids]
    return each[0].union(*each[1:], all=True).order_by("close_on", "id") if each else []
