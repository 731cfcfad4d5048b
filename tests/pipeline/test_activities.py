"""Activities: what is logged, planned, done, and the next step that comes of it."""

from datetime import date, timedelta

import pytest

from accounts.services import create_account
from common.errors import Forbidden, NotInReach, Refused, Stale
from pipeline.models import Activity, Opportunity
from pipeline.selectors.worklist import worklist
from pipeline.services import complete_activity, create_opportunity, log_activity
from tests.pipeline.leads import a_lead
from tests.pipeline.test_create_opportunity import opening


def test_what_was_done_with_a_deal_is_noted_with_its_next_step(cast, acting):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        activity = log_activity(
            by=cast.rep.pk,
            kind="call",
            subject=" Talked price ",
            opportunity_id=deal.pk,
            outcome="They want 5 % off",
            next_step="Send new offer",
            next_step_on=date(2026, 5, 27),
        )
        assert (activity.subject, activity.account_id) == ("Talked price", deal.account_id)
        assert (activity.owner_id, activity.territory_id) == (cast.rep.pk, deal.territory_id)
        assert activity.done_at
        assert activity.done_at.date() == date(2026, 5, 20)
        deal = Opportunity.objects.get(pk=deal.pk)
        assert (deal.next_step, deal.next_step_on) == ("Send new offer", date(2026, 5, 27))


def test_a_next_step_without_a_deal_is_a_task(cast, acting):
    with acting(cast.rep):
        log_activity(
            by=cast.rep.pk,
            kind="meeting",
            subject="First visit",
            account_id=cast.accounts["Acorn"].pk,
            next_step="Send brochure",
            next_step_on=date(2026, 5, 20),
        )
        (task,) = [item.row for item in worklist([cast.rep.pk], date(2026, 5, 20), "task").items]
        assert (task.kind, task.subject, task.due_on) == ("task", "Send brochure", date(2026, 5, 20))


def test_who_may_only_read_a_deal_gets_a_task_of_their_own(cast, acting):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.coordinator):
        log_activity(
            by=cast.coordinator.pk,
            kind="call",
            subject="Asked for the order form",
            opportunity_id=deal.pk,
            next_step="Ask again",
            next_step_on=date(2026, 5, 22),
        )
        assert Activity.objects.get(kind="task").owner_id == cast.coordinator.pk
        assert Opportunity.objects.get(pk=deal.pk).next_step == ""


def test_what_is_planned_is_done_later(cast, acting):
    with acting(cast.rep):
        planned = log_activity(
            by=cast.rep.pk,
            kind="demo",
            subject="Show it",
            account_id=cast.accounts["Acorn"].pk,
            done=False,
            due_on=date(2026, 5, 21),
        )
        assert planned.done_at is None
        complete_activity(by=cast.rep.pk, activity_id=planned.pk, version=1, outcome="Liked it")
        done = Activity.objects.get(pk=planned.pk)
        assert done.outcome == "Liked it"
        assert done.done_at
        assert done.done_at.date() == date(2026, 5, 20)
        with pytest.raises(Refused) as refused:
            complete_activity(by=cast.rep.pk, activity_id=planned.pk, version=2)
        assert refused.value.code == "already_done"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"subject": " "}, "subject"),
        ({"kind": "fax"}, "kind"),
        ({"done": False}, "due_on"),
        ({"next_step": "Call"}, "next_step_on"),
        ({"account_id": None}, "account"),
    ],
)
def test_what_is_missing_is_named(cast, acting, changes, path):
    values = {"kind": "call", "subject": "Hello", "account_id": cast.accounts["Acorn"].pk, **changes}
    with acting(cast.rep):
        with pytest.raises(Refused) as refused:
            log_activity(by=cast.rep.pk, **values)
        assert refused.value.path == path


def test_nothing_is_logged_out_of_reach(cast, acting):
    with acting(cast.rep):
        with pytest.raises(NotInReach):
            log_activity(by=cast.rep.pk, kind="call", subject="x", account_id=cast.accounts["Cedar"].pk)
        with pytest.raises(NotInReach):
            log_activity(
                by=cast.rep.pk, kind="call", subject="x", opportunity_id=cast.deals["Beech renewal"].pk
            )
    with acting(cast.executive), pytest.raises(Forbidden):
        log_activity(by=cast.executive.pk, kind="call", subject="x", account_id=cast.accounts["Cedar"].pk)


def test_a_manager_completes_for_the_team_and_a_stale_version_is_told(cast, acting):
    with acting(cast.rep):
        planned = log_activity(
            by=cast.rep.pk,
            kind="task",
            subject="Do it",
            account_id=cast.accounts["Acorn"].pk,
            done=False,
            due_on=date(2026, 5, 21),
        )
    with acting(cast.manager):
        with pytest.raises(Stale):
            complete_activity(by=cast.manager.pk, activity_id=planned.pk, version=7)
        complete_activity(by=cast.manager.pk, activity_id=planned.pk, version=1)
        assert Activity.objects.get(pk=planned.pk).done_at is not None
    with acting(cast.other_manager), pytest.raises(NotInReach):
        complete_activity(by=cast.other_manager.pk, activity_id=planned.pk, version=2)


@pytest.mark.parametrize(
    ("about", "first", "words"),
    [
        (
            "opportunity_id",
            date(2026, 1, 2),
            "The opportunity was created on Feb 2, 2026. Log what was done before Jan 2, 2026 with its account.",
        ),
        (
            "lead_id",
            date(2026, 4, 19),
            "The lead was created on May 20, 2026. Choose Apr 19, 2026 or a later day.",
        ),
    ],
)
def test_what_led_to_a_lead_or_deal_was_done_within_31_days_before(cast, acting, about, first, words):
    lead = a_lead(acting, cast.rep)
    with acting(cast.rep):
        ids = {"opportunity_id": cast.deals["Acorn renewal"], "lead_id": lead}
        known = {"by": cast.rep.pk, "kind": "call", "subject": "Talk", about: ids[about].pk}
        assert log_activity(done_on=first, **known).done_on == first
    with acting(cast.rep), pytest.raises(Refused) as refused:
        log_activity(done_on=first - timedelta(days=1), **known)
    assert (refused.value.path, str(refused.value)) == ("done_on", words)


def test_a_meeting_of_yesterday_is_logged_with_the_account_and_deal_made_today(cast, acting):
    yesterday = date(2026, 5, 19)
    with acting(cast.rep):
        account = create_account(by=cast.rep.pk, name="Prospect")
        deal = create_opportunity(by=cast.rep.pk, **opening(cast, account_id=account.pk))
        for about in ({"account_id": account.pk}, {"opportunity_id": deal.pk}):
            met = log_activity(by=cast.rep.pk, kind="meeting", subject="We met", done_on=yesterday, **about)
            assert (met.account_id, met.done_on) == (account.pk, yesterday)


def test_a_day_too_early_is_answered_at_its_field_with_what_was_typed(cast, browse):
    deal = cast.deals["Acorn renewal"].pk
    typed = {
        "kind": "call",
        "subject": "Talked price",
        "opportunity": deal,
        "done": "on",
        "done_on": "2026-01-01",
    }
    answer = browse(cast.rep).post("/activities/new/", typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Log what was done before Jan 2, 2026 with its account." in page
    assert 'value="Talked price"' in page
