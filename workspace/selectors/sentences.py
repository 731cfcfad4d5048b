"""What a message says, in the reader's language: from what happened, to what, by whom and how often."""

import re
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.locale import format_date, format_number
from workspace.models import TO, Event, Message

TWICE_ENDED = re.compile(r"(?<=[.!?…])\.$")


def sentence(message: Message) -> str:
    """One sentence, such as *Ada Admin gave you the deal Acorn renewal.*"""
    about = _run(message.about) if message.event == Event.RUN_FAILED else message.about
    words = {"about": about, "count": format_number(message.count)}
    words["by"] = message.by.name if message.by else ""
    words["what"], _to, words["whom"] = about.partition(TO)
    told = (
        _several(Event(message.event), message) if message.count > 1 else _one(Event(message.event), message)
    )
    return TWICE_ENDED.sub("", told % words)


def _run(about: str) -> str:
    """A job and its day as the reader writes days: attainment 2026-05-19 → *attainment, May 19, 2026*."""
    job, _gap, day = about.rpartition(" ")
    return f"{job}, {format_date(date.fromisoformat(day))}"


def _of_orders(message: Message) -> dict[Event, tuple[str, str]]:
    """What is said of orders and of the credit in them."""
    return {
        Event.CREDIT_CHANGED: (
            _("%(by)s changed your credit of %(about)s."),
            _("Your credit of %(about)s was changed."),
        ),
        Event.ORDER_ANSWERED: (
            _("%(by)s answered your order that waited: %(about)s."),
            _("Your order that waited was answered: %(about)s."),
        ),
        Event.DISPUTE_RAISED: (
            _("%(by)s disputes credit of %(about)s."),
            _("Credit of %(about)s is disputed."),
        ),
        Event.DISPUTE_ANSWERED: (_disputed(message), _("Your dispute of %(about)s was answered.")),
    }


def _one(event: Event, message: Message) -> str:
    by_somebody, by_itself = {
        Event.INVITED: (_("%(by)s invites you."), _("You are invited.")),
        Event.ACCOUNT_CAME: (
            _("%(by)s gave you the account %(about)s."),
            _("The account %(about)s came to you."),
        ),
        Event.DEAL_CAME: (_came(message), _("The deal %(about)s came to you.")),
        Event.DEAL_CHANGED: (_changed(message), _("Your deal %(about)s was changed.")),
        Event.LEAD_CAME: (_("%(by)s gave you the lead %(about)s."), _("The lead %(about)s came to you.")),
        Event.LEAD_UNTOUCHED: (
            _("%(by)s has not touched the lead %(about)s."),
            _("Your lead %(about)s is untouched."),
        ),
        Event.SEAT_CAME: (_("%(by)s gave you a seat on %(about)s."), _("A seat on %(about)s came to you.")),
        Event.SEAT_WENT: (
            _("%(by)s handed a seat over: %(about)s."),
            _("A seat is handed over: %(about)s."),
        ),
        Event.REALIGNED: (
            _("%(by)s published a realignment that touches you: %(about)s."),
            _("A realignment that touches you is published: %(about)s."),
        ),
        Event.UNPUBLISHED: 2 * (_("The realignment %(about)s was not published; its page says why."),),
        Event.FORECAST_DUE: 2 * (_("Your forecast call for %(about)s is due within 24 hours."),),
        Event.FORECAST_LATE: (
            _("%(by)s has not made the forecast call for %(about)s."),
            _("Your forecast call for %(about)s is late."),
        ),
        Event.APPROVAL_ASKED: (_("%(by)s asks you: %(about)s."), _("You are asked: %(about)s.")),
        Event.APPROVAL_ANSWERED: (_answered(message), _("It was answered: %(about)s.")),
        **_of_orders(message),
        Event.MENTIONED: (
            _("%(by)s mentioned you in a comment on %(about)s."),
            _("You are mentioned in a comment on %(about)s."),
        ),
        Event.RUN_FAILED: 2 * (_("A run failed: %(about)s."),),
        Event.WEBHOOK_PAUSED: 2 * (_("Your webhook %(about)s did not answer and is paused."),),
        Event.ADDRESS_CHANGED: 2 * (_("Your e-mail address to sign in with was changed."),),
    }[event]
    return by_somebody if message.by else by_itself


