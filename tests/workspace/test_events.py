"""Every event from the act that causes it to the person who hears of it: the right people, once, as they chose."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import override_settings

from common.access import Reach
from common.models import Run
from common.transaction import work
from forecasts.tasks import remind
from orders.models import Credit, Dispute
from orders.services import answer_dispute, cancel, raise_dispute, send_order_back
from pipeline.models import Opportunity
from pipeline.services import edit_opportunity, give_lead
from pipeline.tasks import tell_untouched
from planning.models import Draft
from planning.services import hand_over_seat
from planning.services.drafts import add_move, create_draft
from planning.services.realigning import preview_draft, publish_draft
from quotas.services import set_quota
from territories.models import Seat, User
from tests.accounts.places import assign_account
from tests.cast import PEOPLE, Cast
from tests.closing import close_period
from tests.orders.test_book import order_of
from tests.orders.test_queue import kept
from tests.pipeline.leads import a_lead
from tests.workspace.smtp import AMOUNT, Post, listening
from workspace.models import Approval, Choice, Delivery, Event, Message, Webhook
from workspace.selectors.choices import CHOOSABLE
from workspace.services import answer, ask_reopening, send_due, webhook_sending
from workspace.services.comments import add_comment
from workspace.services.webhooks import create_webhook, send_test
from workspace.tasks import tell_of_failed_runs

CALLERS = ["rep", "peer", "manager", "director", "other_rep", "other_manager", "other_director"]
LEADS = ["manager", "director", "other_manager", "other_director"]


def everything() -> Any:
    return work(by=None, why="a test", reach=Reach.everything())


def account_came(cast: Cast, acting: Any, clock: Any) -> None:
    with acting(cast.admin):
        place = {"territory_id": cast.territories["East 2"].pk, "starts_on": date(2026, 5, 20)}
        assign_account(by=cast.admin.pk, account_id=cast.accounts["Acorn"].pk, **place)


def deal_came(cast: Cast, acting: Any, clock: Any) -> None:
    _edit(cast, acting, owner_id=cast.peer.pk)


def deal_changed(cast: Cast, acting: Any, clock: Any) -> None:
    _edit(cast, acting, amount_minor=5)
    _edit(cast, acting, amount_minor=6)


def _edit(cast: Cast, acting: Any, **changes: Any) -> None:
    with acting(cast.manager):
        deal = Opportunity.objects.get(name="Acorn renewal")
        edit_opportunity(by=cast.manager.pk, opportunity_id=deal.pk, version=deal.version, **changes)


def lead_came(cast: Cast, acting: Any, clock: Any) -> None:
    lead = a_lead(acting, cast.rep)
    with acting(cast.manager):
        give_lead(by=cast.manager.pk, lead_id=lead.pk, version=1, owner_id=cast.peer.pk)


def lead_untouched(cast: Cast, acting: Any, clock: Any) -> None:
    a_lead(acting, cast.rep)
    clock.move_to(datetime(2026, 5, 22, 12, 0, tzinfo=UTC))
    tell_untouched()
    tell_untouched()


def seat_handed_over(cast: Cast, acting: Any, clock: Any) -> None:
    with acting(cast.admin):
        seat, day = Seat.objects.get(user=cast.rep), date(2026, 6, 1)
        facts = {"seat_id": seat.pk, "successor_id": cast.coordinator.pk, "starts_on": day}
        hand_over_seat(by=cast.admin.pk, **facts)


def realigned(cast: Cast, acting: Any, clock: Any) -> None:
    with acting(cast.admin):
        draft = create_draft(by=cast.admin.pk, name="Spring", starts_on=date(2026, 5, 21))
        west, acorn = cast.territories["West 1"].pk, cast.accounts["Acorn"].pk
        add_move(by=cast.admin.pk, draft_id=draft.pk, kind="accounts", account_ids=[acorn], into_id=west)
        draft.refresh_from_db()
        preview_draft(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)
    with everything():
        Draft.objects.update(state=Draft.State.QUEUED, approved_by=cast.admin)
        publish_draft(draft_id=draft.pk)


def not_published(cast: Cast, acting: Any, clock: Any) -> None:
    with acting(cast.director):
        draft = create_draft(by=cast.director.pk, name="Spring", starts_on=date(2026, 5, 21))
    with everything():
        Draft.objects.update(state=Draft.State.QUEUED, approved_by=cast.admin)
        publish_draft(draft_id=draft.pk)


def forecast_due(cast: Cast, acting: Any, clock: Any) -> None:
    """Mondays at noon in New York, 16:00 UTC."""
    clock.move_to(datetime(2026, 5, 24, 17, tzinfo=UTC))
    remind()
    remind()


def forecast_late(cast: Cast, acting: Any, clock: Any) -> None:
    clock.move_to(datetime(2026, 5, 25, 17, tzinfo=UTC))
    remind()
    remind()


def quota_to_accept(cast: Cast, acting: Any, clock: Any) -> None:
    with acting(cast.director):
        quota = {"period_id": cast.q2.pk, "person_id": cast.rep.pk, "amount_minor": 100_000_00}
        set_quota(by=cast.director.pk, reason="Plan", **quota)


def quota_accepted(cast: Cast, acting: Any, clock: Any) -> None:
    quota_to_accept(cast, acting, clock)
    with acting(cast.rep):
        approval = Approval.objects.get(state="waiting")
        answer(by=cast.rep.pk, approval_id=approval.pk, version=approval.version, is_granted=True)


def reopening_asked(cast: Cast, acting: Any, clock: Any) -> None:
    from territories.services import grant_role

    with acting(cast.admin):
        grant_role(by=cast.admin.pk, user_id=cast.executive.pk, role="admin", starts_on=date(2026, 5, 1))
        close_period(cast.q1.pk)
        ask_reopening(by=cast.admin.pk, period_id=cast.q1.pk, reason="A late order")


def mentioned(cast: Cast, acting: Any, clock: Any) -> None:
    with acting(cast.rep):
        deal = Opportunity.objects.get(name="Acorn renewal")
        words = "@Mona Manager and @Oscar Other, look at this: they want @Rita Rep"
        add_comment(by=cast.rep.pk, subject="opportunity", subject_id=deal.pk, text=words)


def credit_changed(cast: Cast, acting: Any, clock: Any) -> None:
    with acting(cast.rep):
        order = order_of(cast)
    with acting(cast.coordinator):
        day = {"booked_on": date(2026, 5, 19), "reason": f"It was {AMOUNT}"}
        cancel(by=cast.coordinator.pk, order_id=order.pk, version=1, **day)


def order_sent_back(cast: Cast, acting: Any, clock: Any) -> None:
    with acting(cast.rep):
        asked = kept(cast)
    with acting(cast.coordinator):
        send_order_back(by=cast.coordinator.pk, request_id=asked.pk, version=1, comment="Which office?")


def credit_disputed(cast: Cast, acting: Any, clock: Any) -> None:
    with acting(cast.rep):
        order_of(cast)
        credit = Credit.objects.get(person=cast.rep)
        raise_dispute(by=cast.rep.pk, cause="amount", text=f"It was {AMOUNT}", credit_id=credit.pk)


def dispute_answered(cast: Cast, acting: Any, clock: Any) -> None:
    credit_disputed(cast, acting, clock)
    with acting(cast.director):
        pk = Dispute.objects.get().pk
        refusal: dict[str, Any] = {"is_granted": False, "answer": "It was not."}
        answer_dispute(by=cast.director.pk, dispute_id=pk, version=1, **refusal)


def run_failed(cast: Cast, acting: Any, clock: Any) -> None:
    with everything():
        at = datetime(2026, 5, 20, 8, 59, tzinfo=UTC)
        Run.objects.create(job="attainment", as_of=date(2026, 5, 19), state="failed", finished_at=at)
    tell_of_failed_runs()
    tell_of_failed_runs()


@override_settings(WEBHOOKS_INSIDE=True)
def webhook_paused(cast: Cast, acting: Any, clock: Any) -> None:
    with acting(cast.rep):
        address = "http://127.0.0.1:9/hook"  # where nobody listens
        hook, _secret = create_webhook(
            by=cast.rep.pk, name="warehouse", address=address, happenings=["order.booked"]
        )
        Webhook.objects.filter(pk=hook.pk).update(failures=19)
        send_test(by=cast.rep.pk, webhook_id=hook.pk)
    webhook_sending.send_due()


@dataclass(frozen=True)
class Scene:
    """An act, the event that it is, who hears of it, and who did it."""

    event: Event
    act: Callable[[Cast, Any, Any], None]
    people: list[str]
    by: str = ""


SCENES = [
    Scene(Event.ACCOUNT_CAME, account_came, ["peer"], "admin"),
    Scene(Event.DEAL_CAME, deal_came, ["peer"], "manager"),
    Scene(Event.DEAL_CHANGED, deal_changed, ["rep"], "manager"),
    Scene(Event.LEAD_CAME, lead_came, ["peer"], "manager"),
    Scene(Event.LEAD_UNTOUCHED, lead_untouched, ["manager", "rep"]),
    Scene(Event.SEAT_CAME, seat_handed_over, ["coordinator"], "admin"),
    Scene(Event.SEAT_WENT, seat_handed_over, ["director", "manager", "rep"], "admin"),
    Scene(Event.REALIGNED, realigned, ["other_rep", "rep"], "admin"),
    Scene(Event.UNPUBLISHED, not_published, ["admin", "director"]),
    Scene(Event.FORECAST_DUE, forecast_due, CALLERS),
    Scene(Event.FORECAST_LATE, forecast_late, CALLERS + LEADS),
    Scene(Event.APPROVAL_ASKED, quota_to_accept, ["rep"], "director"),
    Scene(Event.APPROVAL_ASKED, reopening_asked, ["executive"], "admin"),
    Scene(Event.APPROVAL_ANSWERED, quota_accepted, ["director"], "rep"),
    Scene(Event.CREDIT_CHANGED, credit_changed, ["rep"], "coordinator"),
    Scene(Event.ORDER_ANSWERED, order_sent_back, ["rep"], "coordinator"),
    Scene(Event.DISPUTE_RAISED, credit_disputed, ["admin", "coordinator", "director"], "rep"),
    Scene(Event.DISPUTE_ANSWERED, dispute_answered, ["rep"], "director"),
    Scene(Event.MENTIONED, mentioned, ["manager"], "rep"),
    Scene(Event.RUN_FAILED, run_failed, ["admin"]),
    Scene(Event.WEBHOOK_PAUSED, webhook_paused, ["rep"]),
]


@pytest.fixture
def post() -> Iterator[Post]:
    kept = Post()
    with listening(kept):
        yield kept


def choose(event: Event, way: Delivery) -> None:
    """Everybody hears of this event in one way, and of every other one on the page."""
    with everything():
        people = User.objects.filter(email__in=[f"{key}@example.com" for key in PEOPLE])
        Choice.objects.bulk_create(
            Choice(person=person, event=each, delivery=way if each == event else Delivery.PAGE)
            for person in people
            for each in CHOOSABLE
        )


def told(event: Event) -> Counter[str]:
    """How often each person was told of that event."""
    with everything():
        rows = Message.objects.filter(event=event).values_list("person__email", flat=True)
        return Counter(email.partition("@")[0] for email in rows)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.act.__name__)
def test_the_right_people_hear_of_it_once_as_they_chose(
    cast: Cast, acting: Any, clock: Any, post: Post, owner: Any, scene: Scene
) -> None:
    choose(scene.event, Delivery.MAIL)
    scene.act(cast, acting, clock)
    assert told(scene.event) == Counter(scene.people)
    assert scene.by not in told(scene.event)
    assert send_due() == len(scene.people)
    assert post.receivers() == sorted(f"{key}@example.com" for key in scene.people)
    assert not AMOUNT.search("".join(post.texts()))
    assert send_due() == 0


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.act.__name__)
def test_a_digest_holds_it_and_leaves_the_next_morning(
    cast: Cast, acting: Any, clock: Any, post: Post, scene: Scene
) -> None:
    choose(scene.event, Delivery.DIGEST)
    scene.act(cast, acting, clock)
    assert send_due() == 0
    at = datetime.now(UTC)
    clock.move_to(datetime(at.year, at.month, at.day, 7, 1, tzinfo=UTC) + timedelta(days=1))
    assert send_due() == len(set(scene.people))
    assert post.receivers() == sorted(f"{key}@example.com" for key in set(scene.people))


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.act.__name__)
def test_on_the_page_it_is_not_mailed_and_who_turned_it_off_hears_nothing(
    cast: Cast, acting: Any, clock: Any, post: Post, scene: Scene, owner: Any
) -> None:
    choose(scene.event, Delivery.PAGE)
    first = scene.people[0]
    with everything():
        chosen = Choice.objects.filter(person=getattr(cast, first), event=scene.event)
        may_be_off = scene.event != Event.APPROVAL_ASKED
        chosen.update(delivery=Delivery.OFF if may_be_off else Delivery.PAGE)
    scene.act(cast, acting, clock)
    wanted = Counter(scene.people)
    if may_be_off:
        del wanted[first]
    assert told(scene.event) == wanted
    assert send_due() == 0
    assert post.mails == []


def test_every_event_that_one_may_choose_for_has_its_scene() -> None:
    assert {scene.event for scene in SCENES} == set(CHOOSABLE)
