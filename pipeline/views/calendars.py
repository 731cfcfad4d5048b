"""What is planned, for calendar programs: one activity, and all of a person's behind a secret address."""

from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common import locale
from common.addresses import absolute
from common.http import FORM, person_id, strict_query
from common.selectors import the_organisation, today
from common.shown_once import forget, show_once, take_secret
from common.transaction import now, reach, set_reach
from pipeline import services
from pipeline.models import CalendarLink
from pipeline.rules.calendar_file import Entry, calendar_file
from pipeline.selectors.activities import activity_in
from pipeline.selectors.calendars import entry_of, link_digest, person_of, planned
from territories.selectors import reach_for

MOST_READS, HOUR = 60, 3600


@require_safe
def activity_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """One planned activity as a file that a calendar opens."""
    strict_query(request)
    activity = activity_in(reach(), pk)
    entries = [entry_of(activity, activity.owner)] if activity.due_on else []
    answer = _file(activity.subject, entries)
    answer["Content-Disposition"] = f'attachment; filename="activity-{pk}.ics"'
    return answer


@FORM
def calendar_link(request: HttpRequest) -> HttpResponse:
    """The secret address of one's own calendar: whether there is one, and a new one, which is shown once."""
    if request.method == "POST":
        secret = services.make_calendar_link(by=person_id())
        return show_once(request, redirect("calendar_link"), secret)
    secret = take_secret(request)
    link = CalendarLink.objects.filter(person_id=person_id(), revoked_at=None).first()
    url = f"{absolute(reverse('calendar_feed'))}?key={secret}" if secret else ""
    answer = render(request, "pipeline/calendar_link.html", {"link": link, "url": url})
    return forget(answer) if secret else answer


@FORM
def calendar_link_revoke(request: HttpRequest) -> HttpResponse:
    """Take one's own address back, once one has read what that means."""
    if request.method == "POST":
        services.revoke_calendar_link(by=person_id())
        return redirect("calendar_link")
    return render(request, "pipeline/calendar_link_revoke.html")


@login_not_required
@require_safe
def calendar_feed(request: HttpRequest) -> HttpResponse:
    """A person's plans, for whoever knows the secret; it stands in the query, because logs hold paths.

    As much of them as the person may see today. At most sixty times an hour.
    """
    secret = strict_query(request, "key").get("key", "")
    person = person_of(secret) if secret else None
    if person is None:
        return HttpResponse(status=404)
    if _is_too_often(link_digest(secret), now()):
        return HttpResponse(status=429, headers={"Retry-After": str(HOUR)})
    mine = reach_for(person, today())
    set_reach(mine, by=person.pk)
    with locale.use(person.locale, person.time_zone):
        name = _("%(company)s: %(person)s") % {"company": the_organisation().name, "person": person.name}
        return _file(name, planned(mine, person, today()))


def _is_too_often(digest: str, at: datetime) -> bool:
    """Whether an hour's reads are used up; if not, one more is.

    Each read has a row of its own, which one alone can add: a number that is read and written would lose some at once.
    """
    reads = [f"calendar-{digest}-{at:%Y%m%d%H}-{read}" for read in range(MOST_READS)]
    used = cache.get_many(reads)
    return not any(cache.add(read, 1, HOUR) for read in reads if read not in used)


def _file(name: str, entries: list[Entry]) -> HttpResponse:
    return HttpResponse(calendar_file(name, entries, now()), content_type="text/calendar; charset=utf-8")
