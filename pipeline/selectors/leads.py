"""Leads by filter, one lead, and which are untouched by the clock of their owners."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from common.access import Reach, seen
from common.policies import POLICIES
from common.selectors import organisation, work_days
from pipeline.models import Activity, Lead, LeadQuerySet, SalesEvent
from pipeline.rules.leads import business_hours_after, business_hours_before
from pipeline.selectors.detail import ACTIVITIES_SHOWN
from territories.models import Partner, PartnerRep, Seat, User
from workspace.selectors.own import Asked, narrowed

MOST_OFFERED = 100
FIRST = 5
POLICY = "untouched_after_hours"


@dataclass(frozen=True)
class LeadFilters:
    """Which leads are asked for: what their columns hold, whether they are untouched, and a text of theirs."""

    columns: Mapping[str, Any]
    is_untouched: bool = False
    text: str = ""
    own: Sequence[Asked] = ()


def leads(mine: Reach, filters: LeadFilters, now: datetime) -> LeadQuerySet:
    """The leads in reach that pass the filters."""
    rows: LeadQuerySet = Lead.objects.visible_to(mine).filter(**filters.columns)
    rows = narrowed(rows, filters.own)
    if filters.is_untouched:
        rows = rows.filter(untouched(now))
    return rows.filter(_named(filters.text)) if filters.text else rows


def _named(text: str) -> Q:
    low = text.lower()
    return (
        Q(name_key__contains=low)
        | Q(company__icontains=text)
        | Q(email_key__contains=low)
        | Q(number__iexact=text)
    )


def lead(mine: Reach, pk: int) -> Lead:
    """One lead in reach with what its page names. Raises NotInReach."""
    rows = Lead.objects.select_related("owner", "territory", "partner", "partner_rep", "event")
    found: Lead = seen(rows, mine, pk)
    return found


def lead_activities(mine: Reach, lead_id: int) -> list[Activity]:
    """The lead's activities in reach: what is due first by its day, then what was done, latest first."""
    rows = Activity.objects.visible_to(mine).filter(lead_id=lead_id).select_related("owner")
    newest = list(rows.prefetch_related("contacts").order_by("-id")[:ACTIVITIES_SHOWN])
    due = sorted((row for row in newest if row.done_at is None), key=lambda row: row.due_on or date.max)
    return [*due, *(row for row in newest if row.done_at is not None)]


# ---- untouched ----


def untouched(now: datetime, times: int = 1, *, of: int | None = None) -> Q:
    """What makes a lead untouched: open, nothing done with it, and its hours passed on its owner's clock.

    `times`: the setting's hours so many times over. A change of the setting holds for leads that come from then on;
    `of` takes so many hours for all of them instead.
    """
    waited = Q(pk__in=[])
    for zone, calendar in _zones():
        for start, stop, hours in _spans() if of is None else [(None, None, of)]:
            came = Q(owned_at__lte=_since(now, zone, calendar, hours * times))
            came &= Q(owned_at__gte=_midnight(start, zone)) if start else Q()
            came &= Q(owned_at__lt=_midnight(stop, zone)) if stop else Q()
            waited |= Q(owner__time_zone=zone, owner__work_calendar=calendar) & came
    return Q(state=Lead.State.OPEN, touched_at=None) & waited


def is_untouched(one: Lead, now: datetime) -> bool:
    """The same of a single lead, whose owner is known."""
    due = untouched_at(one)
    return due is not None and due <= now


def untouched_at(one: Lead) -> datetime | None:
    """When an open lead that nothing was done with is untouched; None for any other."""
    if not one.is_open or one.touched_at:
        return None
    zone = ZoneInfo(one.owner.time_zone)
    came = one.owned_at.astimezone(zone)
    hours = next(hours for start, stop, hours in reversed(_spans()) if _holds(start, stop, came.date()))
    due = business_hours_after(came.replace(tzinfo=None), hours, work_days(one.owner.work_calendar_id))
    return due.replace(tzinfo=zone).astimezone(UTC)


def _holds(start: date | None, stop: date | None, day: date) -> bool:
    return (start is None or start <= day) and (stop is None or day < stop)


def _since(now: datetime, zone: str, calendar: int | None, hours: int) -> datetime:
    here = now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return business_hours_before(here, hours, work_days(calendar)).replace(tzinfo=ZoneInfo(zone))


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


def _zones() -> Iterable[tuple[str, int | None]]:
    """The time zones and work calendars of whoever has a lead that waits."""
    waiting = Lead.objects.open().filter(touched_at=None).order_by()
    return waiting.values_list("owner__time_zone", "owner__work_calendar_id").distinct()


def _spans() -> list[tuple[date | None, date | None, int]]:
    """The hours of the setting by the days on which they hold; its default where nobody set it."""
    company = organisation()
    rows = [row for row in (company.decided if company else ()) if row["name"] == POLICY]  # type: ignore[attr-defined]
    spans: list[tuple[date | None, date | None, int]] = []
    before: date | None = None
    for row in rows:
        start = date.fromisoformat(row["starts_on"])
        if before is None or before < start:
            spans.append((before, start, int(POLICIES[POLICY].default)))
        before = date.fromisoformat(row["stops_on"]) if row["stops_on"] else None
        spans.append((start, before, int(row["value"])))
    if not rows or before is not None:
        spans.append((before, None, int(POLICIES[POLICY].default)))
    return spans


# ---- what the forms offer ----


def lead_owners(mine: Reach) -> QuerySet[User]:
    """To whom the reader may give leads: themselves and those below them, or everybody who sits somewhere."""
    everybody = User.objects.filter(is_active=True)
    if "org" in mine.relations("lead", "give"):
        return everybody.filter(Exists(Seat.objects.filter(user=OuterRef("pk"))))
    return everybody.filter(pk__in=[*mine.people, *mine.ids("own")])


def offered_partners(chosen: int | None = None) -> QuerySet[Partner]:
    """The partners that a form offers, and the chosen one."""
    return Partner.objects.filter(Q(is_active=True) | Q(pk=chosen))


def offered_reps(chosen: int | None = None) -> QuerySet[PartnerRep]:
    """The partners' people that a form offers, and the chosen one."""
    return PartnerRep.objects.filter(
        Q(is_active=True, partner__is_active=True) | Q(pk=chosen)
    ).select_related("partner")


def offered_events(today: date, chosen: int | None = None) -> QuerySet[SalesEvent]:
    """The events of the last year and to come, and the chosen one."""
    return SalesEvent.objects.filter(Q(ends_on__gte=today - timedelta(days=366)) | Q(pk=chosen))
