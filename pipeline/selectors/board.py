"""The board: deals by stage, in lanes where its reader wants them, with what each column, lane and cell is worth."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, OuterRef, Sum, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext_lazy as _

from common.access import Reach
from common.http import Page, key_of, page_by_key
from common.selectors import the_organisation
from pipeline.models import OPEN_CATEGORIES, Opportunity, OpportunityQuerySet, SalesModel, Stage
from pipeline.selectors.opportunities import Filters, marked, opportunities, with_names
from pipeline.selectors.sales_models import models_of
from territories.models import User

CARDS, CARDS_IN_LANE = 50, 10
"""How many cards a column shows at once, and a cell of a lane."""
ORDER = ("close_on", "id")
ON_CARDS = (
    "version name owner territory stage state category currency amount_minor close_on "
    "next_step_on pushes awaits_booking_since".split()
)
"""The columns of deals that cards show, or that say who may edit them."""
# Beyond so many deals a total is not worth its wait: the board says so and asks for a filter.
MOST_SUMMED = 5_000
LANES = {"category": _("Category"), "owner": _("Owner")}
LANE_COLUMN = {"category": "category", "owner": "owner_id"}
"""The column of a deal that says in which lane it lies."""


@dataclass(frozen=True)
class Total:
    """What one stage holds in one currency."""

    currency: str
    amount_minor: int


@dataclass
class Column:
    """A stage of the board, or of one of its lanes: its first cards, the key of the next ones, its count and totals.

    `count` is None where the board holds too many deals to add them up.
    """

    stage: Stage
    cards: list[Opportunity] = field(default_factory=list)
    after: str | None = None
    count: int | None = None
    totals: list[Total] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.stage.kind == Stage.Kind.OPEN

    @property
    def has_more(self) -> bool:
        return self.after is not None

    @property
    def more(self) -> int:
        """How many deals of a cell lie behind the cards that it shows."""
        return (self.count or 0) - len(self.cards)


@dataclass
class Lane:
    """A lane across the stages: whose deals, or of which category, with its cells, its count and totals."""

    key: str
    name: str
    cells: list[Column]
    count: int = 0
    totals: list[Total] = field(default_factory=list)


@dataclass
class Board:
    """The columns, and the lanes where they were asked for and can be shown."""

    columns: list[Column]
    lanes: list[Lane] = field(default_factory=list)

    @property
    def lane_keys(self) -> str:
        """All lanes as an address names those that are folded."""
        return ",".join(lane.key for lane in self.lanes)

    @property
    def is_counted(self) -> bool:
        return all(column.count is not None for column in self.columns)


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


def board(mine: Reach, filters: Filters, today: date, model_id: int | None = None, lanes: str = "") -> Board:
    """The columns of a sales model's stages; open stages hold cards, won and lost ones only take them."""
    rows, found = _summed(mine, filters, today, model_id, lanes)
    if found.lanes:
        _fill_lanes(rows, found.lanes, lanes, today)
    elif not lanes:
        _fill(rows, [column for column in found.columns if column.is_open], today)
    return found


def board_totals(
    mine: Reach, filters: Filters, today: date, model_id: int | None = None, lanes: str = ""
) -> Board:
    """The board without its cards: what changes elsewhere when a card moves."""
    return _summed(mine, filters, today, model_id, lanes)[1]


def cards(mine: Reach, filters: Filters, today: date, stage_id: int, after: str) -> Page[Opportunity]:
    """The next cards of a column."""
    rows = opportunities(mine, filters, today).filter(stage_id=stage_id)
    return page_by_key(with_names(marked(rows, today), ("account", "owner"), ON_CARDS), ORDER, after)


def _summed(
    mine: Reach, filters: Filters, today: date, model_id: int | None, lanes: str
) -> tuple[OpportunityQuerySet, Board]:
    offered = Stage.objects.offered()
    stages = list(offered.filter(sales_model=model_id) if model_id else offered)
    rows = opportunities(mine, filters, today)
    if model_id:  # where there is no other one, all deals are of it
        rows = rows.filter(stage_id__in=[stage.pk for stage in stages])
    if rows.order_by()[: MOST_SUMMED + 1].count() > MOST_SUMMED:
        return rows, Board([Column(stage) for stage in stages])
    return rows, _counted(rows, stages, lanes)


