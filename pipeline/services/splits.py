"""Who gets the credit of a deal, set as a whole; the lead of whoever loses by it is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from common.access import found
from common.checks import note_of
from common.errors import Conflict, Refused, Stale
from common.locale import format_date, format_share
from common.money import WHOLE_SHARE
from common.selectors import today
from common.services import refuse_closed
from common.transaction import act, now, widened
from pipeline.models import Opportunity, Split, SplitPart
from pipeline.rules.splits import MOST_PARTS, Shares, losses
from pipeline.selectors.sharing import SPLIT_CHANGE, may_change
from pipeline.selectors.team import OVERLAY, REVENUE, Credit, credit_on, credits_of
from pipeline.services.checks import check_day, open_deal
from pipeline.services.credit import loser_of, settle_waiting_split
from pipeline.services.opportunities import add_participants
from territories.models import User
from territories.selectors import leads_of
from workspace.models import Approval
from workspace.services.approvals import Asked, ask, check_granted

MOST_REASON = 200
WRITTEN = ("opportunity", "split", "split_part", "deal_participant")
"""What a granted change reads and writes outside the reach of whoever grants it."""


@dataclass(frozen=True)
class PartInput:
    """A person's share as asked for, in millionths of a percent."""

    person_id: int
    weight: int


@act
def set_split(
    *,
    by: int,
    opportunity_id: int,
    version: int,
    starts_on: date,
    revenue: Sequence[PartInput],
    overlay: Sequence[PartInput] = (),
    reason: str = "",
) -> Split | Approval:
    """Say who gets the credit of an open deal from a day on: revenue shares of exactly 100 %, overlay of any sum.

    Whoever may edit the deal. Where the share of somebody else goes down whom the actor does not lead, the lead of
    whoever loses most is asked, and it holds once they approve: then what waits is answered instead of the split.
    Those who get something read the deal for good. Raises Refused with the path of what is wrong, Stale, Conflict for a
    closed deal or period, and while another change waits; one of somebody who may not edit the deal any more is
    withdrawn.
    """
    deal = open_deal(opportunity_id, version)
    shares, beside = _checked(revenue, "revenue"), _checked(overlay, "overlay")
    _check_total(shares)
    reason = note_of(reason, "reason", MOST_REASON)
    _check_day(deal, starts_on)
    _lock(deal.pk, version)
    settle_waiting_split(by, deal)
    known = credits_of(deal)
    held = [credit for credit in known if credit.stops_on is None or credit.stops_on > starts_on]
    if all((credit.revenue, credit.overlay) == (shares, beside) for credit in held):
        raise Refused(_("The credit is shared like this already."), code="unchanged")
    lost = losses([credit.revenue for credit in held], shares)
    if lost.keys() - {by} and not reason:
        message = _("Say why, because the share of %(name)s goes down.") % {"name": _most(lost, by)}
        raise Refused(message, path="reason", code="reason_needed")
    asked = {"opportunity_id": deal.pk, "starts_on": starts_on.isoformat(), "reason": reason}
    asked |= {"revenue": _pairs(shares), "overlay": _pairs(beside), **_standing(known, starts_on)}
    if loser := loser_of(by, lost):
        return _ask(by, deal, asked, loser)
    return _record(deal, by, asked)


@act
def set_split_as_asked(*, by: int, approval_id: int, **asked: Any) -> Split:
    """Let a split hold that was asked for; only out of a granted approval.

    Raises Forbidden without it, Conflict where the deal was won or closed, its split changed, a period was closed or
    whoever asked lost the deal meanwhile, Refused for somebody who has left since.
    """
    check_granted(by=by, approval_id=approval_id, kind=SPLIT_CHANGE, payload=asked)
    starts_on = date.fromisoformat(asked["starts_on"])
    refuse_closed(starts_on, "")
    with widened(*WRITTEN, "approval"):
        deal: Opportunity = found(
            Opportunity.objects.select_for_update(no_key=True).filter(pk=asked["opportunity_id"]).first()
        )
        _check_still_open(deal)
        asker = Approval.objects.select_related("asked_by").get(pk=approval_id).asked_by
        _check_asker(asker, deal)
        if _standing(credits_of(deal), starts_on) != {name: asked[name] for name in ("before", "standing")}:
            message = _(
                "The split was changed after this was asked for. Refuse it, so that it is asked anew."
            )
            raise Conflict(message, code="split_changed")
        for name in ("revenue", "overlay"):
            _check_people([person for person, _weight in asked[name]], name)
        return _record(deal, asker.pk, asked)


def _check_still_open(deal: Opportunity) -> None:
    if deal.state == Opportunity.State.WON:
        message = _(
            "%(deal)s was won meanwhile, so its credit is on its order. Refuse this; the order is corrected."
        )
        raise Conflict(message % {"deal": deal.name}, code="opportunity_won")
    if not deal.is_open:
        message = _("%(deal)s is closed by now. Refuse this.") % {"deal": deal.name}
        raise Conflict(message, code="opportunity_closed")


