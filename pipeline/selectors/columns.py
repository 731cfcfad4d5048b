"""The columns of the list of deals."""

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext_lazy as _

from common.columns import Amount, Column, Kind, relations
from common.transaction import reach
from pipeline.models import Category, Channel, Motion, Opportunity, OpportunityQuerySet
from pipeline.selectors.opportunities import marked, with_names
from workspace.selectors.own_columns import own_columns

USUAL = ("name", "stage", "amount", "close", "category", "next_step", "owner")
EDITED = {
    "stage": "stage",
    "amount": "amount_minor",
    "close": "close_on",
    "category": "category",
    "next_step": "next_step",
    "next_step_on": "next_step_on",
}
"""The columns that are edited in the list itself, and the field of the deal that each writes."""


def _account(deal: Opportunity) -> str | None:
    """Nothing where the account is out of the reader's reach."""
    return deal.account.name if deal.account else None


def _amount(deal: Opportunity) -> Amount:
    return Amount(deal.amount_minor, deal.currency)


def _probability(deal: Opportunity) -> int:
    return deal.stage.probability


def _partner(deal: Opportunity) -> str | None:
    return deal.partner.name if deal.partner else None


COLUMNS = [
    Column("name", _("Name"), lambda deal: deal.name, sort="name", needs=("account",), is_first=True),
    Column("account", _("Account"), _account, needs=("account",), is_plain=True),
    Column("number", _("Number"), lambda deal: deal.number, is_plain=True, is_short=True),
    Column("stage", _("Stage"), lambda deal: deal.stage.name, needs=("stage",), is_plain=True),
    Column("amount", _("Amount"), _amount, Kind.AMOUNT, "amount", is_plain=True),
    Column("close", _("Close date"), lambda deal: deal.close_on, Kind.DAY, "close", is_plain=True),
    Column(
        "category", _("Category"), lambda deal: Category(deal.category).label, is_plain=True, is_short=True
    ),
    Column("next_step", _("Next step"), lambda deal: deal.next_step),
    Column("next_step_on", _("Next step due"), lambda deal: deal.next_step_on, Kind.DAY),
    Column("owner", _("Owner"), lambda deal: deal.owner.name, needs=("owner",), is_plain=True, is_short=True),
    Column(
        "territory",
        _("Territory"),
        lambda deal: deal.territory.name,
        needs=("territory",),
        is_plain=True,
        is_short=True,
    ),
    Column("motion", _("Motion"), lambda deal: Motion(deal.motion).label, is_plain=True, is_short=True),
    Column("channel", _("Channel"), lambda deal: Channel(deal.channel).label, is_short=True),
    Column("partner", _("Partner"), _partner, needs=("partner",)),
    Column("source", _("Source"), lambda deal: deal.source),
    Column("probability", _("Probability in %"), _probability, Kind.NUMBER, needs=("stage",)),
    Column("stage_since", _("In its stage since"), lambda deal: deal.stage_since_on, Kind.DAY),
    Column("pushes", _("Pushes"), lambda deal: deal.pushes, Kind.NUMBER),
    Column("created", _("Created"), lambda deal: deal.created_on, Kind.DAY),
]


def columns() -> list[Column]:
    """The columns that the list of deals has for this reader: the product's, and those of own fields."""
    return [*COLUMNS, *own_columns(reach(), "opportunity")]


def with_cells(rows: OpportunityQuerySet, shown: Iterable[Column], today: date) -> OpportunityQuerySet:
    """The deals with all that these columns show of them."""
    return with_names(marked(rows, today), {"account", *relations(shown)})
