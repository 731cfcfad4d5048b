"""What is next for a person: each thing once with all its reasons, what is done on its line, how it is taken back."""

from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.errors import Conflict, Forbidden, NotInReach, Refused
from common.models import Period
from common.selectors import Count
from pipeline.models import Activity, Milestone, Opportunity
from pipeline.selectors.opportunities import led_by
from pipeline.selectors.worklist import Waiting, waiting, worklist
from pipeline.services import create_lead, edit_opportunity, log_activity
from pipeline.services.plans import add_milestone
from pipeline.services.putting_off import put_off_activity, reopen_activity
from tests.cast import Cast
from tests.pipeline.test_opportunity_list import many
from tests.salesops.conftest import plain

TODAY = date(2026, 5, 20)
PAGE = reverse("worklist")


def told(items: Any) -> list[tuple[str, list[str]]]:
    return [(str(item.row), list(item.reasons)) for item in items]


def task(cast: Cast, acting: Any, day: int = 20, **about: Any) -> Activity:
    about = about or {"account_id": cast.accounts["Acorn"].pk}
    with acting(cast.rep):
        known = {"by": cast.rep.pk, "kind": "task", "subject": f"On {day} May", "done": False}
        return log_activity(**known, due_on=date(2026, 5, day), **about)


def of(cast: Cast, acting: Any, who: str = "rep", reason: str = "") -> Any:
    with acting(getattr(cast, who)):
        return worklist([getattr(cast, who).pk], TODAY, reason)


def test_each_thing_stands_there_once_with_all_its_reasons(cast: Cast, acting: Any) -> None:
    many(cast, 1, name="Late", close_on=date(2026, 5, 19), amount_minor=1_000, next_step="Call")
    many(cast, 1, name="Worst", close_on=date(2026, 5, 1), stage_since_on=date(2026, 1, 1))
    many(cast, 1, name="Step", next_step="Call", next_step_on=date(2026, 5, 20))
    many(cast, 1, name="Later", next_step="Call", next_step_on=date(2026, 5, 21))
    for day in (18, 20, 21):
        task(cast, acting, day)
    found = of(cast, acting)
    assert told(found.items) == [
        ("Worst", ["overdue", "no_next_step", "stalled"]),
        ("On 18 May", ["task"]),
        ("Late", ["overdue"]),
        ("On 20 May", ["task"]),
        ("Step", ["step_due"]),
        ("Acorn renewal", ["no_next_step", "stalled"]),
    ]
    assert {name: count.value for name, count in found.counts.items()} == {
        "task": 2,
        "milestone": 0,
        "step_due": 1,
        "untouched": 0,
        "overdue": 2,
        "no_next_step": 2,
        "stalled": 2,
    }
    assert found.total == Count(6, is_capped=False)
    assert told(of(cast, acting, reason="stalled").items) == [
        ("Worst", ["overdue", "no_next_step", "stalled"]),
        ("Acorn renewal", ["no_next_step", "stalled"]),
    ]


def test_a_milestone_stands_on_the_line_of_its_deal(cast: Cast, acting: Any, clock: Any) -> None:
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        add = {"by": cast.rep.pk, "opportunity_id": deal.pk, "planned_on": TODAY}
        add_milestone(name="Offer", **add)
        add_milestone(name="Theirs", owner_id=cast.peer.pk, **add)
    (mine,) = of(cast, acting).items
    assert (list(mine.reasons), [row.name for row in mine.milestones]) == (
        ["milestone", "no_next_step", "stalled"],
        ["Offer"],
    )
    theirs = next(item for item in of(cast, acting, "peer").items if item.row == deal)
    assert (list(theirs.reasons), [row.name for row in theirs.milestones]) == (["milestone"], ["Theirs"])


