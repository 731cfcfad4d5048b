"""Somebody leaves: what hangs on them goes to a successor, and nothing of the past moves."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Hold
from common.access import Reach
from common.errors import Conflict, Forbidden, Refused, Stale
from common.models import Period
from common.selectors import today
from common.transaction import work
from orders.models import Credit
from orders.services import LineInput, ShareInput, book
from pipeline.models import Activity, Lead, Opportunity
from pipeline.services import log_activity
from planning.selectors.people import hangs_on
from planning.services import Moved, leave
from quotas.models import Quota
from quotas.services import set_quota
from territories.models import ApiToken, RoleGrant, Seat, User
from territories.services import end_role, grant_role, seat_person
from tests.calls import Api
from tests.cast import Cast
from tests.pipeline.leads import a_lead
from tests.territories.roles import roles_of
from tests.workspace.asking import ask
from tests.workspace.at_once import at_once
from tests.workspace.invited import link_of, nina
from workspace.models import Approval, Message, StandIn
from workspace.services import answer, invite

WHOLE = 100_000_000
MAY = date(2026, 5, 20)


def url(person: User) -> str:
    return reverse("person_leave", args=[person.pk])


def let_go(cast: Cast, person: User, successor: User | None = None, **more: Any) -> Moved:
    person.refresh_from_db()
    values = {"user_id": person.pk, "version": person.version, **more}
    return leave(by=cast.admin.pk, successor_id=successor.pk if successor else None, **values)


def seats_of(person: User) -> list[tuple[str, str, date, date | None]]:
    rows = Seat.objects.current().filter(user=person).order_by("starts_on", "territory__name")
    return [(row.territory.name, row.kind, row.starts_on, row.stops_on) for row in rows]


def task(cast: Cast, person: User, **more: Any) -> Activity:
    place = {"account": cast.accounts["Acorn"], "territory": cast.territories["East 1"]}
    row = {"kind": "task", "subject": "Call", "owner": person, "due_on": date(2026, 6, 1)}
    with work(by=None, why="a test", reach=Reach.everything()):
        activity: Activity = Activity.objects.create(**row, **place, **more)
        return activity


def test_the_page_shows_what_hangs_on_them(cast: Cast, browse: Any, acting: Any) -> None:
    task(cast, cast.rep)
    task(cast, cast.rep, done_at=datetime(2026, 5, 1, tzinfo=UTC), done_on=date(2026, 5, 1))
    with acting(cast.admin):
        days = {"starts_on": MAY, "stops_on": date(2026, 6, 1)}
        StandIn.objects.create(person=cast.peer, stand_in=cast.rep, **days)
        Approval.objects.create(
            kind="quota_accept", key="q", about="2026", asked_by=cast.admin, approver=cast.rep
        )
    page = browse(cast.admin).get(url(cast.rep))
    text = " ".join(page.content.decode().split())
    assert "<dd>1 · $100,000.01</dd>" in text
    assert "<dt>Open activities</dt><dd>1</dd>" in text
    assert "East 1" in text
    assert "they for Paul Peer" in text
    assert "<dt>Open approvals</dt><dd>2026</dd>" in text


def test_who_has_no_more_than_a_lead_needs_a_successor_and_that_one_gets_it(
    cast: Cast, browse: Any, acting: Any
) -> None:
    lead = a_lead(acting, cast.coordinator)
    with acting(cast.coordinator):
        log_activity(by=cast.coordinator.pk, kind="call", subject="Rang Ella", lead_id=lead.pk)
    assert "<dt>Open leads</dt><dd>1</dd>" in browse(cast.admin).get(url(cast.coordinator)).content.decode()
    with acting(cast.admin):
        with pytest.raises(Refused) as refused:
            let_go(cast, cast.coordinator)
        assert (refused.value.path, refused.value.code) == ("successor_id", "required")
        let_go(cast, cast.coordinator, cast.peer)
        assert Lead.objects.values_list("owner__name", "territory__name").get() == ("Paul Peer", "East 2")
    with acting(cast.peer):
        assert Activity.objects.get(lead=lead).owner == cast.coordinator


def test_the_form_hands_all_of_it_over_and_says_how_much(cast: Cast, browse: Any, acting: Any) -> None:
    was_done = {"done_at": datetime(2026, 5, 1, tzinfo=UTC), "done_on": date(2026, 5, 1)}
    activity, done = task(cast, cast.rep), task(cast, cast.rep, **was_done)
    data = {"version": "1", "successor_id": cast.manager.pk}
    answer = browse(cast.admin).post(url(cast.rep), data, follow=True)
    said = "Rita Rep is deactivated. Handed over to Mona Manager: seats 1, open deals 1, activities 1."
    assert said in answer.content.decode()
    page = browse(cast.admin).get(reverse("person_detail", args=[cast.rep.pk])).content.decode()
    assert "Rita Rep left. To Mona Manager: seats 1, open deals 1, activities 1" in page
    with acting(cast.admin):
        deal = Opportunity.objects.get(pk=cast.deals["Acorn renewal"].pk)
        assert (deal.owner, deal.version) == (cast.manager, 2)
        activity.refresh_from_db()
        done.refresh_from_db()
        assert (activity.owner, done.owner) == (cast.manager, cast.rep)
        assert seats_of(cast.rep) == [("East 1", "owner", date(2025, 1, 1), MAY)]
        assert seats_of(cast.manager) == [
            ("East Team", "lead", date(2025, 1, 1), None),
            ("East 1", "owner", MAY, None),
        ]
        assert roles_of(cast.rep, MAY) == []
        assert roles_of(cast.rep, date(2026, 5, 19)) == ["rep"]


JUNE, SEPTEMBER = date(2026, 6, 1), date(2026, 9, 1)


def holds() -> list[tuple[str, str, date, date | None]]:
    rows = Hold.objects.current().select_related("account", "person")
    return [
        (row.account.name, row.person.name, row.starts_on, row.stops_on)
        for row in rows.order_by("account__name", "starts_on")
    ]


@pytest.fixture
def held(cast: Cast, acting: Any) -> None:
    """Rita holds Acorn since April, which lies in her territory, and Beech from June on, which does not."""
    with acting(cast.admin):
        for name, start in (("Acorn", date(2026, 4, 1)), ("Beech", JUNE)):
            Hold.objects.create(
                account=cast.accounts[name],
                person=cast.rep,
                starts_on=start,
                stops_on=SEPTEMBER,
                reason="key",
            )


def test_holds_pass_to_who_takes_the_owners_seat(cast: Cast, browse: Any, acting: Any, held: None) -> None:
    client = browse(cast.admin)
    page = " ".join(client.get(url(cast.rep)).content.decode().split())
    acorn = reverse("account_detail", args=[cast.accounts["Acorn"].pk])
    assert f'<dt>Accounts held</dt><dd><a href="{acorn}">Acorn</a>' in page
    assert "What they hold passes to the successor where that one owns the account" in page
    answer = client.post(url(cast.rep), {"version": "1", "successor_id": cast.manager.pk}, follow=True)
    assert "activities 0. 1 hold went with them." in answer.content.decode()
    with acting(cast.admin):
        assert holds() == [
            ("Acorn", "Rita Rep", date(2026, 4, 1), MAY), ("Acorn", "Mona Manager", MAY, SEPTEMBER),
        ]  # fmt: skip
        row = Hold.objects.on(MAY).get()
        assert (row.reason, row.recorded_by) == ("key", cast.admin)


@pytest.mark.parametrize("successor", ["peer", None])
def test_where_the_seat_stays_vacant_holds_end(
    cast: Cast, acting: Any, held: None, successor: str | None
) -> None:
    with acting(cast.admin):
        Opportunity.objects.filter(owner=cast.rep).update(owner=cast.manager)
        moved = let_go(cast, cast.rep, getattr(cast, successor) if successor else None, is_vacant=True)
        kept = [("Beech", "Paul Peer", JUNE, SEPTEMBER)] if successor else []
        assert moved.holds == len(kept)
        assert holds() == [("Acorn", "Rita Rep", date(2026, 4, 1), MAY), *kept]


def test_history_says_why(cast: Cast, browse: Any, acting: Any) -> None:
    deal = cast.deals["Acorn renewal"]
    with acting(cast.admin):
        let_go(cast, cast.rep, cast.peer, is_vacant=True)
    text = browse(cast.manager).get(reverse("opportunity_history", args=[deal.pk])).content.decode()
    assert "Owner: <del>Rita Rep</del> → <ins>Paul Peer</ins>" in text
    assert "Rita Rep left" in text


def test_the_successor_is_told_once(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        let_go(cast, cast.rep, cast.peer, is_vacant=True)
    with acting(cast.peer):
        (message,) = Message.objects.all()
        assert (message.event, message.count, message.about) == ("deal_came", 1, "Acorn renewal")


def test_session_and_token_fail_on_the_very_next_request(cast: Cast, browse: Any, acting: Any) -> None:
    theirs, api = browse(cast.rep), Api(cast.rep)
    assert theirs.get("/opportunities/").status_code == 200
    assert api.get("opportunities/").status_code == 200
    with acting(cast.admin):
        let_go(cast, cast.rep, cast.peer, is_vacant=True)
    assert theirs.get("/opportunities/")["Location"].startswith("/sign-in/login/")
    assert api.get("opportunities/").status_code == 401
    with acting(cast.admin):
        assert not ApiToken.objects.filter(user=cast.rep, revoked_at=None).exists()
    data = {"login": "rep@example.com", "password": "correct horse battery"}
    client = Client()
    client.post("/sign-in/login/", data)
    assert client.get("/opportunities/").status_code == 302


def test_an_open_invitation_ends(cast: Cast, acting: Any) -> None:
    person = nina(cast, acting)
    link = link_of(cast, acting, person)
    with acting(cast.admin):
        let_go(cast, person)
    assert Client().get(link).status_code == 410


def test_what_is_booked_later_is_credited_to_the_successors_seat(cast: Cast, acting: Any, clock: Any) -> None:
    deal, lines = cast.deals["Acorn renewal"], [LineInput(cast.products["Server"].pk, 1, 100_001)]
    acorn = cast.accounts["Acorn"].pk
    order = {"account_id": acorn, "currency": "USD", "lines": lines, "motion": "renewal"}
    with acting(cast.rep):
        before = book(by=cast.rep.pk, booked_on=MAY, shares=[ShareInput(cast.rep.pk, WHOLE)], **order)
    with acting(cast.admin):
        quota = set_quota(
            by=cast.admin.pk, period_id=cast.q2.pk, person_id=cast.rep.pk, amount_minor=5_000_01
        )
        let_go(cast, cast.rep, cast.director)
    clock.move_to(datetime(2026, 5, 21, 16, tzinfo=UTC))
    cast.director.refresh_from_db()
    with acting(cast.director):
        deal.refresh_from_db()
        won = {"opportunity_id": deal.pk, "opportunity_version": deal.version}
        after = book(by=cast.director.pk, booked_on=today(), shares=[], **order, **won)
    with work(by=None, why="a look", reach=Reach.everything()):
        east_1 = cast.territories["East 1"].pk
        told = {
            row.event.order_id: (row.person_id, row.seat_id, row.territory_id, row.amount_minor)
            for row in Credit.objects.select_related("event")
        }
        assert told == {
            before.pk: (cast.rep.pk, east_1, east_1, 100_001),
            after.pk: (cast.director.pk, east_1, east_1, 100_001),
        }
        assert Quota.objects.get(pk=quota.pk).person_id == cast.rep.pk
        before.refresh_from_db()
        assert before.owner_id == cast.rep.pk


def test_seats_to_come_are_taken_over_from_their_day_and_overlays_end(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        by, places = cast.admin.pk, cast.territories
        for place, kind, day in (("East", "overlay", MAY), ("West", "owner", date(2026, 7, 1))):
            seat_person(by=by, user_id=cast.rep.pk, territory_id=places[place].pk, kind=kind, starts_on=day)
        let_go(cast, cast.rep, cast.coordinator)
        assert seats_of(cast.rep) == [("East 1", "owner", date(2025, 1, 1), MAY)]
        assert seats_of(cast.coordinator) == [
            ("East 1", "owner", MAY, None),
            ("West", "owner", date(2026, 7, 1), None),
        ]


def test_covers_end_and_pass_to_nobody(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        by, west = cast.admin.pk, cast.territories["West 1"].pk
        cover = {"territory_id": west, "kind": "cover", "starts_on": date(2026, 5, 1)}
        seat_person(by=by, user_id=cast.rep.pk, **cover, stops_on=date(2026, 7, 1))
        assert let_go(cast, cast.rep, cast.coordinator) == (1, 1, 0, 0)
        assert seats_of(cast.rep) == [
            ("East 1", "owner", date(2025, 1, 1), MAY),
            ("West 1", "cover", date(2026, 5, 1), MAY),
        ]
        assert seats_of(cast.coordinator) == [("East 1", "owner", MAY, None)]


def test_the_successor_sits_there_with_the_same_share(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        Seat.objects.get(user=cast.rep).replaced(share=60_000_000)
        let_go(cast, cast.rep, cast.coordinator)
        assert Seat.objects.current().get(user=cast.coordinator).share == 60_000_000


def test_seats_may_stay_vacant(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        assert let_go(cast, cast.rep, cast.manager, is_vacant=True) == (0, 1, 0, 0)
        assert not Seat.objects.on(MAY).filter(territory=cast.territories["East 1"]).exists()


@pytest.mark.parametrize(
    ("who", "is_vacant", "said"),
    [
        ("rep", True, "Choose who takes over the open deals, leads and activities."),
        ("manager", False, "Choose who takes the seats, or leave them vacant."),
    ],
)
def test_who_has_work_or_a_seat_needs_a_successor(
    cast: Cast, browse: Any, acting: Any, who: str, is_vacant: bool, said: str
) -> None:
    person = getattr(cast, who)
    data = {"version": "1", "successor_id": "", **({"is_vacant": "on"} if is_vacant else {})}
    answer = browse(cast.admin).post(url(person), data)
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"successor_id": [said]}
    with acting(cast.admin):
        assert User.objects.get(pk=person.pk).is_active


def test_who_has_only_a_seat_may_leave_it_vacant(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        assert let_go(cast, cast.manager, is_vacant=True) == (0, 0, 0, 0)
        assert not User.objects.get(pk=cast.manager.pk).is_active


def test_a_successor_who_cannot_sit_there_is_named_and_nothing_happens(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        by, east = cast.admin.pk, cast.territories["East 1"].pk
        later = {"kind": "owner", "starts_on": date(2026, 7, 1)}
        seat = Seat.objects.get(user=cast.rep)
        seat.replaced(stops_on=date(2026, 7, 1))
        seat_person(by=by, user_id=cast.peer.pk, territory_id=east, **later)
        let_go(cast, cast.rep, cast.peer)
        assert seats_of(cast.peer)[-2:] == [
            ("East 1", "owner", MAY, date(2026, 7, 1)),
            ("East 1", "owner", date(2026, 7, 1), None),
        ]


@pytest.mark.parametrize("successor", ["rep", "gone"])
def test_the_successor_is_somebody_else_who_is_here(cast: Cast, acting: Any, successor: str) -> None:
    with acting(cast.admin):
        User.objects.filter(pk=cast.peer.pk).update(is_active=False)
        other = cast.rep if successor == "rep" else cast.peer
        with pytest.raises(Refused) as refusal:
            let_go(cast, cast.rep, other, is_vacant=True)
        assert refusal.value.path == "successor_id"
        assert User.objects.get(pk=cast.rep.pk).is_active


def test_stand_ins_end_and_requests_are_withdrawn(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        pairs = [(cast.peer, cast.rep, date(2026, 5, 1)), (cast.rep, cast.manager, date(2026, 6, 1))]
        for person, other, day in pairs:
            StandIn.objects.create(person=person, stand_in=other, starts_on=day, stops_on=date(2026, 7, 1))
        asked = {"kind": "quota_accept", "about": "2026"}
        to_them = Approval.objects.create(key="a", asked_by=cast.executive, approver=cast.rep, **asked)
        by_them = Approval.objects.create(key="b", asked_by=cast.rep, approver=cast.manager, **asked)
        let_go(cast, cast.rep, cast.manager)
        left = [(row.person, row.stops_on) for row in StandIn.objects.current()]
        assert left == [(cast.peer, MAY)]
        for approval in (to_them, by_them):
            approval.refresh_from_db()
            assert (approval.state, approval.answer) == ("withdrawn", "Rita Rep left")
    with acting(cast.executive):
        assert Message.objects.get().event == "approval_answered"


def test_nobody_lets_themself_go_and_the_last_administrator_stays(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        with pytest.raises(Refused, match="You can't deactivate yourself"):
            let_go(cast, cast.admin)
        grant_role(by=cast.admin.pk, user_id=cast.manager.pk, role="admin", starts_on=date(2026, 5, 1))
    with acting(cast.manager):
        days = {"stops_on": date(2026, 6, 1)}
        RoleGrant.objects.get(user=cast.manager, role="admin").replaced(**days)
        values = {"by": cast.manager.pk, "user_id": cast.admin.pk, "version": 1}
        with pytest.raises(Conflict, match="Somebody has to be administrator"):
            leave(**values)
        RoleGrant.objects.current().get(user=cast.manager, role="admin").replaced(stops_on=None)
        leave(**values)
        assert not User.objects.get(pk=cast.admin.pk).is_active


def test_a_person_who_changed_meanwhile_or_left_already(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        with pytest.raises(Stale):
            leave(by=cast.admin.pk, user_id=cast.executive.pk, version=9)
        let_go(cast, cast.executive)
        with pytest.raises(Conflict, match="has left already"):
            let_go(cast, cast.executive)


def test_a_period_that_is_closed_ahead_keeps_its_seats(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        Period.objects.filter(code="2026-Q1").update(is_closed=True)
        let_go(cast, cast.rep, cast.manager)
        assert seats_of(cast.rep) == [("East 1", "owner", date(2025, 1, 1), MAY)]


def test_others_may_not(cast: Cast, browse: Any, acting: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        data = {"version": "1", "successor_id": person.pk}
        assert browse(person).post(url(cast.rep), data).status_code == 403
        with acting(person), pytest.raises(Forbidden):
            leave(by=person.pk, user_id=cast.rep.pk, version=1, successor_id=person.pk)
        with acting(person), pytest.raises(Forbidden):
            invite(by=person.pk, user_ids=[cast.rep.pk])


KINDS: dict[str, Any] = {"favour": {"name": "doing a favour"}, "chore": {"role": "admin"}}


def events_of(person: User) -> list[tuple[str, str]]:
    with work(by=None, why="look", reach=Reach.everything()):
        return list(Message.objects.filter(person=person).order_by("id").values_list("event", "about"))


def test_what_waited_for_them_passes_to_the_administrators(
    cast: Cast, acting: Any, browse: Any, settings: Any, ben: User
) -> None:
    settings.APPROVALS = settings.APPROVALS | KINDS
    with acting(cast.rep):
        asked = {"by": cast.rep.pk, "kind": "favour", "key": "1", "about": "A day off"}
        approval = ask(**asked, approver_id=cast.manager.pk)
    with acting(cast.admin):
        assert [row.about for row in hangs_on(cast.manager).approvals] == ["A day off"]
        let_go(cast, cast.manager, is_vacant=True)
    assert events_of(cast.admin) == events_of(ben) == [("approval_asked", "A day off")]
    assert events_of(cast.rep) == []
    page = browse(cast.rep).get(reverse("approval_detail", args=[approval.pk])).content.decode()
    text = " ".join(page.split())
    assert "<dt>Asked of</dt><dd>admin</dd>" in text
    assert "<dt>Can answer</dt><dd>Ada Admin, Ben Boss</dd>" in text
    assert "Asked of: <del>Mona Manager</del> → <ins>—</ins>" in text
    assert "Asked of role: <del>—</del> → <ins>admin</ins>" in text
    assert "Mona Manager left" in text
    assert "A day off" in browse(ben).get("/inbox/").content.decode()
    with acting(ben):
        answer(by=ben.pk, approval_id=approval.pk, version=2, is_granted=True)
    assert events_of(cast.rep) == [("approval_answered", "A day off")]


def test_what_nobody_else_could_answer_is_withdrawn_and_told(
    cast: Cast, acting: Any, settings: Any, ben: User
) -> None:
    """Of two administrators the one who was asked leaves: who asked can't answer themself."""
    settings.APPROVALS = settings.APPROVALS | KINDS
    with acting(cast.admin):
        named = ask(by=cast.admin.pk, kind="favour", key="1", about="By name", approver_id=cast.manager.pk)
        role = ask(by=cast.admin.pk, kind="chore", key="2", about="By role")
    with acting(cast.admin):
        let_go(cast, ben)
        let_go(cast, cast.manager, is_vacant=True)
        for row, why in ((named, "Mona Manager left"), (role, "Ben Boss left")):
            row.refresh_from_db()
            assert (row.state, row.answer) == ("withdrawn", why)


