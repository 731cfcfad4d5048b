"""A run of the rules that moves more accounts than the limit in Settings: a second administrator answers first."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Hold, RuleRun
from accounts.selectors.previews import preview
from accounts.selectors.taking_back import taking_back
from accounts.services import assign_accounts
from accounts.services.rules import edit_rule
from accounts.services.runs import run_waiting
from common.access import Reach
from common.errors import Conflict, Forbidden, Refused
from common.services import set_policy
from common.transaction import work
from planning.services.rule_runs import Started, run_as_asked, run_or_ask
from territories.models import RoleGrant, User
from tests.accounts.places import add_accounts
from tests.accounts.ruled import is_in, places, rule, run
from tests.cast import Cast
from tests.salesops.conftest import plain
from workspace.models import Approval, Message

TODAY, JUNE = date(2026, 5, 20), date(2026, 6, 1)
CHANGED = "Rules, territories or accounts changed since this was asked. Refuse it, and ask anew."


@pytest.fixture
def oaks(cast: Cast, acting: Any) -> list[int]:
    """Twenty-six accounts of East 1 that a rule leads to West 1."""
    ids = add_accounts(cast, 26)
    with acting(cast.admin):
        rule(cast.admin, "Oaks", cast.territories["West 1"], is_in("account", *ids), spares_placed=False)
    return ids


def start(cast: Cast, acting: Any, day: date = JUNE, **more: Any) -> Started:
    with acting(cast.admin):
        return run_or_ask(by=cast.admin.pk, starts_on=day, digest=preview(day).digest, **more)


def waiting() -> Approval:
    with work(by=None, why="look", reach=Reach.everything()):
        return Approval.objects.get(kind="rule_run")


def answer(client: Any, approval: Approval, how: str = "grant") -> Any:
    url = reverse("approval_answer", args=[approval.pk])
    sent = {"version": str(approval.version), "is_granted": how, "answer": "not now"}
    return client.post(url, sent)


def runs() -> int:
    with work(by=None, why="look", reach=Reach.everything()):
        return RuleRun.objects.count()


def test_up_to_the_limit_it_runs_at_once(cast: Cast, acting: Any, browse: Any) -> None:
    ids = add_accounts(cast, 25)
    with acting(cast.admin):
        rule(cast.admin, "Oaks", cast.territories["West 1"], is_in("account", *ids), spares_placed=False)
    said = plain(browse(cast.admin).get(reverse("rule_preview"), {"from": "2026-06-01"}))
    assert "No approval is needed: up to 25 accounts move by one press." in said
    started = start(cast, acting)
    assert started.approval is None
    assert started.run
    assert (started.run.state, started.run.asked_by_id) == ("waiting", cast.admin.pk)
    assert run_waiting()
    with acting(cast.admin):
        assert places(JUNE)["Oak 25"] == "West 1"


def test_asked_seen_and_granted(
    cast: Cast, acting: Any, browse: Any, ben: User, oaks: list[int], clock: Any
) -> None:
    asker, other = browse(cast.admin), browse(ben)
    page = asker.get(reverse("rule_preview"), {"from": "2026-06-01"})
    assert "These are more than the 25 accounts that one person assigns at once." in plain(page)
    assert "Can approve it, once you ask: Ben Boss." in plain(page)
    assert "Run it from" not in plain(page)
    with acting(cast.admin):
        digest = preview(JUNE).digest
    sent = {"starts_on": "2026-06-01", "digest": digest, "reason": "new patches"}
    told = plain(asker.post(reverse("rule_run_start"), sent, follow=True))
    about = "Run the rules from Jun 1, 2026 on: 26 accounts move"
    assert f"An administrator is asked: {about}." in told
    assert f"Waits for approval: {about}. Asked for by Ada Admin," in told
    assert runs() == 0
    again = plain(asker.get(reverse("rule_preview"), {"from": "2026-06-01"}))
    assert "Waits for approval" in again
    assert "Ask for approval" not in again
    detail = other.get(reverse("approval_detail", args=[waiting().pk]))
    assert (
        "26 accounts go to other territories from Jun 1, 2026 on, as seen on May 20, 2026. "
        "People who gain accounts: 1; who lose some: 1. No open deal is on them. "
        "Quotas and booked credit stay as they are."
    ) in plain(detail)
    assert "The biggest changes 4" in plain(detail)
    assert "Oscar Other in 26 Rita Rep out 26 East 1 out 26 West 1 in 26" in plain(detail)
    assert "new patches" in plain(detail)
    assert "See its effect" in plain(detail)
    assert answer(asker, waiting()).status_code == 403
    clock.move_to(datetime(2026, 5, 21, 9, tzinfo=UTC))
    assert answer(browse(ben), waiting()).status_code == 302
    assert run_waiting()
    with acting(cast.admin):
        done = RuleRun.objects.get()
        assert (done.state, done.error, done.asked_by_id) == ("done", "", cast.admin.pk)
        assert done.asked_at == waiting().asked_at
        assert places(JUNE)["Oak 26"] == "West 1"
    said = plain(browse(cast.admin).get(reverse("rule_run_detail", args=[done.pk])))
    assert "Asked for by Ada Admin May 20, 2026" in said
    assert "Approved by Ben Boss May 21, 2026" in said
    assert "Approved by Ben Boss" in plain(
        browse(cast.executive).get(reverse("rule_run_detail", args=[done.pk]))
    )


def test_refused_it_moves_nothing(cast: Cast, acting: Any, browse: Any, ben: User, oaks: list[int]) -> None:
    assert start(cast, acting).approval
    assert answer(browse(ben), waiting(), "refuse").status_code == 302
    assert (waiting().state, waiting().answer, runs()) == ("refused", "not now", 0)
    assert not run_waiting()
    assert start(cast, acting).approval  # it can be asked for again


def test_withdrawn_nobody_answers_it(
    cast: Cast, acting: Any, browse: Any, ben: User, oaks: list[int]
) -> None:
    assert start(cast, acting).approval
    approval, asker = waiting(), browse(cast.admin)
    asker.post(reverse("approval_withdraw", args=[approval.pk]), {"version": str(approval.version)})
    assert answer(browse(ben), approval).status_code == 409
    assert (waiting().state, runs()) == ("withdrawn", 0)
    assert "Ask for approval" in plain(asker.get(reverse("rule_preview"), {"from": "2026-06-01"}))


def test_the_same_is_asked_for_once(cast: Cast, acting: Any, ben: User, oaks: list[int]) -> None:
    assert start(cast, acting).approval
    with pytest.raises(Refused, match="This is asked for already"):
        start(cast, acting)


def another_rule(cast: Cast, oaks: list[int]) -> None:
    rule(cast.admin, "First", cast.territories["East 2"], is_in("account", oaks[0]), priority=1)


def another_place(cast: Cast, oaks: list[int]) -> None:
    place = {"territory_id": cast.territories["West 1"].pk, "starts_on": TODAY}
    assign_accounts(by=cast.admin.pk, account_ids=oaks[:1], **place)


@pytest.mark.parametrize("change", [another_rule, another_place])
def test_what_changed_in_between_is_refused(
    cast: Cast,
    acting: Any,
    browse: Any,
    ben: User,
    oaks: list[int],
    change: Callable[[Cast, list[int]], None],
) -> None:
    assert start(cast, acting).approval
    with acting(cast.admin):
        change(cast, oaks)
    refused = answer(browse(ben), waiting())
    assert refused.status_code == 409
    assert CHANGED in plain(refused)
    assert (waiting().state, runs()) == ("waiting", 0)


def test_while_another_run_waits_it_is_not_granted(
    cast: Cast, acting: Any, browse: Any, ben: User, oaks: list[int]
) -> None:
    assert start(cast, acting).approval
    with acting(cast.admin):
        RuleRun.objects.create(starts_on=JUNE, digest="0" * 64, asked_by=cast.admin)
    refused = answer(browse(ben), waiting())
    assert refused.status_code == 422
    assert "A run of the rules waits already. Let it end first." in plain(refused)


def test_who_may_not_run_rules_any_more_has_asked_in_vain(
    cast: Cast, acting: Any, browse: Any, ben: User, oaks: list[int]
) -> None:
    assert start(cast, acting).approval
    with acting(ben):
        RoleGrant.objects.current().get(user=cast.admin).replaced(stops_on=TODAY)
    refused = answer(browse(ben), waiting())
    assert refused.status_code == 409
    assert "Ada Admin, who asked for it, may not run the rules any more. Refuse it." in plain(refused)


def test_one_that_fails_after_the_grant_is_told_to_both(
    cast: Cast, acting: Any, browse: Any, ben: User, oaks: list[int]
) -> None:
    """Somebody changes a rule in the seconds between the grant and the worker."""
    assert start(cast, acting).approval
    assert answer(browse(ben), waiting()).status_code == 302
    with acting(cast.admin):
        another_rule(cast, oaks)
    assert run_waiting()
    with work(by=None, why="look", reach=Reach.everything()):
        assert RuleRun.objects.get().state == "failed"
        told = Message.objects.filter(event="run_failed").values_list("person__name", flat=True)
        assert sorted(told) == ["Ada Admin", "Ben Boss"]
    assert "A run failed: rules, Jun 1, 2026." in plain(browse(cast.admin).get(reverse("inbox")))


def test_nothing_runs_without_the_grant(cast: Cast, acting: Any, ben: User, oaks: list[int]) -> None:
    approval = start(cast, acting).approval
    assert approval
    for person in (cast.admin, ben):
        with acting(person), pytest.raises(Forbidden):
            run_as_asked(by=person.pk, approval_id=approval.pk, **approval.payload)
    assert runs() == 0


def test_nobody_else_could_answer(cast: Cast, acting: Any, browse: Any, oaks: list[int]) -> None:
    said = plain(browse(cast.admin).get(reverse("rule_preview"), {"from": "2026-06-01"}))
    assert "Nobody else is admin, so nobody could answer. Give that role to a second person first." in said
    with pytest.raises(Conflict, match="Nobody else is admin"):
        start(cast, acting)


@pytest.mark.parametrize("who", ["rep", "manager", "director", "coordinator", "executive"])
def test_others_run_nothing(cast: Cast, acting: Any, who: str) -> None:
    person = getattr(cast, who)
    with acting(person), pytest.raises(Forbidden):
        run_or_ask(by=person.pk, starts_on=JUNE, digest="0" * 64)


def test_what_was_not_seen_is_not_asked_for(cast: Cast, acting: Any, ben: User, oaks: list[int]) -> None:
    with acting(cast.admin), pytest.raises(Conflict, match="changed since the preview"):
        run_or_ask(by=cast.admin.pk, starts_on=JUNE, digest="0" * 64)


def test_taking_a_run_back_asks_above_the_limit_too(
    cast: Cast, acting: Any, browse: Any, ben: User, oaks: list[int]
) -> None:
    done = run(acting, cast.admin, JUNE)
    asker = browse(cast.admin)
    page = plain(asker.get(reverse("rule_run_back", args=[done.pk])))
    assert "These are more than the 25 accounts" in page
    with acting(cast.admin):
        digest = taking_back(done, JUNE).digest
    sent = {"starts_on": "2026-06-01", "digest": digest, "takes_back_id": done.pk}
    told = plain(asker.post(reverse("rule_run_start"), sent, follow=True))
    about = "Take back the run of the rules from Jun 1, 2026, from Jun 1, 2026 on: 26 accounts move"
    assert f"An administrator is asked: {about}." in told
    assert waiting().url == f"{reverse('rule_run_back', args=[done.pk])}?from=2026-06-01"
    assert answer(browse(ben), waiting()).status_code == 302
    assert run_waiting()
    with acting(cast.admin):
        assert places(JUNE)["Oak 26"] == "East 1"
        back = RuleRun.objects.get(takes_back=done)
        assert (back.state, back.counts["moved"]) == ("done", 26)


def asked_back(cast: Cast, acting: Any, day: date) -> RuleRun:
    """That a run from that day on be taken back from then on waits for an answer."""
    done = run(acting, cast.admin, day)
    with acting(cast.admin):
        digest = taking_back(done, day).digest
        assert run_or_ask(by=cast.admin.pk, starts_on=day, digest=digest, takes_back_id=done.pk).approval
    return done


def test_to_take_back_from_a_day_that_went_by_is_asked_anew(
    cast: Cast, acting: Any, browse: Any, ben: User, oaks: list[int], clock: Any
) -> None:
    asked_back(cast, acting, TODAY)
    clock.move_to(datetime(2026, 5, 21, 9, tzinfo=UTC))
    refused = answer(browse(ben), waiting())
    assert refused.status_code == 409
    why = "This run is taken back from May 21, 2026 on at the earliest. Refuse it, and ask anew."
    assert why in plain(refused)
    assert (waiting().state, runs()) == ("waiting", 1)


def test_to_take_back_what_cannot_be_any_more_is_asked_in_vain(
    cast: Cast, acting: Any, browse: Any, ben: User, oaks: list[int]
) -> None:
    done = asked_back(cast, acting, JUNE)
    with acting(cast.admin):
        RuleRun.objects.change(done.pk, done.version, written_at=None)
    refused = answer(browse(ben), waiting())
    assert refused.status_code == 409
    assert "what runs write was not noted yet. Refuse it, and ask anew." in plain(refused)


def test_what_stays_is_said_to_who_answers(
    cast: Cast, acting: Any, browse: Any, ben: User, oaks: list[int]
) -> None:
    with acting(cast.admin):
        Hold.objects.create(account_id=oaks[0], person=cast.peer, starts_on=TODAY, stops_on=date(2027, 1, 1))
        set_policy(by=cast.admin.pk, name="assign_accounts_limit", value=24)
    assert start(cast, acting).approval
    detail = plain(browse(ben).get(reverse("approval_detail", args=[waiting().pk])))
    assert "as seen on May 20, 2026. 1 stays: placed by hand, or held. People who gain" in detail


def test_the_limit_is_that_of_the_settings(cast: Cast, acting: Any, ben: User, oaks: list[int]) -> None:
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name="assign_accounts_limit", value=26)
    assert start(cast, acting).run


def test_with_no_rule_in_use_it_runs_at_once_and_moves_nothing(
    cast: Cast, acting: Any, oaks: list[int]
) -> None:
    with acting(cast.admin):
        edit_rule(by=cast.admin.pk, rule_id=rule_id(), version=1, is_active=False)
    started = start(cast, acting)
    assert started.run
    assert run_waiting()
    with acting(cast.admin):
        done = RuleRun.objects.get(pk=started.run.pk)
        assert (done.state, done.error, done.counts["moved"], done.counts["rows"]) == ("done", "", 0, 0)
        assert places(JUNE)["Oak 26"] == "East 1"


def rule_id() -> int:
    from accounts.models import Rule

    return int(Rule.objects.get(name="Oaks").pk)


def test_what_stays_where_a_run_is_taken_back_is_said_too(
    cast: Cast, acting: Any, browse: Any, ben: User, oaks: list[int]
) -> None:
    done = run(acting, cast.admin, JUNE)
    with acting(cast.admin):
        kept = {"account_id": oaks[0], "person": cast.peer, "starts_on": TODAY}
        Hold.objects.create(**kept, stops_on=date(2027, 1, 1))
        set_policy(by=cast.admin.pk, name="assign_accounts_limit", value=24)
        back = {"takes_back_id": done.pk, "digest": taking_back(done, JUNE).digest}
        assert run_or_ask(by=cast.admin.pk, starts_on=JUNE, **back).approval
    detail = plain(browse(ben).get(reverse("approval_detail", args=[waiting().pk])))
    assert "25 accounts go to other territories from Jun 1, 2026 on, as seen on May 20, 2026. " in detail
    assert "1 stays: it moved on since, is held, or was where no territory is any more." in detail
