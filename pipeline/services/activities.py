"""What was done or is to be done with a customer."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accounts.models import Account, Contact
from accounts.services.merged import refuse_merged
from common.access import seen
from common.checks import check_text
from common.errors import Refused
from common.locale import format_date
from common.transaction import act, now, reach, widened
from pipeline.models import Activity, ActivityContact, Lead, Opportunity
from pipeline.rules.one_line import MOST_SUBJECT
from pipeline.services.checks import check_choice, check_day, locked, open_deal
from pipeline.services.leads import note_touch
from pipeline.services.opportunities import edit_opportunity
from territories.models import User

NOON = time(12)
LED_TO_IT = timedelta(days=31)
"""So long before a lead or deal was created the meeting that led to it may lie."""


@act
def log_activity(
    *,
    by: int,
    kind: str,
    subject: str,
    account_id: int | None = None,
    opportunity_id: int | None = None,
    lead_id: int | None = None,
    outcome: str = "",
    due_on: date | None = None,
    at: time | None = None,
    done: bool = True,
    done_on: date | None = None,
    next_step: str = "",
    next_step_on: date | None = None,
    contact_ids: Collection[int] = (),
) -> Activity:
    """Note what was done, or plan what is due, with an account, on a deal or for a lead.

    Whoever sees the account, deal or lead, but not who sees it by `peers` alone. A next step goes onto the deal, or
    becomes a task where there is none. What is done for a lead ends that it is untouched. `contact_ids`: with whom, all
    of them contacts of the account. `at`: at which hour of the day on which it is due; `done_on`: on which day it was
    done, today where none is given; both by the actor's clock.
    Raises NotInReach for an account, deal or lead out of reach, Refused on what is missing, and for a day too long
    before its lead or deal was created (LED_TO_IT).
    """
    lead = _lead(lead_id)
    deal, account_id, territory_id = _about(lead, opportunity_id, account_id)
    _check(kind, subject, due_on, done)
    activity = Activity(
        kind=kind,
        subject=subject.strip(),
        account_id=account_id,
        opportunity=deal,
        lead=lead,
        owner_id=by,
        territory_id=territory_id,
        outcome=outcome.strip(),
        due_on=due_on,
        at=at if due_on else None,
    )
    if done:
        _mark_done(activity, done_on)
    reach().require("activity", "create", activity)
    activity.save(force_insert=True)
    _name(activity, contact_ids)
    if lead and done:
        note_touch(lead.pk)
    _plan(activity, deal, next_step.strip(), next_step_on, contact_ids)
    return activity


def _mark_done(activity: Activity, done_on: date | None) -> None:
    """As done on that day, today where none is given, by its owner's clock."""
    activity.done_at, activity.done_on = _done(activity.owner_id, done_on)
    if done_on:
        _check_begun(activity, done_on)


@act
def complete_activity(
    *, by: int, activity_id: int, version: int, outcome: str = "", contact_ids: Collection[int] = ()
) -> Activity:
    """Mark a planned activity as done, with what came of it and who else took part. Its owner, or whoever leads them.

    Answers the activity as it was read. Raises NotInReach, Forbidden, Stale, Refused for what is done already and for a
    contact of another account.
    """
    activity: Activity = seen(Activity.objects.all(), reach(), activity_id)
    reach().require("activity", "update", activity)
    done_at, done_on = _done(activity.owner_id, None)
    if activity.done_at is not None:
        raise Refused(_("This is already done."), code="already_done")
    outcome = outcome.strip() or activity.outcome
    Activity.objects.change(activity.pk, version, done_at=done_at, done_on=done_on, outcome=outcome)
    _name(activity, contact_ids)
    if activity.lead_id:
        note_touch(activity.lead_id)
    return activity


@act
def complete_step(
    *,
    by: int,
    opportunity_id: int,
    version: int,
    kind: str,
    next_step: str = "",
    next_step_on: date | None = None,
) -> Opportunity:
    """The next step of an open deal is done: it is logged as an activity of that kind, and another one takes its place.

    Whoever may edit the deal and log activities; one change of the deal. Without `next_step` nothing is next.
    Raises Refused for a deal without a next step, and what `log_activity` and `edit_opportunity` raise.
    """
    deal = open_deal(opportunity_id, version)
    if not deal.next_step:
        raise Refused(_("There is no next step to be done."), path="next_step", code="no_next_step")
    whole = deal.next_step if len(deal.next_step) > MOST_SUBJECT else ""
    subject = deal.next_step[:MOST_SUBJECT]
    log_activity(by=by, opportunity_id=deal.pk, kind=kind, subject=subject, outcome=whole)
    step = next_step.strip()
    then: dict[str, Any] = {"next_step": step, "next_step_on": next_step_on if step else None}
    return edit_opportunity(by=by, opportunity_id=deal.pk, version=version, **then)