def _came(message: Message) -> str:
    """A part in a deal that came to somebody says so at the end of the key."""
    words = {
        "team": _("%(by)s added you to the team of the deal %(about)s."),
        "milestone": _("%(by)s gave you the milestone %(what)s of the deal %(whom)s."),
    }
    return words.get(message.key.rpartition(":")[2], _("%(by)s gave you the deal %(about)s."))


def _changed(message: Message) -> str:
    """A deal that was handed over, given away or sent back says so at the end of the key."""
    words = {
        "went": _("%(by)s gave your deal %(about)s to somebody else."),
        "given": _("%(by)s handed %(what)s over to %(whom)s."),
        "back": _("%(by)s sent back %(about)s."),
    }
    return words.get(message.key.rpartition(":")[2], _("%(by)s changed your deal %(about)s."))


def _answered(message: Message) -> str:
    """What was answered stands at the end of the key; older news were told without it."""
    words = {
        "granted": _("%(by)s approved: %(about)s."),
        "accepted": _("%(by)s accepted: %(about)s."),
        "refused": _("%(by)s refused: %(about)s."),
        "left": _("Withdrawn, because somebody left: %(about)s."),
    }
    return words.get(message.key.rpartition(":")[2], _("%(by)s answered: %(about)s."))


def _disputed(message: Message) -> str:
    """What was answered stands at the end of the key."""
    if message.key.endswith(":granted"):
        return _("%(by)s granted your dispute of %(about)s.")
    return _("%(by)s refused your dispute of %(about)s.")


def _several(event: Event, message: Message) -> str:
    count = message.count
    if event == Event.ACCOUNT_CAME and message.by:
        return ngettext("%(by)s gave you %(count)s account.", "%(by)s gave you %(count)s accounts.", count)
    if event == Event.ACCOUNT_CAME:
        return ngettext("%(count)s account came to you.", "%(count)s accounts came to you.", count)
    if event in (Event.DEAL_CAME, Event.DEAL_CHANGED):
        return _several_deals(event, message)
    if event == Event.LEAD_CAME and message.by:
        return ngettext("%(by)s gave you %(count)s lead.", "%(by)s gave you %(count)s leads.", count)
    if event == Event.LEAD_CAME:
        return ngettext("%(count)s lead came to you.", "%(count)s leads came to you.", count)
    if event == Event.LEAD_UNTOUCHED and message.by:
        one, more = "%(by)s has not touched %(count)s lead.", "%(by)s has not touched %(count)s leads."
        return ngettext(one, more, count)
    if event == Event.LEAD_UNTOUCHED:
        return ngettext(
            "%(count)s lead of yours is untouched.", "%(count)s leads of yours are untouched.", count
        )
    if event == Event.FORECAST_LATE:
        one, more = (
            "%(count)s of your people has not made the forecast call for %(about)s.",
            "%(count)s of your people have not made the forecast call for %(about)s.",
        )
        return ngettext(one, more, count)
    return f"{_one(event, message)} (%(count)s)"


def _several_deals(event: Event, message: Message) -> str:
    if event == Event.DEAL_CHANGED and message.key.endswith(":went"):
        return _("%(by)s gave %(count)s of your deals to somebody else.")
    if event == Event.DEAL_CHANGED:
        return _("%(by)s changed %(count)s of your deals.")
    if message.key.endswith(":milestone"):
        return _("%(by)s gave you %(count)s milestones of the deal %(whom)s.")
    if message.by:
        return ngettext("%(by)s gave you %(count)s deal.", "%(by)s gave you %(count)s deals.", message.count)
    return ngettext("%(count)s deal came to you.", "%(count)s deals came to you.", message.count)
