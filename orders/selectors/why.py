"""Why a credit is what it is, in words: first what the reader came for, then what it rests on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from accounts.models import Cause
from common.locale import format_date, format_exact, format_instant, format_money, format_share
from common.money import WHOLE_SHARE
from orders.models import BookingEvent, Credit
from orders.selectors.reasons import Placement, Reason, SplitSource
from territories.models import Seat

LESSENS = (BookingEvent.Kind.CANCELLATION, BookingEvent.Kind.AMENDMENT)
"""What takes a part of a line back, by the split that stands."""


@dataclass(frozen=True)
class Part:
    """One thing that a credit rests on: its name for programs, its label for people, and what is said of it."""

    name: str
    label: StrOrPromise
    text: str


@dataclass(frozen=True)
class Why:
    """The sentence of a credit: `lead` is read first, `parts` where the reader wants more."""

    lead: str
    parts: list[Part]

    @property
    def text(self) -> str:
        """All of it as one sentence."""
        return "; ".join([self.lead, *(f"{part.label}: {part.text}" for part in self.parts)]) + "."


def why_of(reason: Reason) -> Why:
    """The sentence of one credit."""
    what, total = _what(reason), _sum(reason)
    if total:
        what = _("%(what)s: %(sum)s") % {"what": what, "sum": total}
    words = {"what": what, "day": format_date(reason.credit.booked_on)}
    return Why(_("%(what)s, booked %(day)s") % words, list(_parts(reason)))


def why_owned(credit: Credit) -> Why:
    """The sentence of a credit of somebody else that counts for the reader as the owner of its territory."""
    words = {"territory": credit.territory.name, "day": format_date(credit.booked_on)}
    lead = _("Sold by somebody else in %(territory)s, which you owned, booked %(day)s") % words
    return Why(lead, [Part("rule", _("Rule"), _("by territory owner"))])


def _what(reason: Reason) -> str:
    credit, event = reason.credit, reason.event
    if credit.kind == Credit.Kind.OPENING:
        return _("Order intake from before the start, from %(source)s") % {"source": credit.source}
    if event and event.kind == BookingEvent.Kind.NEW_SPLIT:
        return _shared_anew(reason, event)
    if credit.reverses_id:
        return _taken_back(reason, event)
    if reason.weight is None or reason.line is None:
        return _("A share of an order that is not in your reach")
    words = {
        "percent": format_share(reason.weight),
        "amount": format_money(reason.line.intake_minor, credit.currency),
        "line": _line(reason),
        "person": credit.person.name,
    }
    if credit.kind == Credit.Kind.OVERLAY:
        return _("%(percent)s %% of %(amount)s: overlay of %(person)s for %(line)s") % words
    if reason.is_own:
        return _("%(percent)s %% of %(amount)s: your share of %(line)s") % words
    return _("%(percent)s %% of %(amount)s: the share of %(person)s in %(line)s") % words


def _line(reason: Reason) -> str:
    """A line by its product: its number alone may be that of another one after an amendment."""
    words = {"number": reason.number, "product": reason.line.product.name if reason.line else "—"}
    return _("%(product)s (line %(number)s)") % words


def _shared_anew(reason: Reason, event: BookingEvent) -> str:
    words = {
        "percent": format_share(reason.weight or 0),
        "line": _line(reason),
        "person": reason.credit.person.name,
        "reason": event.reason,
    }
    message = _("The share of %(person)s in %(line)s is %(percent)s %% from here on (%(reason)s)")
    return message % words


def _taken_back(reason: Reason, event: BookingEvent | None) -> str:
    if event is None:
        return _("Taken back from an order that is not in your reach")
    words = {"line": _line(reason), "kind": event.get_kind_display(), "reason": event.reason}
    if event.kind == BookingEvent.Kind.CANCELLATION:
        message = _("Taken back from %(line)s by a cancellation (%(reason)s), by the order's own split")
        return message % words
    if event.kind == BookingEvent.Kind.CORRECTION:
        return _("Taken back from %(line)s by a correction (%(reason)s)") % words
    return _("Taken back from %(line)s: %(kind)s (%(reason)s)") % words


def _sum(reason: Reason) -> str:
    """What the amount of an entry that takes back, or came with a new split, is of: a share of what the line lost, or
    all that the person had of it; else their share of what is left, less what they had.
    """
    change, event, amount = reason.change, reason.event, reason.credit.amount_minor
    if change is None or event is None or not amount:
        return ""
    words = {
        "percent": format_share(change.weight),
        "lost": format_money(change.line_minor, reason.credit.currency),
        "left": format_money(change.left_minor, reason.credit.currency),
        "had": format_money(change.had_minor, reason.credit.currency),
    }
    is_share = abs(amount * WHOLE_SHARE - change.line_minor * change.weight) < WHOLE_SHARE
    if event.kind in LESSENS and change.line_minor and is_share:
        return _("%(percent)s %% of %(lost)s") % words
    if amount == -change.had_minor:
        return _("all of %(had)s so far") % words
    if event.kind in (*LESSENS, BookingEvent.Kind.NEW_SPLIT):
        return _("%(percent)s %% of %(left)s less %(had)s so far") % words
    return ""


def _parts(reason: Reason) -> Iterator[Part]:
    makers: list[tuple[str, StrOrPromise, Callable[[Reason], str]]] = [
        ("event", _("Event"), _event),
        ("share", _("Share"), _share),
        ("territory", _("Territory"), _territory),
        ("seat", _("Seat"), _seat),
        ("rate", _("Rate"), _rate),
        ("rule", _("Rule"), _rule),
    ]
    for name, label, make in makers:
        if text := make(reason):
            yield Part(name, label, text)


def _event(reason: Reason) -> str:
    event = reason.event
    if event is None:
        return ""
    words = {
        "kind": event.get_kind_display(),
        "reason": event.reason,
        "moment": format_instant(event.recorded_at),
    }
    if event.reason:
        return _("%(kind)s (%(reason)s), entered %(moment)s") % words
    return _("%(kind)s, entered %(moment)s") % words


def _share(reason: Reason) -> str:
    if reason.split is None:
        return ""
    usual, weight = reason.split.usual, reason.weight
    if usual is None or weight is None or usual.get(reason.credit.person_id, 0) == weight:
        return _source(reason.split)
    words = {
        "here": format_share(weight),
        "usual": format_share(usual.get(reason.credit.person_id, 0)),
    }
    message = _("typed with the booking: %(here)s %% instead of %(usual)s %% by the split of the deal")
    return message % words


def _source(source: SplitSource) -> str:
    if source.is_owners:
        return _("no split: the owner gets 100 %")
    if source.split:
        words = {
            "version": source.version,
            "day": format_date(source.split.starts_on),
            "moment": format_instant(source.split.recorded_at),
        }
        message = _("split of the deal from %(day)s, version %(version)s, recorded %(moment)s")
        return message % words
    if source.event.kind in BookingEvent.BOOKED:
        return _("typed with the booking")
    words = {"kind": source.event.get_kind_display(), "day": format_date(source.event.booked_on)}
    return _("typed with the %(kind)s of %(day)s") % words


def _territory(reason: Reason) -> str:
    credit = reason.credit
    if credit.kind == Credit.Kind.OPENING or (reason.event is None and credit.seat_id == credit.territory_id):
        return ""
    told = credit.territory.name
    if reason.place:
        told = f"{told}, {_placed(reason.place)}"
    elif credit.territory.is_unassigned:
        told = _("%(territory)s: the account was in no territory on the booking date") % {"territory": told}
    if credit.seat_id != credit.territory_id:
        return _("out of territory, for an account of %(territory)s") % {"territory": told}
    return told


def _placed(place: Placement) -> str:
    """What put the account there, and from which day on."""
    first = place.first
    words = {
        "day": format_date(first.starts_on),
        "rule": place.rule,
        "version": place.row.cause_version,
        "name": first.recorded_by.name if first.recorded_by else "",
        "reason": first.reason,
    }
    if place.row.cause == Cause.RULE and place.rule:
        return _("by the rule %(rule)s, version %(version)s, from %(day)s") % words
    if place.row.cause == Cause.MANUAL and first.recorded_by:
        said = _("by hand by %(name)s from %(day)s") % words
    else:
        said = _("%(cause)s from %(day)s") % {**words, "cause": Cause(place.row.cause).label}
    return f"{said} ({first.reason})" if first.reason else said


def _seat(reason: Reason) -> str:
    credit, seat = reason.credit, reason.seat
    if seat is None:
        return credit.seat.name
    words = {
        "seat": credit.seat.name,
        "kind": Seat.Kind(seat.kind).label,
        "day": format_date(seat.starts_on),
    }
    return _("%(seat)s, %(kind)s from %(day)s") % words


def _rate(reason: Reason) -> str:
    rates = [rate for rate in (reason.credit.plan_rate, reason.credit.booked_rate) if rate]
    said = []
    for rate in rates:
        words = {
            "kind": rate.get_kind_display(),
            "value": format_exact(rate.value, 2),
            "day": format_date(rate.starts_on),
        }
        one = _("%(kind)s %(value)s from %(day)s") % words
        said.append(f"{one} ({rate.source})" if rate.source else one)
    return ", ".join(said) or _("none, the amount is in the reporting currency")


def _rule(reason: Reason) -> str:
    if reason.credit.kind == Credit.Kind.OPENING:
        return ""
    if reason.credit.reverses_id:
        return _("by split, at the rates of what is taken back")
    return _("by split: each line by its shares, to the cent")
