"""The list of deals as they stood at the end of a past day."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from common.access import Reach
from common.http import BadQuery
from pipeline.models import Opportunity, Standing, StandingQuerySet
from pipeline.selectors import opportunities as deals
from pipeline.selectors.opportunities import Filters

KEPT = (
    "state",
    "stage_id",
    "category",
    "category__in",
    "owner_id",
    "territory_id",
    "territory_id__in",
    "close_on__gte",
    "close_on__lt",
)
"""The filters of the list that a past day can answer."""


def stood(mine: Reach, filters: Filters, day: date) -> StandingQuerySet:
    """How the deals in reach stood at the end of that day, those that pass the filters. Raises BadQuery for others.

    What the reader may not see today they do not see in the past. What was merged into another deal is left out.
    """
    unknown = [*sorted(filters.columns.keys() - set(KEPT)), *(["team"] if filters.seated else [])]
    if unknown or filters.attention not in ("", "overdue"):
        name = unknown[0].removesuffix("_id") if unknown else "attention"
        raise BadQuery(_("Of a past day this is not known. Leave that filter out."), path=name)
    rows: StandingQuerySet = Standing.objects.visible_to(mine).on(day).standing().filter(**filters.columns)
    if filters.attention:
        rows = rows.filter(state=Opportunity.State.OPEN, close_on__lt=day)
    # By names of today, and by the owner of that day.
    return rows.filter(deals.named(mine, filters.text, "opportunity__")) if filters.text else rows


def sorted_by(rows: StandingQuerySet, sort: str, day: date) -> tuple[QuerySet[Any], Sequence[str]]:
    """The rows with what they are sorted by, and the names of those columns for keyset pages."""
    return deals.sorted_by(rows.annotate(name_key=F("opportunity__name_key")), sort, day)
