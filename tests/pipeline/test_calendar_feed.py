"""Planned activities in calendar programs: one as a file, and all of a person's behind a secret address."""

from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from pipeline.models import CalendarLink
from pipeline.rules.calendar_file import Entry, calendar_file
from pipeline.services import complete_activity, log_activity, make_calendar_link
from pipeline.services.plans import add_milestone
from pipeline.views.calendars import MOST_READS, _is_too_often
from tests.cast import Cast
from tests.salesops.conftest import plain

MADE = datetime(2026, 5, 20, 9, 0, tzinfo=UTC)


def events(content: bytes) -> list[Any]:
    return list(Calendar.from_ical(content).walk("VEVENT"))


def test_the_file_reads_back_as_it_was_meant() -> None:
    timed = datetime(2026, 5, 21, 18, 0, tzinfo=UTC)
    long = "Visit: Müller, Söhne; all of them\\ " + "and more " * 20
    entries = [
        Entry("activity-1@x", long, timed, 3, "One\nTwo; three", "https://x/"),
        Entry("milestone-2@x", "Contract", date(2026, 6, 1), 1),
    ]
    content = calendar_file("Rita", entries, MADE)
    visit, contract = events(content)
    assert (str(visit["uid"]), str(visit["summary"]), visit["sequence"]) == ("activity-1@x", long, 3)
    assert (visit["dtstart"].dt, visit["dtend"].dt) == (timed, datetime(2026, 5, 21, 19, 0, tzinfo=UTC))
    assert (str(visit["description"]), str(visit["transp"])) == ("One\nTwo; three", "OPAQUE")
    assert (contract["dtstart"].dt, contract["dtend"].dt) == (date(2026, 6, 1), date(2026, 6, 2))
    assert b"DTSTART;VALUE=DATE:20260601\r\n" in content
    assert max(len(line) for line in content.split(b"\r\n")) <= 75


def plan(cast: Cast, acting: Any, subject: str = "Visit them", who: str = "rep", **more: Any) -> Any:
    person = getattr(cast, who)
    with acting(person):
        about = {"account_id": cast.accounts["Acorn"].pk} if "opportunity_id" not in more else {}
        values = {"kind": "visit", "due_on": date(2026, 5, 21), "done": False, **about, **more}
        return log_activity(by=person.pk, subject=subject, **values)


def link(cast: Cast, acting: Any, who: str = "rep") -> str:
    person = getattr(cast, who)
    with acting(person):
        secret = make_calendar_link(by=person.pk)
    return f"{reverse('calendar_feed')}?key={secret}"


def test_one_activity_is_added_by_a_file(cast: Cast, acting: Any, browse: Any) -> None:
    with acting(cast.admin):
        type(cast.rep).objects.filter(pk=cast.rep.pk).update(time_zone="America/New_York")
    activity = plan(cast, acting, at=time(14))
    answer = browse(cast.rep).get(reverse("activity_calendar", args=[activity.pk]))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert f"activity-{activity.pk}.ics" in answer["Content-Disposition"]
    (event,) = events(answer.content)
    assert event["dtstart"].dt == datetime(2026, 5, 21, 18, 0, tzinfo=UTC)
    assert str(event["summary"]) == "Visit them (Acorn)"
    assert browse(cast.other_rep).get(reverse("activity_calendar", args=[activity.pk])).status_code == 404


