"""Where a person stands."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import cache
from typing import NamedTuple, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from common import charts
from common.definitions import named
from common.http import may, person_id, strict_query
from common.locale import format_date, format_money, format_money_whole
from common.models import Period
from common.money import round_half_away
from common.selectors import the_organisation, today
from common.transaction import reach
from orders.forms.filters import ClockForm
from orders.selectors.credits import CreditFilter, credit_total
from orders.selectors.known import CLOCKS, AsOf
from orders.views.clocks import clocks
from quotas.forms import quarter_of
from quotas.selectors import people
from quotas.selectors.acceptance import year_acceptance
from quotas.selectors.figures import Figures
from quotas.selectors.runs import freshness
from quotas.views.quarters import quarter_tabs
from territories.models import User

METRICS = (
    "attainment",
    "year-to-date-attainment",
    "pace",
    "gap",
    "quota",
    "order-intake",
    "awaiting-booking",
    "as-known-at",
    "crediting-rule",
    "out-of-territory",
)


@require_safe
@may("leaf_cell", "mine")
def my_attainment(request: HttpRequest) -> HttpResponse:
    """Why is my number what it is: my quota, my order intake month by month, and the credits behind it."""
    query = strict_query(request, "period", *CLOCKS)
    as_of = AsOf.of(query)
    day, period = as_of.due_on(today()), quarter_of(query)
    asked = (reach(), cast("User", request.user), period, day, as_of)
    attained = people.my_attainment(*asked)
    currency = the_organisation().reporting_currency
    context = {
        "attained": attained,
        "since": people.person_since(*asked),
        "acceptance": year_acceptance(person_id(), period.parent or period) if as_of.is_now else None,
        "tabs": quarter_tabs(query, period, today()),
        **clocks(ClockForm(query), as_of, query),
        "chart": _chart(attained.months, currency, day),
        "months": [(month, credits_url(month.credits)) for month in attained.months],
        "outside": outside([("", replace(attained.quarter_credits, person_id=person_id(), owner_id=None))]),
        "quarter_url": credits_url(attained.quarter_credits),
        "year_url": credits_url(attained.year_credits),
        "gap_note": gap_note(attained.quarter, attained.days_left, currency),
        "freshness": freshness(),
        "metrics": named(*METRICS),
    }
    return render(request, "quotas/my_attainment.html", context)


def gap_note(figures: Figures, left: int, currency: str) -> str:
    """What each working day that is left must bring, in words."""
    rate = figures.run_rate(left)
    if rate == "met":
        return _("met")
    if rate is None:
        return _("no working day is left") if figures.gap else ""
    amount = format_money_whole(round_half_away(rate), currency)
    sentence = ngettext(
        "%(amount)s on the %(days)d working day left",
        "%(amount)s on each of the %(days)d working days left",
        left,
    )
    return sentence % {"amount": amount, "days": left}


def credits_url(credits: CreditFilter | None) -> str:
    """The address of the credits behind a figure."""
    return f"{_credit_list()}?{credits.query}" if credits else ""


class Outside(NamedTuple):
    """How many of the credits behind a figure are out of territory, what they come to, and the list of them.

    `name`: whose figure it is, where a page has several.
    """

    name: str
    credits: int
    minor: int
    url: str


def outside(named: Iterable[tuple[str, CreditFilter | None]]) -> list[Outside]:
    """Of each of these figures what was sold out of territory; nothing of one without any."""
    asked = [(name, replace(credits, is_out=True)) for name, credits in named if credits]
    totals = [(name, one, credit_total(one, reach())) for name, one in asked]
    return [
        Outside(name, total.figure_count, total.figure_minor, credits_url(one))
        for name, one, total in totals
        if total.figure_count
    ]


@cache  # a table asks for it in every row
def _credit_list() -> str:
    return reverse("credit_list")


def _month(period: Period) -> str:
    return format_date(period.last_day, "MMM") if period.is_calendar_month else period.code


def _chart(months: list[people.Month], currency: str, day: date) -> charts.Chart:
    parts = [(month, month.part) for month in months if month.part is not None]
    begun = [month.intake >= part for month, part in parts if month.period.starts_on <= day]
    finding = ngettext(
        "%(met)d of %(months)d month so far brought its part of the quota",
        "%(met)d of %(months)d months so far brought their part of the quota",
        len(begun),
    )
    values = {"met": sum(begun), "months": len(begun)}
    return charts.stacked(
        title=finding % values if begun else _("Order intake by month, without a quota"),
        summary=_("Order intake by month; the line is an equal part of the quarter's quota."),
        series=[_("Order intake")],
        bars=[charts.Bar(_month(month.period), [month.intake], month.part) for month in months],
        write=lambda minor: format_money(minor, currency),
        axis=lambda minor: format_money_whole(minor, currency),
    )
