"""The board: deals by stage, with what each column is worth."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Sum

from common.access import Reach
from common.selectors import the_organisation
from pipeline.models import Opportunity, OpportunityQuerySet, SalesModel, Stage
from pipeline.selectors.opportunities import Filters, marked, opportunities
from pipeline.selectors.sales_models import models_of

CARDS = 15
# Beyond so many deals a total is not worth its wait: the board says so and asks for a filter.
MOST_SUMMED = 5_000


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


def models_to_show(person_id: int, asked: int | None) -> tuple[list[SalesModel], int | None]:
    """The sales models between which a board chooses, and the one that it shows; nothing where there is only one.

    Without one that is asked for it shows the usual one, unless the person has open deals in others alone.
    """
    found: list[SalesModel] = list(SalesModel.objects.all())
    if len(found) < 2:
        return [], None
    at_work = models_of(person_id)
    first = next((model.pk for model in found if model.pk in at_work), found[0].pk)
    shown = asked if asked in {model.pk for model in found} else first
    return [model for model in found if not model.is_retired or model.pk in {*at_work, shown}], shown


def board(mine: Reach, filters: Filters, today: date, model_id: int | None = None) -> list[Column]:
    """The columns of a sales model's stages; open stages hold cards, won and lost ones only take them."""
    stages = _stages(model_id)
    rows = _within(opportunities(mine, filters, today), stages, model_id)
    columns = _columns(rows, stages)
    cards = _first_cards(rows, [pk for pk, column in columns.items() if column.is_open])
    for deal in marked(cards, today):
        columns[deal.stage_id].cards.append(deal)
    for column in columns.values():
        column.has_more = len(column.cards) > CARDS
        del column.cards[CARDS:]
    return list(columns.values())


def board_totals(mine: Reach, filters: Filters, today: date, model_id: int | None = None) -> list[Column]:
    """The columns without their cards: what changes elsewhere when a card moves."""
    stages = _stages(model_id)
    return list(_columns(_within(opportunities(mine, filters, today), stages, model_id), stages).values())


def _stages(model_id: int | None) -> list[Stage]:
    rows = Stage.objects.offered()
    return list(rows.filter(sales_model=model_id) if model_id else rows)


def _within(rows: OpportunityQuerySet, stages: list[Stage], model_id: int | None) -> OpportunityQuerySet:
    """The deals of one sales model; where there is no other one, all are."""
    return rows.filter(stage_id__in=[stage.pk for stage in stages]) if model_id else rows


def _columns(rows: OpportunityQuerySet, stages: list[Stage]) -> dict[int, Column]:
    """Every stage with its count and totals, or without them where there are too many deals to add up."""
    too_many = rows.order_by()[: MOST_SUMMED + 1].count() > MOST_SUMMED
    columns = {stage.pk: Column(stage, count=None if too_many else 0) for stage in stages}
    if too_many:
        return columns
    grouped = rows.order_by().values("stage_id", "currency")
    sums = grouped.annotate(count=Count("pk"), total=Sum("amount_minor"))
    reporting = the_organisation().reporting_currency
    for pk, currency, count, amount_minor in sorted(
        sums.values_list("stage_id", "currency", "count", "total"),
        key=lambda row: (row[1] != reporting, row[1]),
    ):
        columns[pk].count = (columns[pk].count or 0) + count
        if amount_minor is not None:
            columns[pk].totals.append(Total(currency, amount_minor))
    return columns


def _first_cards(rows: OpportunityQuerySet, stage_ids: Iterable[int]) -> OpportunityQuerySet:
    """The next deals to close of every stage, one more of each than it shows."""
    ids = [rows.filter(stage_id=pk).order_by("close_on", "id").values("pk")[: CARDS + 1] for pk in stage_ids]
    found = ids[0].union(*ids[1:], all=True) if ids else []
    cards: OpportunityQuerySet = Opportunity.objects.filter(pk__in=[row["pk"] for row in found])
    return cards.select_related("account", "owner").order_by("close_on", "id")
