"""Who works on a deal: added, given another role, ended."""

from datetime import date

from django.utils.translation import gettext as _

from common.access import found
from common.errors import Refused
from common.selectors import today
from common.text import checked_text
from common.transaction import act, widened
from pipeline.models import Opportunity, TeamMember
from pipeline.services.checks import check_day, check_person, deal_for, locked
from pipeline.services.opportunities import add_participants
from pipeline.services.telling import tell_team


@act
def add_to_team(
    *, by: int, opportunity_id: int, person_id: int, role: str = "", starts_on: date | None = None
) -> TeamMember:
    """Let somebody work on a deal from a day on, today if none is said; they read it for good.

    Whoever may edit the deal. Raises Refused for its owner, and for somebody who is not here or is in the team on one
    of these days.
    """
    deal = _deal(opportunity_id)
    start = starts_on or today()
    check_day(start, "starts_on")
    check_person(person_id, "person_id")
    if person_id == deal.owner_id:
        message = _("%(name)s owns this opportunity.") % {"name": deal.owner.name}
        raise Refused(message, path="person_id", code="owner_in_team")
    if TeamMember.objects.overlapping(start, None).filter(opportunity=deal, person=person_id).exists():
        message = _("This person is in the team already.")
        raise Refused(message, path="person_id", code="teammember_once")
    known = {"role": _role(role), "starts_on": start, "recorded_by_id": by}
    member: TeamMember = TeamMember.objects.create(opportunity=deal, person_id=person_id, **known)
    with widened("deal_participant"):
        add_participants([(deal.pk, person_id)], reason="team")
    tell_team(deal, person_id, by, member.pk)
    return member


@act
def change_role(
    *, by: int, opportunity_id: int, member_id: int, role: str, starts_on: date | None = None
) -> TeamMember:
    """Give somebody of the team another role from a day on, today if none is said; whoever may edit the deal.

    From their first day on, or earlier, it is as if they had always had it. Raises Stale, NotInReach, and Refused for a
    day on which they have left.
    """
    member = _member(opportunity_id, member_id)
    start, new = max(starts_on or today(), member.starts_on), _role(role)
    if member.stops_on and start >= member.stops_on:
        message = _("They have left the team by then. Choose an earlier day.")
        raise Refused(message, path="starts_on", code="left_team")
    if new == member.role:
        return member
    if start == member.starts_on:
        return member.replaced(role=new, recorded_by_id=by)
    ended = member.replaced(stops_on=start, recorded_by_id=by)
    later = member.changed(role=new, starts_on=start, recorded_at=ended.recorded_at, recorded_by_id=by)
    later.save(force_insert=True)
    return later


@act
def end_in_team(*, by: int, opportunity_id: int, member_id: int, stops_on: date | None = None) -> TeamMember:
    """Let somebody work on a deal no longer from a day on, today if none is said; whoever may edit the deal.

    On their first day or earlier they were never in the team. What they could read they can read still. Raises Stale,
    NotInReach.
    """
    member = _member(opportunity_id, member_id)
    stop = stops_on or today()
    check_day(stop, "stops_on")
    if stop <= member.starts_on:
        member.supersede()
        return member
    return member.replaced(stops_on=stop, recorded_by_id=by)


def _deal(opportunity_id: int) -> Opportunity:
    """The deal, locked, if the person may edit it; also one that was won or lost. Raises Conflict for a merged one."""
    return locked(deal_for("update", opportunity_id))


def _member(opportunity_id: int, member_id: int) -> TeamMember:
    rows = TeamMember.objects.current().filter(opportunity=_deal(opportunity_id))
    member: TeamMember = found(rows.filter(pk=member_id).first())
    return member


def _role(role: str) -> str:
    return checked_text(role.strip(), "role")
