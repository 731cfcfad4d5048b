"""What lies in a period that somebody wants to open again."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.access import found
from common.locale import format_date, format_money
from common.models import Period
from common.selectors import the_organisation
from common.transaction import reach
from orders.models import Credit


def reopening_effects(asked: Sequence[dict[str, Any]]) -> list[str]:
    """Which days open again with each closed period, what else opens with it, and what lies in it."""
    periods = Period.objects.in_bulk([one["period_id"] for one in asked])
    closed = list(Period.objects.filter(is_closed=True))
    wanted = [found(periods.get(one["period_id"])) for one in asked]
    return [
        _effect(period, closed, content) for period, content in zip(wanted, _contents(wanted), strict=True)
    ]


def _effect(period: Period, closed: Sequence[Period], content: str) -> str:
    days = {"first": format_date(period.starts_on), "last": format_date(period.last_day)}
    # Periods nest: what shares a day with this one holds it or lies inside.
    opened = [one.code for one in closed if one.pk != period.pk and one.span.shared(period.span)]
    sentences = [_("Bookings, corrections and other changes can be dated %(first)s – %(last)s again.") % days]
    if opened:
        message = _("It opens %(codes)s too; what else is closed stays closed.")
        sentences.append(message % {"codes": ", ".join(opened)})
    return " ".join([*sentences, content])


def _contents(periods: Sequence[Period]) -> list[str]:
    """The credits that lie in each of them, all read at once."""
    sums: dict[str, Any] = {}
    for number, period in enumerate(periods):
        within = Q(booked_on__gte=period.starts_on, booked_on__lt=period.stops_on)
        sums[f"count_{number}"] = Count("pk", filter=within)
        sums[f"minor_{number}"] = Sum("plan_minor", filter=within, default=0)
    total = Credit.objects.visible_to(reach()).intake().order_by().aggregate(**sums)
    return [_content(total[f"count_{number}"], total[f"minor_{number}"]) for number in range(len(periods))]


def _content(count: int, minor: int) -> str:
    words = ngettext(
        "In it lies %(count)d credit, %(amount)s of order intake; opening it changes no figure.",
        "In it lie %(count)d credits, %(amount)s of order intake; opening it changes no figure.",
        count,
    )
    amount = format_money(minor, the_organisation().reporting_currency)
    return words % {"count": count, "amount": amount}
