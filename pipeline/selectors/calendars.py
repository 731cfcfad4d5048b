"""What a person has planned, as entries of a calendar, and who comes in by the secret address of one."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from common.access import Reach
from common.addresses import absolute
from pipeline.models import Activity, CalendarLink, Milestone, Opportunity
from pipeline.rules.calendar_file import Entry
from pipeline.selectors.plans import standing
from territories.models import User

BEHIND, AHEAD = timedelta(days=60), timedelta(days=400)


def link_digest(secret: str) -> str:
    """What is kept of the address. 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def person_of(secret: str) -> User | None:
    """Whose calendar a secret address reads; nobody's once it was taken back, or its person left or came in anew."""
    links = CalendarLink.objects.filter(revoked_at=None, person__is_active=True).select_related("person")
    link = links.filter(digest=link_digest(secret)).first()
    return link.person if link and link.way_in == link.person.get_session_auth_hash() else None


def planned(mine: Reach, person: User, today: date) -> list[Entry]:
    """What the person planned for the last 60 and the next 400 days and the milestones due, as far as they see it."""
    start, last = today - BEHIND, today + AHEAD
    activities = Activity.objects.visible_to(mine).filter(owner_id=person.pk, due_on__range=(start, last))
    activities = activities.select_related("account", "opportunity", "lead").prefetch_related("contacts")
    due = standing().filter(mine.q(Milestone), owner_id=person.pk, planned_on__range=(start, last))
    due = due.filter(opportunity__state=Opportunity.State.OPEN).select_related("opportunity")
    return [
        *(entry_of(row, person) for row in activities.order_by("due_on", "pk")),
        *map(_milestone, due),
    ]


def entry_of(activity: Activity, owner: User) -> Entry:
    """A planned activity as an entry: at its hour by its owner's clock, else of its day."""
    starts: date | datetime = activity.due_on or date.max
    if activity.due_on and activity.at:
        here = datetime.combine(activity.due_on, activity.at, ZoneInfo(owner.time_zone))
        starts = here.astimezone(UTC)
    return Entry(
        key=_key("activity", activity.pk),
        title=_titled(activity),
        starts=starts,
        version=activity.version,
        about="\n".join(_about(activity)),
        url=_page_of(activity),
    )


def _titled(activity: Activity) -> str:
    kind, name = activity.get_kind_display(), activity.account or activity.lead
    title = (
        f"{kind}: {activity.subject}" if kind.lower() not in activity.subject.lower() else activity.subject
    )
    title = f"{title} ({name})" if name and str(name).lower() not in title.lower() else title
    return _("Done: %(title)s") % {"title": title} if activity.is_done else title


def _about(activity: Activity) -> Iterable[str]:
    if activity.opportunity:
        yield _("Opportunity: %(name)s") % {"name": activity.opportunity}
    if names := ", ".join(contact.name for contact in activity.contacts.all()):
        yield _("With: %(names)s") % {"names": names}
    if activity.outcome:
        yield activity.outcome


def _page_of(activity: Activity) -> str:
    if activity.opportunity_id:
        return absolute(reverse("opportunity_detail", args=[activity.opportunity_id]))
    if activity.account_id:
        return absolute(reverse("account_detail", args=[activity.account_id]))
    return absolute(reverse("lead_detail", args=[activity.lead_id]))


def _milestone(milestone: Milestone) -> Entry:
    title = _("Milestone: %(name)s") % {"name": milestone.name}
    return Entry(
        key=_key("milestone", milestone.pk),
        title=_("Done: %(title)s") % {"title": title} if milestone.met_on else title,
        starts=milestone.planned_on,
        version=milestone.version,
        about=str(milestone.opportunity),
        url=absolute(reverse("opportunity_detail", args=[milestone.opportunity_id])),
    )


def _key(kind: str, pk: int) -> str:
    """What an entry is known by in every calendar: the same for ever."""
    return f"{kind}-{pk}@{urlsplit(absolute('')).hostname}"
