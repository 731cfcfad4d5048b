"""Where a person stands."""

from datetime import date
from typing import cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from common import charts
from common.calendars import Span
from common.definitions import by_key, named
from common.http import may, strict_query
from common.locale import format_date, format_money, format_money_whole
from common.money import round_half_away
from common.selectors import the_organisation, today
from common.transaction import reach
from orders.selectors import days_text
from quotas import rules, selectors
from quotas.selectors.figures import Figures
from quotas.selectors.people import MyAttainment
from quotas.views.quarters import quarter_of, quarter_tabs
from territories.models import User

METRICS = ("attainment", "year-to-date-attainment", "pace", "gap", "quota", "order-intake")


@require_safe
@may("leaf_cell", "mine")
def my_attainment(request: HttpRequest) -> HttpResponse:
    """Why is my number what it is: my quota, my order intake month by month, and the credits behind it."""
    query, day = strict_query(request, "period"), today()
    attained = selectors.my_attainment(reach(), cast("User", request.user), quarter_of(query), day)
    currency = the_organisation().reporting_currency
    context = {
        "attained": attained,
        "tabs": quarter_tabs(query, attained.period, day),
        "chart": _chart(attained, currency, day),
        "months": [(month, _credits_url(attained, month=month.code)) for month in attained.months],
        "gap_note": gap_note(attained.quarter, attained.days_left, currency),
        "freshness": selectors.freshness(timezone.now()),
        "currency": currency,
        "metrics": by_key(METRICS),
        "metric_list": named(*METRICS),
        **_urls(attained),
    }
    return render(request, "quotas/my_attainment.html", context)


def gap_note(figures: Figures, left: int, currency: str) -> str:
    """What each working day that is left must bring, in words."""
    rate = rules.run_rate(figures.intake, figures.quota, left)
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


def _urls(attained: MyAttainment) -> dict[str, str]:
    """The addresses of the credits behind the quarter's and the year's figures."""
    year, period = attained.period.parent, attained.period
    quarter = _credits_url(attained, period=period.code)
    days = days_text([Span(attained.quarters[0].starts_on, attained.quarters[-1].stops_on)])
    return {
        "quarter_url": quarter,
        "year_url": _credits_url(attained, period=year.code, days=days) if year else quarter,
    }


def _credits_url(attained: MyAttainment, **span: str) -> str:
    return f"{reverse('credit_list')}?{urlencode({'person': attained.person.pk, **span}, safe=',')}"


def _chart(attained: MyAttainment, currency: str, day: date) -> charts.Chart:
    begun = [month for month in attained.months if month.starts_on <= day and month.part is not None]
    values = {"met": sum(month.intake >= (month.part or 0) for month in begun), "months": len(begun)}
    finding = ngettext(
        "%(met)d of %(months)d month so far brought its part of the quota",
        "%(met)d of %(months)d months so far brought their part of the quota",
        len(begun),
    )
    return charts.stacked(
        title=finding % values if begun else _("Order intake by month, without a quota"),
        summary=_("Order intake by month; the line is an equal part of the quarter's quota."),
        series=[_("Order intake")],
        bars=[
            charts.Bar(format_date(month.starts_on, "MMM"), [month.intake], month.part)
            for month in attained.months
        ],
        write=lambda minor: format_money(minor, currency),
        axis=lambda minor: format_money_whole(minor, currency),
    )