def _counted(rows: OpportunityQuerySet, stages: Sequence[Stage], lanes: str) -> Board:
    """Every column and lane with its count and totals, all of one statement."""
    by_stage = {stage.pk: Column(stage, count=0) for stage in stages}
    by_lane: dict[Any, Lane] = {}
    key = LANE_COLUMN[lanes] if lanes else "state"
    sums = rows.order_by().values("stage_id", key, "currency")
    sums = sums.annotate(count=Count("pk"), total=Sum("amount_minor"))
    reporting = the_organisation().reporting_currency
    found = list(sums.values_list("stage_id", key, "currency", "count", "total"))
    if lanes:
        by_lane = _lanes(lanes, {row[1] for row in found}, stages)
    for stage_id, lane, currency, count, total in sorted(
        found, key=lambda row: (row[2] != reporting, row[2])
    ):
        places: list[Column | Lane] = [by_stage[stage_id]]
        if lane in by_lane:
            cells = {cell.stage.pk: cell for cell in by_lane[lane].cells}
            places += [by_lane[lane], cells[stage_id]]
        for place in places:
            _add(place, currency, count, total)
    return Board(list(by_stage.values()), list(by_lane.values()))


def _add(place: Column | Lane, currency: str, count: int, total: int | None) -> None:
    place.count = (place.count or 0) + count
    if total is not None:
        before = next((one for one in place.totals if one.currency == currency), Total(currency, 0))
        rest = [one for one in place.totals if one.currency != currency]
        place.totals = [*rest, Total(currency, before.amount_minor + total)]


def _lanes(kind: str, keys: set[Any], stages: Sequence[Stage]) -> dict[Any, Lane]:
    """All open categories from the surest on, or the owners who have deals, by name."""
    if kind == "category":
        named = list(reversed(OPEN_CATEGORIES))
    else:
        named = list(User.objects.filter(pk__in=keys).order_by("name", "pk").values_list("pk", "name"))
    return {key: Lane(str(key), str(name), [Column(one, count=0) for one in stages]) for key, name in named}


def _fill(rows: OpportunityQuerySet, columns: Sequence[Column], today: date) -> None:
    """The next deals to close into every column, and the key of those behind them."""
    by_stage = {column.stage.pk: column for column in columns}
    for deal in marked(_first_cards(rows, by_stage), today):
        by_stage[deal.stage_id].cards.append(deal)
    for column in columns:
        if len(column.cards) > CARDS:
            del column.cards[CARDS:]
            column.after = key_of(column.cards[-1], ORDER)


def _first_cards(rows: OpportunityQuerySet, stage_ids: Iterable[int]) -> OpportunityQuerySet:
    """The next deals to close of every stage, one more of each than it shows."""
    first = rows.filter(stage_id=OuterRef("pk")).order_by(*ORDER).values("pk")[: CARDS + 1]
    found = Stage.objects.filter(pk__in=stage_ids).order_by().values_list(ArraySubquery(first), flat=True)
    shown: OpportunityQuerySet = Opportunity.objects.filter(pk__in=[pk for ids in found for pk in ids])
    return with_names(shown, ("account", "owner"), ON_CARDS).order_by(*ORDER)


def _fill_lanes(rows: OpportunityQuerySet, lanes: Sequence[Lane], kind: str, today: date) -> None:
    """The next deals to close into every cell."""
    column = LANE_COLUMN[kind]
    place = Window(RowNumber(), partition_by=[F("stage_id"), F(column)], order_by=list(ORDER))
    shown = marked(rows.open(), today).annotate(place=place).filter(place__lte=CARDS_IN_LANE)
    cells = {(lane.key, cell.stage.pk): cell for lane in lanes for cell in lane.cells}
    for deal in with_names(shown, ("account", "owner"), ON_CARDS).order_by(*ORDER):
        cells[str(getattr(deal, column)), deal.stage_id].cards.append(deal)
