"""The close plan of a deal: milestones laid out from a template or one by one, re-planned with a reason, met."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from common.checks import check_line
from common.errors import Conflict, Refused, Stale
from common.locale import format_date
from common.selectors import today, work_days
from common.transaction import act, because, reach, widened
from pipeline.models import Milestone, Opportunity
from pipeline.rules.plans import laid_on
from pipeline.selectors.plans import milestone_in, plan_template
from pipeline.services.checks import check_day, check_person, hold_deal, locked
from pipeline.services.opportunities import add_participants
from pipeline.services.telling import tell_milestones

MOST_NAME, MOST_REASON = 160, 200
MOST_MILESTONES = 60
EDITABLE = ("name", "owner_id")


@act
def lay_out_plan(*, by: int, opportunity_id: int, template_id: int) -> list[Milestone]:
    """Add the milestones of a template, owned by the deal's owner, each so many days before the close date.

    One whose day is past is laid on the next working day; one that the plan has by that name is passed over. Whoever
    may edit the deal, while it is open. Raises NotInReach, Refused, Conflict where nothing is left to add.
    """
    deal, template = hold_deal(opportunity_id), plan_template(template_id)
    if template.is_retired:
        raise Refused(_("This template is retired. Choose another one."), path="template_id", code="retired")
    there = {row.name.casefold() for row in deal.milestones.filter(is_removed=False)}
    steps = [step for step in template.steps.all() if step.name.casefold() not in there]
    if not steps:
        raise Conflict(_("The plan has every milestone of this template already."), code="laid_out")
    _check_room(len(there) + len(steps))
    day, work = today(), work_days(deal.owner.work_calendar_id)
    laid = [
        _created(deal, step.name, laid_on(deal.close_on, step.days_before, day, work), deal.owner_id)
        for step in steps
    ]
    tell_milestones(deal, laid, by)
    return laid


@act
def add_milestone(
    *, by: int, opportunity_id: int, name: str, planned_on: date, owner_id: int | None = None
) -> Milestone:
    """Add a milestone, the deal's owner's unless somebody else is named, who then reads the deal for good.

    Whoever may edit the deal, while it is open. Raises Refused.
    """
    deal = hold_deal(opportunity_id)
    _check_room(deal.milestones.filter(is_removed=False).count() + 1)
    check_line(name, "name", MOST_NAME)
    check_day(planned_on, "planned_on")
    if planned_on < today():
        message = _("A milestone is planned for today or a later day.")
        raise Refused(message, path="planned_on", code="past")
    milestone = _created(deal, name.strip(), planned_on, _owner(deal, owner_id or deal.owner_id))
    tell_milestones(deal, [milestone], by)
    return milestone


@act
def edit_milestone(*, by: int, milestone_id: int, version: int, **changes: Any) -> Milestone:
    """Call a milestone otherwise or give it to somebody else (fields of EDITABLE); its days have acts of their own.

    Whoever may edit the deal, while it is open. Raises Refused, Stale.
    """
    milestone = _milestone(milestone_id, version)
    values = {name: changes[name] for name in EDITABLE if name in changes}
    if "name" in values:
        check_line(values["name"], "name", MOST_NAME)
        values["name"] = values["name"].strip()
    is_given = values.get("owner_id", milestone.owner_id) != milestone.owner_id
    if is_given:
        _owner(milestone.opportunity, values["owner_id"])
    milestone = _changed(milestone, version, **values)
    if is_given:
        tell_milestones(milestone.opportunity, [milestone], by)
    return milestone


@act
def replan_milestone(*, by: int, milestone_id: int, version: int, planned_on: date, reason: str) -> Milestone:
    """Plan a milestone for another day and say why; the day that was planned first stays known.

    Whoever may edit the deal, while it is open and the milestone is not met. Raises Refused, Conflict, Stale.
    """
    milestone = _milestone(milestone_id, version)
    if milestone.met_on:
        raise Conflict(_("This milestone was met; its day is not planned any more."), code="met")
    check_day(planned_on, "planned_on")
    if planned_on == milestone.planned_on:
        raise Refused(_("It is planned for that day already."), path="planned_on", code="same_day")
    check_line(reason, "reason", MOST_REASON, _("Say why it moves."))
    with because(reason.strip()):
        return _changed(milestone, version, planned_on=planned_on, reason=reason.strip())


@act
def meet_milestone(*, by: int, milestone_id: int, version: int, met_on: date | None = None) -> Milestone:
    """Say that a milestone was met, today unless on an earlier day; also when the deal is won or lost by now.

    Whoever may edit the deal, and whose milestone it is. Raises Refused for a day that has not come, Conflict for one
    that was met, Stale.
    """
    milestone = milestone_in(reach(), milestone_id)
    if milestone.owner_id != by:
        reach().require("opportunity", "update", milestone.opportunity)
    with widened("opportunity"):
        locked(milestone.opportunity)
    if milestone.version != version:
        raise Stale()
    if milestone.met_on:
        raise Conflict(_("This milestone was met already."), code="met")
    day = met_on or today()
    check_day(day, "met_on")
    if day > today():
        raise Refused(_("A milestone is met on a day that has come."), path="met_on", code="future")
    if day < milestone.opportunity.created_on:
        message = _("The opportunity was created on %(day)s. Nothing of its plan was met before.")
        words = {"day": format_date(milestone.opportunity.created_on)}
        raise Refused(message % words, path="met_on", code="before_deal")
    return _changed(milestone, version, met_on=day)


@act
def reopen_milestone(*, by: int, milestone_id: int, version: int) -> Milestone:
    """Take back that a milestone was met; whoever may edit the deal, while it is open. Raises Conflict, Stale."""
    milestone = _milestone(milestone_id, version)
    if not milestone.met_on:
        raise Conflict(_("This milestone is not met."), code="not_met")
    return _changed(milestone, version, met_on=None)


@act
def remove_milestone(*, by: int, milestone_id: int, version: int) -> Milestone:
    """Take a milestone out of the plan; history keeps it. Whoever may edit the deal, while it is open.

    Raises Conflict for one whose first planned day has passed: it counts in date reliability for good.
    """
    milestone = _milestone(milestone_id, version)
    if milestone.first_planned_on < today():
        message = _(
            "The day that was planned first has passed, so this milestone stays. Plan it anew, or mark it as met."
        )
        raise Conflict(message, code="was_due")
    return _changed(milestone, version, is_removed=True)


def _milestone(milestone_id: int, version: int) -> Milestone:
    """A milestone as the person read it, on an open deal that they may edit, which is locked.

    Raises NotInReach, Forbidden, Stale, Conflict.
    """
    milestone = milestone_in(reach(), milestone_id)
    milestone.opportunity = hold_deal(milestone.opportunity_id)
    if milestone.version != version:
        raise Stale()
    return milestone


def _changed(milestone: Milestone, version: int, **values: Any) -> Milestone:
    if any(getattr(milestone, name) != value for name, value in values.items()):
        Milestone.objects.change(milestone.pk, version, **values)
        milestone.refresh_from_db()
    return milestone


def _created(deal: Opportunity, name: str, day: date, owner_id: int) -> Milestone:
    known = {"name": name, "owner_id": owner_id, "first_planned_on": day, "planned_on": day}
    milestone: Milestone = Milestone.objects.create(opportunity=deal, **known)
    return milestone


def _owner(deal: Opportunity, owner_id: int) -> int:
    """Whose milestone it is to be; they read the deal for good. Raises Refused for nobody, or for who has left."""
    check_person(owner_id, "owner_id")
    if owner_id != deal.owner_id:
        with widened("deal_participant"):
            add_participants([(deal.pk, owner_id)], reason="close plan")
    return owner_id


def _check_room(number: int) -> None:
    if number > MOST_MILESTONES:
        message = _("A plan has at most %(most)s milestones.") % {"most": MOST_MILESTONES}
        raise Refused(message, code="too_many")