def _done(owner_id: int, on: date | None) -> tuple[datetime, date]:
    """The instant and the day of what is done by its owner's clock: now, or noon of an earlier day. Raises Refused."""
    zone = ZoneInfo(User.objects.values_list("time_zone", flat=True).get(pk=owner_id))
    day = now().astimezone(zone).date()
    if on is None or on == day:
        return now(), day
    check_day(on, "done_on")
    if on > day:
        message = _("This day is still to come: it can't be done already. Plan it for that day.")
        raise Refused(message, path="done_on", code="future")
    return datetime.combine(on, NOON, zone), on


def _check_begun(activity: Activity, day: date) -> None:
    """Raises Refused where it was done longer before its lead or deal was created than what led to that may be."""
    if activity.lead:
        created = activity.lead.created_on
        message = _("The lead was created on %(day)s. Choose %(first)s or a later day.")
    elif activity.opportunity:
        created = activity.opportunity.created_on
        message = _(
            "The opportunity was created on %(day)s. Log what was done before %(first)s with its account."
        )
    else:
        return
    first = created - LED_TO_IT
    if day < first:
        words = {"day": format_date(created), "first": format_date(first)}
        raise Refused(message % words, path="done_on", code="before_it_was")


def _lead(lead_id: int | None) -> Lead | None:
    return seen(Lead.objects.all(), reach(), lead_id) if lead_id is not None else None


def _about(
    lead: Lead | None, opportunity_id: int | None, account_id: int | None
) -> tuple[Opportunity | None, int | None, int]:
    """The deal where there is one, its account or the one given, and the territory of the two; those of the lead."""
    if lead:
        opportunity_id, account_id = lead.opportunity_id, lead.account_id
    if lead and not account_id:
        return None, None, lead.territory_id
    if opportunity_id is not None:
        read: Opportunity = seen(Opportunity.objects.all(), reach().without_peers, opportunity_id)
        with widened("opportunity"):
            deal = locked(read)
        return deal, deal.account_id, deal.territory_id
    if account_id is not None:
        account: Account = seen(Account.objects.all(), reach(), account_id)
        refuse_merged([account])
        return None, account.pk, account.territory_id
    raise Refused(_("Say which account or opportunity this was about."), path="account", code="about_missing")


def _check(kind: str, subject: str, due_on: date | None, done: bool) -> None:
    check_choice(kind, "kind", Activity.Kind.values)
    check_text(subject, "subject")
    if due_on:
        check_day(due_on, "due_on")
    elif not done:
        raise Refused(_("Say when this is due, or mark it as done."), path="due_on", code="due_missing")


def _name(activity: Activity, contact_ids: Collection[int]) -> None:
    """Note with whom it was, or is to be. Raises Refused for anybody but contacts of its account in reach."""
    wanted = set(contact_ids)
    if not wanted:
        return
    there = Contact.objects.visible_to(reach()).filter(account=activity.account_id, account__isnull=False)
    known = set(there.filter(pk__in=wanted).values_list("pk", flat=True))
    if wanted - known:
        raise Refused(_("Choose contacts of this account."), path="contact_ids", code="unknown_contact")
    rows = [ActivityContact(activity=activity, contact_id=pk) for pk in sorted(wanted)]
    ActivityContact.objects.bulk_create(rows, ignore_conflicts=True)


def _plan(
    activity: Activity, deal: Opportunity | None, step: str, on: date | None, contact_ids: Collection[int]
) -> None:
    """The next step, where one is named: on the deal where the actor may edit it, else a task of theirs."""
    if not step:
        return
    if on:
        check_day(on, "next_step_on")
    if deal and deal.is_open and reach().allows("opportunity", "update", deal):
        Opportunity.objects.change(deal.pk, deal.version, next_step=step, next_step_on=on)
        return
    if on is None:
        raise Refused(_("Say when the next step is due."), path="next_step_on", code="due_missing")
    task = Activity.objects.create(
        kind=Activity.Kind.TASK,
        subject=step,
        account_id=activity.account_id,
        opportunity=deal,
        lead_id=activity.lead_id,
        owner_id=activity.owner_id,
        territory_id=activity.territory_id,
        due_on=on,
    )
    _name(task, contact_ids)