def test_what_waits_for_a_role_that_others_hold_stays_as_it_is(
    cast: Cast, acting: Any, settings: Any, ben: User
) -> None:
    settings.APPROVALS = settings.APPROVALS | KINDS
    with acting(cast.rep):
        approval = ask(by=cast.rep.pk, kind="chore", key="2", about="By role")
    with acting(cast.admin):
        let_go(cast, ben)
        approval.refresh_from_db()
        assert (approval.state, approval.version, approval.role) == ("waiting", 1, "admin")
    assert events_of(cast.rep) == []


def test_who_can_no_longer_be_answered_is_shown_so(
    cast: Cast, acting: Any, browse: Any, settings: Any, ben: User, clock: Any
) -> None:
    """A role may also end on a day that was planned: nobody acts then, and the page says what to do."""
    settings.APPROVALS = settings.APPROVALS | KINDS
    with acting(cast.admin):
        approval = ask(by=cast.admin.pk, kind="chore", key="2", about="By role")
        grant = RoleGrant.objects.get(user=ben)
        end_role(by=cast.admin.pk, grant_id=grant.pk, stops_on=date(2026, 5, 21))
    clock.move_to(datetime(2026, 5, 21, 16, tzinfo=UTC))
    page = browse(cast.admin).get(reverse("approval_detail", args=[approval.pk])).content.decode()
    assert "Nobody else is admin, so nobody could answer. Give that role to a second person first." in page


