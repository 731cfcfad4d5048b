"""The deals behind the figures that stand beside the win rates: reasons, quarters of creation, how fast."""

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from common.access import Reach
from common.models import Period
from pipeline.selectors.insight import LOST, WON, Asked, deals, pipeline, rates_now, took, valued
from pipeline.selectors.win_rates import AGES, CLOSED, counted, with_reason

CREATED_IN = ("created", "created_won", *(f"within_{age}" for age in AGES))
"""What is counted of a quarter of creation: all, those won by now, those won within so many days."""


def reason_deals(mine: Reach, asked: Asked, column: str, text: str, today: date) -> QuerySet[Any]:
    """The deals behind a line of `reasons`."""
    return valued(with_reason(mine, asked, column).filter(**{column: text}), rates_now(today))


def cohort_deals(mine: Reach, asked: Asked, what: str, code: str, today: date) -> QuerySet[Any]:
    """The deals behind a figure of a quarter of creation (CREATED_IN); of what is no quarter there are none."""
    period = Period.objects.quarters().filter(code=code).first()
    rows, rates = deals(mine, asked), rates_now(today)
    if period is None:
        return valued(rows.none(), rates)
    rows = rows.filter(created_on__gte=period.starts_on, created_on__lt=period.stops_on)
    if what == "created":
        return valued(rows, rates)
    rows = rows.filter(state=WON)
    if what != "created_won":
        age = timedelta(days=int(what.removeprefix("within_")))
        rows = rows.annotate(took=took()).filter(took__lte=age)
    return valued(rows, rates)


def pace_deals(mine: Reach, asked: Asked, what: str, today: date) -> QuerySet[Any]:
    """The deals of which it is told how fast they go: those that are open in the pipeline, or were won or lost."""
    if what == "pipeline":
        return valued(pipeline(deals(mine, asked)), rates_now(today))
    rows = counted(mine, asked, CLOSED).filter(state=WON if what == "cycle" else LOST)
    return valued(rows, rates_now(today))