def test_the_address_shows_what_its_person_planned(cast: Cast, acting: Any) -> None:
    deal = cast.deals["Acorn renewal"].pk
    plan(cast, acting, opportunity_id=deal)
    plan(cast, acting, "Too far", due_on=date(2027, 6, 25))
    plan(cast, acting, "Long gone", due_on=date(2026, 3, 20))
    done = plan(cast, acting, "Call them", kind="call", due_on=date(2026, 3, 21))
    plan(cast, acting, "Mine", who="manager")
    with acting(cast.rep):
        complete_activity(by=cast.rep.pk, activity_id=done.pk, version=1)
        add_milestone(by=cast.rep.pk, opportunity_id=deal, name="Signed", planned_on=date(2026, 6, 1))
    url = link(cast, acting)
    answer = Client().get(url)
    assert [str(event["summary"]) for event in events(answer.content)] == [
        "Done: Phone call: Call them (Acorn)",
        "Visit them (Acorn)",
        "Milestone: Signed",
    ]
    again = Client().get(url)
    assert [event["uid"] for event in events(again.content)] == [
        event["uid"] for event in events(answer.content)
    ]


def test_what_a_person_may_no_longer_see_is_not_there(cast: Cast, acting: Any, owner: Any) -> None:
    """A task goes nowhere with its owner, but a milestone stays with its deal: both are asked by the reach of today."""
    plan(cast, acting)
    url = link(cast, acting)
    assert len(events(Client().get(url).content)) == 1
    with acting(cast.admin):
        type(cast.rep).objects.filter(pk=cast.rep.pk).update(is_active=False)
    assert Client().get(url).status_code == 404


def test_the_address_ends_when_it_is_taken_back_made_anew_or_with_the_password(
    cast: Cast, acting: Any, browse: Any
) -> None:
    first = link(cast, acting)
    second = link(cast, acting)
    assert [Client().get(url).status_code for url in (first, second)] == [404, 200]
    assert browse(cast.rep).post(reverse("calendar_link_revoke"), {})["Location"] == reverse("calendar_link")
    assert Client().get(second).status_code == 404
    assert browse(cast.rep).post(reverse("calendar_link_revoke"), {}).status_code == 409
    third = link(cast, acting)
    with acting(cast.admin):
        cast.rep.set_password("another horse battery")
        cast.rep.save(update_fields=["password"])
    assert Client().get(third).status_code == 404


def test_it_is_shown_once_and_kept_as_a_hash(cast: Cast, acting: Any, browse: Any) -> None:
    client = browse(cast.rep)
    answer = client.post(reverse("calendar_link"), {})
    page = client.get(answer["Location"])
    url = next(word for word in plain(page).split() if "?key=" in word)
    secret = url.partition("?key=")[2]
    assert Client().get(f"{urlsplit(url).path}?key={secret}").status_code == 200
    assert secret not in client.get(reverse("calendar_link")).content.decode()
    with acting(cast.rep):
        kept = CalendarLink.objects.get(revoked_at=None)
    assert secret not in "".join(map(str, vars(kept).values()))


def test_no_log_holds_the_secret(cast: Cast, acting: Any, caplog: pytest.LogCaptureFixture) -> None:
    url = link(cast, acting)
    wrong = f"{reverse('calendar_feed')}?key=wrong-secret"
    with caplog.at_level("DEBUG"):
        assert [Client().get(one).status_code for one in (url, wrong, f"{url}&colour=red")] == [200, 404, 400]
    assert "wrong-secret" not in caplog.text
    assert url.partition("?key=")[2] not in caplog.text


def test_a_read_counts_also_where_another_one_was_counted_meanwhile(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them look before any is counted."""
    monkeypatch.setattr(cache, "get_many", lambda _keys: {})
    refused = [_is_too_often("digest", MADE) for _read in range(MOST_READS + 2)]
    assert refused == [False] * MOST_READS + [True, True]


def test_it_reads_and_is_read_no_more_than_so_often(cast: Cast, acting: Any) -> None:
    url = link(cast, acting)
    cache.clear()
    assert Client().post(url).status_code in (403, 405)
    assert Client().get("/opportunities/" + urlsplit(url).query).status_code in (302, 404)
    answers = [Client().get(url).status_code for _ in range(MOST_READS + 1)]
    assert (answers[-2], answers[-1]) == (200, 429)
    assert Client().get(reverse("calendar_feed")).status_code == 404
