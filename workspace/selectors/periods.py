"""Closing periods and opening them again: what goes along, what is in the way, who asked and who answered."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from common.history import Change, with_reason
from common.locale import format_date
from common.models import Period
from common.selectors import today
from common.transaction import widened
from workspace.models import Approval
from workspace.selectors.approvals import answer_in_words, holders, kind_of

CLOSE, REOPEN = "period_close", "period_reopen"
MOST_SHOWN = 60


def inside(period: Period) -> Q:
    """The period and all that lies in it: quarters, months and weeks, as far down as it goes."""
    below = Q(parent=period) | Q(parent__parent=period) | Q(parent__parent__parent=period)
    return Q(pk=period.pk) | below


def closed_with(period: Period) -> QuerySet[Period]:
    """The open periods that close with this one: itself and those inside it."""
    return Period.objects.filter(inside(period), is_closed=False)


def opened_with(period: Period) -> QuerySet[Period]:
    """The closed periods that open with this one: itself, those inside it, and those that hold it."""
    above, holder = [], period.parent
    while holder:
        above.append(holder.pk)
        holder = holder.parent
    return Period.objects.filter(inside(period) | Q(pk__in=above), is_closed=True)


@dataclass(frozen=True)
class WhyNot:
    """Why a period can't be closed now, in words and as a program reads it."""

    message: str
    code: str


def why_not_closed(period: Period) -> WhyNot | None:
    """What keeps a period from being closed: it is closed, it runs, or a month before it is open; None if nothing."""
    words = {"code": period.code, "last": format_date(period.last_day)}
    if period.is_closed:
        return WhyNot(_("%(code)s is closed already.") % words, "period_closed")
    if period.stops_on > today():
        message = _("%(code)s runs until %(last)s. It can be closed after that day.")
        return WhyNot(message % words, "period_running")
    before = Period.objects.months().filter(stops_on__lte=period.starts_on, is_closed=False)
    if first := before.order_by("starts_on").first():
        message = _(
            "%(first)s is open. Periods are closed in their order: close what lies before %(code)s first."
        )
        return WhyNot(message % {**words, "first": first.code}, "period_before_open")
    return None


@dataclass(frozen=True)
class Asking:
    """What closing or opening a period would do, what is in its way, whether another one could decide, who asked."""

    effect: str
    why_not: str
    has_other: bool
    asked: list[tuple[Approval, str]]

    @property
    def is_waiting(self) -> bool:
        return any(row.state == Approval.State.WAITING for row, _words in self.asked)


def closing(period: Period, person_id: int, day: date) -> Asking:
    """What somebody who may ask to close this period should know."""
    why_not = why_not_closed(period)
    return _asking(CLOSE, period, person_id, day, why_not.message if why_not else "")


def reopening(period: Period, person_id: int, day: date) -> Asking:
    """What somebody who may ask to open this period should know."""
    why_not = "" if period.is_closed else _("%(code)s is open.") % {"code": period.code}
    return _asking(REOPEN, period, person_id, day, why_not)


def _asking(name: str, period: Period, person_id: int, day: date, why_not: str) -> Asking:
    kind = kind_of(name)
    effect = "" if why_not else kind.effects([{"period_id": period.pk}])[0]
    rows = _asked().filter(kind=name, key=str(period.pk))
    asked = [(row, answer_in_words(row)) for row in rows]
    return Asking(effect, why_not, bool(holders(kind.role, day) - {person_id}), asked)


def _asked() -> QuerySet[Approval]:
    """When periods were asked to be closed or opened, by whom, and what was answered, newest first."""
    rows = Approval.objects.filter(kind__in=(CLOSE, REOPEN))
    return rows.select_related("asked_by", "answered_by", "answered_for")


def period_acts(*, with_reasons: bool) -> list[Change]:
    """Who closed and opened which period when, newest first; why, and what waits or was refused, for some readers."""
    rows = _asked() if with_reasons else _asked().filter(state=Approval.State.GRANTED)
    with widened("approval"):
        shown = list(rows.order_by("-id")[:MOST_SHOWN])
    return [_act(row, with_reasons) for row in shown]


def _act(row: Approval, with_reasons: bool) -> Change:
    answered = answer_in_words(row) or _("Waits for an answer.")
    note = f"{answered[:-1]}: {row.answer}" if with_reasons and row.answer else answered
    text = with_reason(row.about, row.reason) if with_reasons else row.about
    return Change(row.asked_at, row.asked_by.name, why=note, text=text)
