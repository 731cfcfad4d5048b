"""Credit is disputed, and the dispute is answered or withdrawn."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from common.access import found, seen, table
from common.checks import note_of
from common.errors import Conflict, Forbidden, Refused
from common.locale import format_instant
from common.selectors import today
from common.transaction import act, now, reach, widened
from orders.models import MOST_SAID, BookingEvent, Credit, Dispute, Order
from orders.selectors.dispute_detail import credit_to_dispute, entries_since, puts_right
from orders.selectors.disputes import has_credit
from orders.services.changing import book_on_another_day, split_anew
from orders.services.counters import correct
from pipeline.services.checks import check_choice
from territories.models import RoleGrant, User
from territories.selectors import reaches_for
from workspace.models import Event
from workspace.services.messages import tell

State = Dispute.State


@act
def raise_dispute(
    *, by: int, cause: str, text: str, credit_id: int | None = None, order_id: int | None = None
) -> Dispute:
    """Say what is wrong with a credit of one's own, or that one should have credit in an order that one reads.

    Whoever sells. Those who may answer are told. Raises NotInReach, Forbidden for somebody else's credit, Refused
    without a text, where one disputes it already, or for an order in which one has credit: that is disputed then.
    """
    reach().require("dispute", "create", {"raised_by_id": by})
    check_choice(cause, "cause", Dispute.Cause.values)
    said = note_of(text, "text", MOST_SAID, is_long=True)
    if not said:
        raise Refused(_("Say what is wrong; whoever answers reads it."), path="text", code="required")
    if (credit_id is None) == (order_id is None):
        raise Refused(_("Name a credit or an order, and not both."), path="credit_id", code="required")
    about = _about_credit(credit_id) if credit_id is not None else _about_order(by, order_id or 0)
    dispute: Dispute = Dispute.objects.create(**about, raised_by_id=by, cause=cause, text=said)
    dispute.refresh_from_db()
    _tell(Event.DISPUTE_RAISED, answerers(dispute), dispute, by)
    return dispute


def _about_credit(credit_id: int) -> dict[str, Any]:
    row = credit_to_dispute(reach(), credit_id)
    if row.credit.kind == Credit.Kind.OPENING:
        about = row.credit.source or _("opening entry")
        return {"credit": row.credit, "territory_id": row.credit.territory_id, "about": about}
    order = row.event.order if row.event else None
    return {"credit": row.credit, **_of(found(order))}


def _about_order(by: int, order_id: int) -> dict[str, Any]:
    order: Order = seen(Order.objects.all(), reach(), order_id)
    if has_credit(by, order.pk):
        message = _("You have credit in this order. Dispute that credit.")
        raise Refused(message, path="order_id", code="has_credit")
    return _of(order)


def _of(order: Order) -> dict[str, Any]:
    return {"order": order, "territory_id": order.territory_id, "about": order.number}


def answerers(dispute: Dispute) -> set[int]:
    """Who may answer it today, but for the person who raised it."""
    roles = table()["dispute"].actions["answer"]
    grants = RoleGrant.objects.on(today()).filter(role__in=list(roles), user__is_active=True)
    people = User.objects.filter(pk__in=grants.values("user_id")).exclude(pk=dispute.raised_by_id)
    reaches = reaches_for(people, today())
    return {
        pk
        for pk, theirs in reaches.items()
        if theirs.allows("dispute", "answer", dispute) and puts_right(theirs, dispute, dispute.order)
    }


def _tell(event: str, people: set[int], dispute: Dispute, by: int, became: str = "") -> None:
    key = f"dispute:{dispute.pk}" + (f":{became}" if became else "")
    url = reverse("dispute_detail", args=[dispute.pk])
    tell(event=event, people=people, key=key, by=by, about=dispute.about, url=url)


@act
def answer_dispute(
    *,
    by: int,
    dispute_id: int,
    version: int,
    is_granted: bool,
    answer: str = "",
    event_id: int | None = None,
) -> Dispute:
    """Refuse a dispute, saying why, or grant it by an entry that was posted on its order after it was raised.

    Whoever may put the order right, but never who raised it; they are told. Raises NotInReach, Forbidden, Conflict for
    one that is answered or withdrawn, Stale, Refused without a reason or for any other entry.
    """
    dispute = _to_answer(by, dispute_id)
    said = note_of(answer, "answer", MOST_SAID, is_long=True)
    if not is_granted and not said:
        message = _("Say why the credit stays; whoever disputes it reads it.")
        raise Refused(message, path="answer", code="reason_needed")
    if is_granted and not entries_since(dispute).filter(pk=event_id or 0).exists():
        message = _("Name an entry that was posted on this order after the dispute was raised.")
        raise Refused(message, path="event_id", code="other_entry")
    if not is_granted and event_id is not None:
        raise Refused(_("A refusal names no entry."), path="event_id", code="other_entry")
    state = State.GRANTED if is_granted else State.REFUSED
    _close(dispute, version, by, state, answer=said, event_id=event_id)
    return dispute


RIGHTED_BY: dict[str, Callable[..., BookingEvent]] = {
    "correct": correct,
    "split": split_anew,
    "day": book_on_another_day,
}
"""What puts the order of a dispute right, by how it is called in addresses."""


@act
def put_right(
    *, by: int, dispute_id: int, order_id: int, how: str, answer: str = "", **terms: Any
) -> BookingEvent:
    """Put the order of a dispute right and grant the dispute by that, in one step.

    `how` is one of RIGHTED_BY, `terms` are those of that act. Who may, and what is refused: as for it and for
    `answer_dispute`.
    """
    seen(
        Order.objects.select_for_update(no_key=True), reach(), order_id
    )  # held before its disputes, by every act
    dispute = _to_answer(by, dispute_id)
    if dispute.order_id != order_id:
        raise Refused(_("The dispute is about another order."), path="dispute_id", code="other_order")
    said = note_of(answer, "answer", MOST_SAID, is_long=True)
    event = RIGHTED_BY[how](by=by, order_id=order_id, **terms)
    with widened("dispute"):  # another day may have put it into somebody else's territory
        _close(dispute, dispute.version, by, State.GRANTED, answer=said, event_id=event.pk)
    return event


@act
def withdraw_dispute(*, by: int, dispute_id: int, version: int) -> Dispute:
    """Take back a dispute that one raised, before it is answered. Raises NotInReach, Forbidden, Conflict, Stale."""
    dispute = _locked(dispute_id)
    if dispute.raised_by_id != by:
        raise Forbidden(_("Only the person who raised a dispute withdraws it."))
    _check_open(dispute)
    Dispute.objects.change(dispute.pk, version, state=State.WITHDRAWN)
    return dispute


def _locked(dispute_id: int) -> Dispute:
    """The dispute, held until it is answered: of two answers at once the second finds the first."""
    dispute: Dispute = seen(Dispute.objects.select_for_update(no_key=True), reach(), dispute_id)
    return dispute


def _to_answer(by: int, dispute_id: int) -> Dispute:
    dispute = _locked(dispute_id)
    if dispute.raised_by_id == by:
        raise Forbidden(_("Nobody answers a dispute that they raised themselves."))
    reach().require("dispute", "answer", dispute)
    order = Order.objects.visible_to(reach()).filter(disputes=dispute).first()
    if not puts_right(reach(), dispute, order):
        raise Forbidden()
    _check_open(dispute)
    return dispute


def _check_open(dispute: Dispute) -> None:
    if dispute.state == State.WITHDRAWN:
        raise Conflict(_("This dispute was withdrawn."), code="withdrawn")
    if not dispute.is_open:
        words = {
            "name": dispute.answered_by.name if dispute.answered_by else "",
            "moment": format_instant(dispute.answered_at),
        }
        raise Conflict(_("%(name)s answered this dispute %(moment)s.") % words, code="answered")


def _close(dispute: Dispute, version: int, by: int, state: str, **changes: Any) -> None:
    closing = {"state": state, "answered_by_id": by, "answered_at": now(), **changes}
    Dispute.objects.change(dispute.pk, version, **closing)
    _tell(Event.DISPUTE_ANSWERED, {dispute.raised_by_id}, dispute, by, state)