def test_who_answers_while_they_are_let_go_leaves_one_outcome(
    cast: Cast, acting: Any, browse: Any, settings: Any
) -> None:
    settings.APPROVALS = settings.APPROVALS | KINDS
    with acting(cast.rep):
        asked = {"by": cast.rep.pk, "kind": "favour", "key": "1", "about": "A day off"}
        approval = ask(**asked, approver_id=cast.manager.pk)
    theirs, admin = browse(cast.manager), browse(cast.admin)
    assert theirs.get("/inbox/").status_code == 200
    page = reverse("approval_answer", args=[approval.pk])
    answered, left = at_once(
        lambda: theirs.post(page, {"version": "1", "is_granted": "grant"}),
        lambda: admin.post(url(cast.manager), {"version": "1", "is_vacant": "on"}),
    )
    assert (left.status_code, left["Location"]) == (302, reverse("person_detail", args=[cast.manager.pk]))
    with acting(cast.admin):
        approval.refresh_from_db()
    if approval.state == "granted":
        assert (answered.status_code, answered["Location"]) == (302, "/inbox/")
    else:
        assert (approval.state, approval.role, approval.approver_id) == ("waiting", "admin", None)
        assert answered.status_code in (302, 403, 404, 412)


def test_without_a_successor_nobody_is_named(cast: Cast, browse: Any) -> None:
    data = {"version": "1", "successor_id": "", "is_vacant": "on"}
    page = browse(cast.admin).post(url(cast.manager), data, follow=True).content.decode()
    assert "Mona Manager is deactivated." in page
    assert "Handed over" not in page
