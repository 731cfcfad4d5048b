"""Which periods there are to choose from; what lies in one that somebody wants to close, or to open again."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.access import found
from common.calendars import Span
from common.locale import format_date, format_money
from common.models import Period
from common.selectors import the_organisation
from common.transaction import reach
from orders.models import Credit, Dispute, OrderRequest

LONGEST: list[str] = [Period.Kind.YEAR, Period.Kind.QUARTER, Period.Kind.MONTH]


def closing_effects(asked: Sequence[dict[str, Any]]) -> list[str]:
    """Which days close with each period, what else closes with it, what lies in it and what would come too late."""
    wanted, others = _wanted(asked), list(_named().filter(is_closed=False))
    late = _awaiting(wanted)
    return [
        " ".join(filter(None, [_closing(period, others), content, waits]))
        for period, content, waits in zip(wanted, _contents(wanted), late, strict=True)
    ]


def _closing(period: Period, others: Sequence[Period]) -> str:
    sentence = _(
        "Nothing can be dated %(first)s – %(last)s any more. What is put right later is dated in an open period."
    )
    inside = _codes(one for one in others if one.pk != period.pk and _lies_in(one.span, period.span))
    also = _("It closes %(codes)s too.") % {"codes": ", ".join(inside)} if inside else ""
    return " ".join(filter(None, [sentence % _days(period), also]))


def _codes(periods: Iterable[Period]) -> list[str]:
    """Their codes: years, then quarters, then months, each from the first on."""
    return [one.code for one in sorted(periods, key=lambda one: (LONGEST.index(one.kind), one.starts_on))]


def _lies_in(span: Span, other: Span) -> bool:
    return other.start <= span.start and span.stop <= other.stop


def _awaiting(periods: Sequence[Period]) -> list[str]:
    """What waits to be booked in each of them, which closing it would refuse, and what is disputed in it."""
    waits = OrderRequest.objects.visible_to(reach()).filter(state=OrderRequest.State.WAITING)
    deals, others = waits.exclude(opportunity=None), waits.filter(opportunity=None)
    disputes = Dispute.objects.visible_to(reach()).filter(state=Dispute.State.OPEN)
    disputes = disputes.annotate(booked_on=Coalesce("credit__booked_on", "order__booked_on"))
    counts = zip(*(_counted(rows, periods) for rows in (deals, others, disputes)), strict=True)
    told = ([_late(won), _direct(direct), _disputed(disputed)] for won, direct, disputed in counts)
    return [" ".join(filter(None, words)) for words in told]


def _counted(rows: QuerySet[Any], periods: Sequence[Period]) -> list[int]:
    """How many of these rows lie in each of the periods."""
    asked = {f"of_{number}": Count("pk", filter=_within(period)) for number, period in enumerate(periods)}
    counts = rows.order_by().aggregate(**asked) if asked else {}
    return [counts[name] for name in asked]


def _late(count: int) -> str:
    words = ngettext(
        "%(count)d won deal still waits to be booked in it, and could not be any more.",
        "%(count)d won deals still wait to be booked in it, and could not be any more.",
        count,
    )
    return words % {"count": count} if count else ""


def _direct(count: int) -> str:
    words = ngettext(
        "%(count)d order without a deal waits to be booked in it too.",
        "%(count)d orders without a deal wait to be booked in it too.",
        count,
    )
    return words % {"count": count} if count else ""


def _disputed(count: int) -> str:
    words = ngettext(
        "%(count)d dispute about it is open: what it puts right would be dated in an open period.",
        "%(count)d disputes about it are open: what they put right would be dated in an open period.",
        count,
    )
    return words % {"count": count} if count else ""


def reopening_effects(asked: Sequence[dict[str, Any]]) -> list[str]:
    """Which days open again with each closed period, what else opens with it, and what lies in it."""
    wanted, closed = _wanted(asked), list(_named().filter(is_closed=True))
    return [
        f"{_opening(period, closed)} {content} {_('Opening it changes no figure.')}"
        for period, content in zip(wanted, _contents(wanted), strict=True)
    ]


def _named() -> QuerySet[Period]:
    """The periods that are told by name: weeks go along with their months."""
    return Period.objects.exclude(kind=Period.Kind.WEEK)


def _wanted(asked: Sequence[dict[str, Any]]) -> list[Period]:
    periods = Period.objects.in_bulk([one["period_id"] for one in asked])
    return [found(periods.get(one["period_id"])) for one in asked]


def _days(period: Period) -> dict[str, str]:
    return {"first": format_date(period.starts_on), "last": format_date(period.last_day)}


def _opening(period: Period, closed: Sequence[Period]) -> str:
    # Periods nest: what shares a day with this one holds it or lies inside.
    opened = _codes(one for one in closed if one.pk != period.pk and one.span.shared(period.span))
    sentence = _("Bookings, corrections and other changes can be dated %(first)s – %(last)s again.")
    also = _("It opens %(codes)s too; what else is closed stays closed.") % {"codes": ", ".join(opened)}
    return " ".join(filter(None, [sentence % _days(period), also if opened else ""]))


def _within(period: Period) -> Q:
    return Q(booked_on__gte=period.starts_on, booked_on__lt=period.stops_on)


def _contents(periods: Sequence[Period]) -> list[str]:
    """The credits that lie in each of them, all read at once."""
    sums: dict[str, Any] = {}
    for number, period in enumerate(periods):
        sums[f"count_{number}"] = Count("pk", filter=_within(period))
        sums[f"minor_{number}"] = Sum("plan_minor", filter=_within(period), default=0)
    total = Credit.objects.visible_to(reach()).intake().order_by().aggregate(**sums)
    return [_content(total[f"count_{number}"], total[f"minor_{number}"]) for number in range(len(periods))]


def _content(count: int, minor: int) -> str:
    words = ngettext(
        "In it lies %(count)d credit, %(amount)s of order intake.",
        "In it lie %(count)d credits, %(amount)s of order intake.",
        count,
    )
    amount = format_money(minor, the_organisation().reporting_currency)
    return words % {"count": count, "amount": amount}


def period_codes(chosen: Period, day: date) -> list[str]:
    """The periods to choose from, newest first: those that have begun by that day, and the one that is chosen."""
    begun = (
        Period.objects.filter(starts_on__lte=day)
        .exclude(kind=Period.Kind.WEEK)
        .order_by("-starts_on", "kind")
    )
    return list(dict.fromkeys([chosen.code, *begun.values_list("code", flat=True)]))