def test_all_are_counted_where_not_all_are_shown(
    cast: Cast, acting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.selectors.worklist.MOST", 2)
    many(cast, 8, close_on=date(2026, 5, 1))
    for day in (17, 18, 19):
        task(cast, acting, day)
    found = of(cast, acting)
    counts = [found.counts["overdue"].value, found.counts["task"].value, found.total.value]
    assert (len(found.items), counts) == (4, [8, 3, 12])


def test_counting_stops_where_lists_stop_counting(
    cast: Cast, acting: Any, browse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.selectors.worklist.MOST_COUNTED", 5)
    many(cast, 8, close_on=date(2026, 5, 1), next_step="Call")
    found = of(cast, acting)
    assert (found.counts["overdue"], found.counts["no_next_step"]) == (Count(5, True), Count(1, False))
    assert found.total == Count(5, True)
    assert "close date passed more than 5" in plain(browse(cast.rep).get(PAGE))


def test_a_milestone_behind_those_looked_through_is_counted_and_found(
    cast: Cast, acting: Any, browse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.selectors.worklist.MOST", 2)
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        for name in ("Offer", "Signature"):
            add_milestone(by=cast.rep.pk, opportunity_id=deal.pk, name=name, planned_on=TODAY)
    many(cast, 3, close_on=date(2026, 5, 1))
    found = of(cast, acting)
    assert (found.counts["milestone"].value, found.first("milestone")) == (1, None)
    (only,) = of(cast, acting, reason="milestone").items
    assert (only.row, [row.name for row in only.milestones]) == (deal, ["Offer", "Signature"])
    home = browse(cast.rep).get(reverse("home"))
    assert home.status_code == 200
    assert f'href="{PAGE}?why=milestone"' in home.content.decode()


def test_what_waits_longest_is_looked_through_first(
    cast: Cast, acting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.selectors.worklist.MOST", 2)
    many(cast, 1, name="Closed late", close_on=date(2026, 5, 19), next_step="Call")
    many(cast, 1, name="Plain", close_on=date(2026, 5, 25))
    step = {"next_step": "Call", "next_step_on": date(2026, 5, 2)}
    many(cast, 1, name="Step", close_on=date(2026, 12, 1), **step)
    assert told(of(cast, acting).items) == [("Step", ["step_due"]), ("Closed late", ["overdue"])]
    assert told(of(cast, acting, reason="no_next_step").items) == [
        ("Plain", ["no_next_step"]),
        ("Acorn renewal", ["no_next_step", "stalled"]),
    ]


def test_a_task_is_due_by_its_owners_clock(cast: Cast, acting: Any, browse: Any, clock: Any) -> None:
    """At 22:30 UTC on the 20th it is the 21st in Berlin."""
    row = task(cast, acting, 21)
    clock.move_to(datetime(2026, 5, 20, 22, 30, tzinfo=UTC))
    assert of(cast, acting).counts["task"].value == 0
    with acting(cast.admin):
        type(cast.rep).objects.filter(pk=cast.rep.pk).update(time_zone="Europe/Berlin")
    assert of(cast, acting).counts["task"].value == 1
    form = browse(cast.manager).get(reverse("activity_later", args=[row.pk])).context["form"]
    assert [day for _word, day in form.quick] == [date(2026, 5, 22), date(2026, 5, 28)]


def test_who_reads_all_begins_with_their_own_list(cast: Cast, acting: Any, browse: Any) -> None:
    task(cast, acting)
    for who in ("executive", "admin", "coordinator"):
        page = browse(getattr(cast, who)).get(PAGE)
        assert page.context["lines"] == []
        assert "What waits for me, and what is next?" in page.content.decode()
        assert page.context["filters"]["owner"].field.widget.nothing == "me"


def test_a_teams_counts_stay_as_they_were_after_an_act(cast: Cast, acting: Any, browse: Any) -> None:
    rows, client = [task(cast, acting, day) for day in (18, 19)], browse(cast.manager)
    urls = [reverse("activity_done", args=[row.pk]) for row in rows]
    theirs = press(client, urls[0], f"task-{rows[0].pk}", version=1)
    assert (theirs.context["item"], "work-counts" in theirs.content.decode()) == (None, False)
    one = press(client, f"{urls[1]}?owner={cast.rep.pk}", f"task-{rows[1].pk}", version=1)
    assert 'id="work-counts"' in one.content.decode()


def test_a_longer_list_asks_the_database_as_often(cast: Cast, acting: Any) -> None:
    def statements() -> int:
        with acting(cast.manager) as context, CaptureQueriesContext(connection) as asked:
            worklist(led_by(context.reach), TODAY)
        return len(asked)

    few = statements()
    many(cast, 9, close_on=date(2026, 5, 1))
    task(cast, acting)
    with acting(cast.rep):
        deal = cast.deals["Acorn renewal"]
        add_milestone(by=cast.rep.pk, opportunity_id=deal.pk, name="Offer", planned_on=TODAY)
    assert statements() == few


def test_a_clear_list_says_so(cast: Cast, acting: Any, browse: Any) -> None:
    assert of(cast, acting, "coordinator").is_clear
    assert "Nothing waits" in browse(cast.coordinator).get(PAGE).content.decode()


# ---- putting off, and not done after all ----


def test_a_task_is_put_off_and_reopened_by_its_owner_or_who_leads_them(cast: Cast, acting: Any) -> None:
    row = task(cast, acting)
    with acting(cast.manager):
        later = put_off_activity(by=cast.manager.pk, activity_id=row.pk, version=1, due_on=date(2026, 6, 1))
    assert (later.due_on, later.version) == (date(2026, 6, 1), 2)
    with acting(cast.peer), pytest.raises(NotInReach):
        put_off_activity(by=cast.peer.pk, activity_id=row.pk, version=2, due_on=TODAY)
    with acting(cast.executive), pytest.raises(Forbidden):
        put_off_activity(by=cast.executive.pk, activity_id=row.pk, version=2, due_on=TODAY)
    with acting(cast.rep):
        with pytest.raises(Refused, match="A day lies between"):
            put_off_activity(by=cast.rep.pk, activity_id=row.pk, version=2, due_on=date(2199, 1, 1))
        with pytest.raises(Conflict):
            reopen_activity(by=cast.rep.pk, activity_id=row.pk, version=2)
        done = log_activity(
            by=cast.rep.pk, kind="call", subject="A call", account_id=cast.accounts["Acorn"].pk
        )
        with pytest.raises(Refused) as refused:
            reopen_activity(by=cast.rep.pk, activity_id=done.pk, version=1)
        assert refused.value.code == "never_due"
        with pytest.raises(Conflict):
            put_off_activity(by=cast.rep.pk, activity_id=done.pk, version=1, due_on=TODAY)


# ---- the page ----


def press(client: Any, url: str, key: str, **typed: Any) -> Any:
    """What the script of the page sends from a line."""
    return client.post(url, typed, headers={"HX-Request": "true", "HX-Target": f"work-{key}"})


def undone(answer: Any) -> dict[str, Any]:
    return dict(answer.context["said"].sent)


def deal_of(cast: Cast) -> Opportunity:
    return Opportunity.objects.get(pk=cast.deals["Acorn renewal"].pk)


class TestThePage:
    """One line after the other."""

    def test_it_counts_and_narrows(self, cast: Cast, acting: Any, browse: Any) -> None:
        task(cast, acting)
        page = browse(cast.rep).get(PAGE)
        counts = {str(part["label"]): part["count"].value for part in page.context["counts"]}
        assert counts == {"All": 2, "task due": 1, "no next step": 1, "stalled": 1}
        narrowed = browse(cast.rep).get(PAGE, {"why": "task"})
        assert [str(line["item"].row) for line in narrowed.context["lines"]] == ["On 20 May"]

    def test_a_leader_looks_at_one_of_their_people(self, cast: Cast, browse: Any) -> None:
        page = browse(cast.manager).get(PAGE, {"owner": cast.rep.pk})
        assert "What waits for Rita Rep?" in page.content.decode()
        assert [str(line["item"].row) for line in page.context["lines"]] == ["Acorn renewal"]
        for who in ("peer", "other_manager"):
            assert browse(getattr(cast, who)).get(PAGE, {"owner": cast.rep.pk}).status_code == 404

    def test_a_next_step_is_noted_and_taken_back(self, cast: Cast, acting: Any, browse: Any) -> None:
        deal, client = cast.deals["Acorn renewal"], browse(cast.rep)
        url, key = reverse("opportunity_step", args=[deal.pk]), f"deal-{deal.pk}"
        typed = {"next_step": "Send the offer", "next_step_on": "2026-05-25", "version": deal.version}
        answer = press(client, url, key, **typed)
        text = unescape(answer.content.decode())
        assert f'id="work-{key}"' in text
        assert "Next for Acorn renewal: Send the offer." in text
        assert list(answer.context["item"].reasons) == ["stalled"]
        with acting(cast.rep):
            assert (deal_of(cast).next_step, deal_of(cast).next_step_on) == (
                "Send the offer",
                date(2026, 5, 25),
            )
        back = press(client, url, key, **undone(answer))
        assert list(back.context["item"].reasons) == ["no_next_step", "stalled"]
        with acting(cast.rep):
            assert (deal_of(cast).next_step, deal_of(cast).next_step_on) == ("", None)

    def test_a_line_leaves_once_nothing_waits(self, cast: Cast, acting: Any, browse: Any) -> None:
        many(cast, 1, name="Late", close_on=date(2026, 5, 19), next_step="Call", currency="USD")
        with acting(cast.rep):
            late = Opportunity.objects.get(name="Late")
        url = reverse("opportunity_date", args=[late.pk])
        answer = press(browse(cast.rep), url, f"deal-{late.pk}", close_on="2026-06-30", version=late.version)
        text = unescape(answer.content.decode())
        assert answer.context["item"] is None
        assert 'class="work is-left"' in text
        assert "Late closes on Jun 30, 2026." in text
        back = press(browse(cast.rep), url, f"deal-{late.pk}", **undone(answer))
        assert list(back.context["item"].reasons) == ["overdue"]

    def test_a_close_date_goes_back_into_a_closed_period_only_to_take_it_back(
        self, cast: Cast, acting: Any, browse: Any
    ) -> None:
        many(cast, 1, name="Late", close_on=date(2026, 4, 20), next_step="Call", currency="USD")
        with acting(cast.admin):
            Period.objects.filter(code="2026-04").update(is_closed=True)
            late = Opportunity.objects.get(name="Late")
        url, key = reverse("opportunity_date", args=[late.pk]), f"deal-{late.pk}"
        answer = press(browse(cast.rep), url, key, close_on="2026-06-30", version=late.version)
        other = press(browse(cast.rep), url, key, **{**undone(answer), "close_on": "2026-04-21"})
        by_another = press(browse(cast.manager), url, key, **undone(answer))
        assert (other.status_code, by_another.status_code) == (422, 422)
        assert "2026-04 is closed" in other.content.decode()
        back = press(browse(cast.rep), url, key, **undone(answer))
        assert back.status_code == 200
        assert list(back.context["item"].reasons) == ["overdue"]
        with acting(cast.rep):
            assert Opportunity.objects.get(pk=late.pk).close_on == date(2026, 4, 20)

    def test_what_is_refused_stays_typed_below_its_line(self, cast: Cast, browse: Any) -> None:
        deal, client = cast.deals["Acorn renewal"], browse(cast.rep)
        url, key = reverse("opportunity_date", args=[deal.pk]), f"deal-{deal.pk}"
        answer = press(client, url, key, close_on="31.31.2026", version=deal.version)
        assert (answer.status_code, answer["HX-Retarget"]) == (422, f"#form-{key}")
        assert 'value="31.31.2026"' in answer.content.decode()
        stale = press(client, url, key, close_on="2026-08-01", version=deal.version + 1)
        assert stale.status_code == 412
        assert 'value="2026-08-01"' in stale.content.decode()
        assert stale.context["form"]["version"].value() == str(deal.version)

    def test_a_task_is_done_put_off_and_taken_back(self, cast: Cast, acting: Any, browse: Any) -> None:
        row, client = task(cast, acting), browse(cast.rep)
        done = press(client, reverse("activity_done", args=[row.pk]), f"task-{row.pk}", version=1)
        assert (done.context["item"], "On 20 May is done." in done.content.decode()) == (None, True)
        again = press(client, done.context["said"].url, f"task-{row.pk}", **undone(done))
        assert list(again.context["item"].reasons) == ["task"]
        late = press(
            client,
            reverse("activity_later", args=[row.pk]),
            f"task-{row.pk}",
            due_on="2026-05-27",
            version=3,
        )
        assert (late.context["item"], undone(late)) == (None, {"due_on": "2026-05-20", "version": 4})
        stale = press(client, reverse("activity_done", args=[row.pk]), f"task-{row.pk}", version=1)
        assert "Somebody else changed this" in stale.content.decode()
        with acting(cast.rep):
            assert Activity.objects.get(pk=row.pk).done_at is None

    def test_what_was_done_for_a_lead_is_not_taken_back(self, cast: Cast, acting: Any, browse: Any) -> None:
        with acting(cast.rep):
            lead = create_lead(by=cast.rep.pk, name="Lee", email="lee@example.com", origin="inbound")
        row = task(cast, acting, lead_id=lead.pk)
        done = press(browse(cast.rep), reverse("activity_done", args=[row.pk]), f"task-{row.pk}", version=1)
        assert undone(done) == {}

    def test_a_milestone_is_met_and_not_met(self, cast: Cast, acting: Any, browse: Any) -> None:
        deal, client = cast.deals["Acorn renewal"], browse(cast.rep)
        with acting(cast.rep):
            row = add_milestone(by=cast.rep.pk, opportunity_id=deal.pk, name="Offer", planned_on=TODAY)
        url, key = reverse("milestone_done", args=[row.pk]), f"deal-{deal.pk}"
        met = press(client, url, key, version=1)
        assert list(met.context["item"].reasons) == ["no_next_step", "stalled"]
        press(client, met.context["said"].url, key, **undone(met))
        with acting(cast.rep):
            assert Milestone.objects.get(pk=row.pk).met_on is None

    def test_without_a_script_the_same_acts_are_pages(self, cast: Cast, browse: Any) -> None:
        deal, client = cast.deals["Acorn renewal"], browse(cast.rep)
        url = reverse("opportunity_step", args=[deal.pk])
        assert client.get(f"{url}?back={PAGE}").status_code == 200
        sent = client.post(url, {"next_step": "Call", "version": deal.version, "back": PAGE})
        assert sent["Location"] == PAGE
        assert "Next for Acorn renewal: Call." in unescape(client.get(PAGE).content.decode())

    def test_a_call_is_logged_and_one_is_back(self, cast: Cast, browse: Any) -> None:
        deal, client = cast.deals["Acorn renewal"], browse(cast.rep)
        url = f"{reverse('activity_create')}?opportunity={deal.pk}&back={PAGE}"
        typed = {"kind": "call", "subject": "Price", "done": "on", "opportunity": deal.pk}
        assert client.post(url, typed)["Location"] == PAGE

    def test_who_only_reads_is_offered_no_act(self, cast: Cast, acting: Any, browse: Any) -> None:
        page = browse(cast.executive).get(PAGE, {"owner": cast.rep.pk})
        assert [line["acts"] for line in page.context["lines"]] == [[]]


def test_an_edit_elsewhere_ends_the_waiting(cast: Cast, acting: Any) -> None:
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        found = waiting([cast.rep.pk], TODAY, "deal", deal.pk)
        assert isinstance(found, Waiting)
        edit_opportunity(by=cast.rep.pk, opportunity_id=deal.pk, version=deal.version, next_step="Call")
        later = waiting([cast.rep.pk], TODAY, "deal", deal.pk)
        assert later is not None
        assert list(later.reasons) == ["stalled"]