def _check_asker(asker: User, deal: Opportunity) -> None:
    if not may_change(asker, deal):
        message = _("%(asker)s may not change %(deal)s any more. Refuse it, and let its owner ask.")
        raise Conflict(message % {"asker": asker.name, "deal": deal.name}, code="asker_may_not")


def _checked(parts: Sequence[PartInput], name: str) -> dict[int, int]:
    """The shares by person. Raises Refused with the path of the row that is wrong."""
    shares: dict[int, int] = {}
    for index, part in enumerate(parts):
        if not 0 <= part.weight <= WHOLE_SHARE:
            message = _("A share lies between 0 and 100 %.")
            raise Refused(message, path=f"{name}.{index}.percent", code="share_range")
        if part.person_id in shares:
            message = _("This person stands twice here. Give each person one share.")
            raise Refused(message, path=f"{name}.{index}.person_id", code="splitpart_person_once")
        shares[part.person_id] = part.weight
    if len(shares) > MOST_PARTS:
        message = _("A split names at most %(most)s people.") % {"most": MOST_PARTS}
        raise Refused(message, path=name, code="share_count")
    _check_people(list(shares), name)
    return shares


def _check_people(people: Sequence[int], name: str) -> None:
    """Raises Refused for whom there is not, or who has left."""
    here = User.objects.in_bulk(people)
    for index, pk in enumerate(people):
        path = f"{name}.{index}.person_id"
        if pk not in here:
            raise Refused(_("There is no such person."), path=path, code="unknown_person")
        if not here[pk].is_active:
            message = _("%(name)s has left. Give the share to somebody who is here.")
            raise Refused(message % {"name": here[pk].name}, path=path, code="person_left")


def _check_total(shares: Shares) -> None:
    total = sum(shares.values())
    if total != WHOLE_SHARE:
        message = _("The shares total %(total)s %%. They must total exactly 100 %%.")
        raise Refused(message % {"total": format_share(total)}, path="revenue", code="split_total")


def _check_day(deal: Opportunity, day: date) -> None:
    """A split begins on a day of the deal's, in no closed period; nobody closes one until the act ends."""
    check_day(day, "starts_on")
    if day < deal.created_on:
        message = _("The deal was created on %(day)s. Choose that day or a later one.")
        words = {"day": format_date(deal.created_on)}
        raise Refused(message % words, path="starts_on", code="before_deal")
    refuse_closed(day, "starts_on")


def _lock(deal_id: int, version: int) -> None:
    """Let nobody change the deal, or its split, until the act ends. Raises Stale."""
    if not Opportunity.objects.select_for_update(no_key=True).filter(pk=deal_id, version=version):
        raise Stale()


def _standing(known: Sequence[Credit], day: date) -> dict[str, Any]:
    """By what a later answer tells whether the split is still that which was read."""
    ids = [credit.split.pk for credit in known if credit.split]
    return {"before": _pairs(credit_on(known, day).revenue), "standing": max(ids, default=None)}


def _pairs(shares: Shares) -> list[list[int]]:
    """As an approval keeps it."""
    return [[person, weight] for person, weight in shares.items()]


def _most(lost: Shares, by: int) -> str:
    others = {person: share for person, share in lost.items() if person != by}
    return User.objects.get(pk=max(others, key=lambda person: (others[person], -person))).name


def _ask(by: int, deal: Opportunity, asked: dict[str, Any], loser: int) -> Approval:
    """Ask who leads the person, or an administrator where nobody does."""
    lead = leads_of([loser], today()).get(loser)
    about = _("Split of %(deal)s") % {"deal": deal.name}
    page = reverse("opportunity_detail", args=[deal.pk])
    whom = None if lead == by else lead
    wish = Asked(str(deal.pk), about[:200], page, asked, asked["reason"], whom)
    return ask(by=by, kind=SPLIT_CHANGE, asked=wish)


@act
def _record(deal: Opportunity, by: int, asked: dict[str, Any]) -> Split:
    """Write the split as a whole, let its people read the deal, and let whoever read the deal before read it again.

    An act of its own, so that the database looks at the total while whoever grants it may read it.
    """
    told = {"starts_on": date.fromisoformat(asked["starts_on"]), "reason": asked["reason"], "by_id": by}
    # Its day is the act's, as that of everything else that is kept of the deal's past.
    split: Split = Split.objects.create(opportunity=deal, recorded_at=now(), **told)
    parts = [(kind, *part) for kind in (REVENUE, OVERLAY) for part in asked[kind]]
    SplitPart.objects.bulk_create(
        SplitPart(split=split, kind=kind, person_id=person, weight=weight) for kind, person, weight in parts
    )
    with widened("deal_participant"):
        add_participants(((deal.pk, person) for _kind, person, weight in parts if weight), reason="split")
    Opportunity.objects.change(deal.pk, deal.version)
    return split
