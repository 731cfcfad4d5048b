"""Asking for what another decides: who may answer, what happens then, and what two who answer at once are told."""

import re
from datetime import date
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.access import Reach
from common.errors import Conflict, Forbidden, NotInReach, Refused, Stale
from common.models import Period
from common.selectors import today
from common.transaction import work
from territories.models import RoleGrant, User
from tests.cast import Cast
from tests.closing import close_period
from tests.workspace.asking import ask, stand_in_for_the_manager
from tests.workspace.at_once import at_once
from workspace import services
from workspace.models import Approval, Message
from workspace.selectors.approvals import approval_for, asked_by, kind_of, waiting
from workspace.services.approvals import check_granted

KINDS: dict[str, Any] = {
    "favour": {},
    "chore": {"role": "admin"},
    "own_word": {"is_delegable": False, "is_acceptance": True},
}


@pytest.fixture
def kinds(settings: Any) -> None:
    settings.APPROVALS = settings.APPROVALS | KINDS


def favour(cast: Cast, acting: Any, **changes: Any) -> Approval:
    """Rita asks Mona."""
    asked = {"kind": "favour", "key": "1", "about": "A day off", "approver_id": cast.manager.pk, **changes}
    with acting(cast.rep):
        return ask(by=cast.rep.pk, **asked)


def answer(approval: Approval, by: User, *, is_granted: bool = True, note: str = "") -> Approval:
    return services.answer(
        by=by.pk, approval_id=approval.pk, version=approval.version, is_granted=is_granted, answer=note
    )


def latest(approval: Approval) -> Approval:
    with work(by=None, why="look", reach=Reach.everything()):
        return Approval.objects.get(pk=approval.pk)


def told(person: User) -> list[tuple[str, str, int]]:
    with work(by=None, why="look", reach=Reach.everything()):
        rows = Message.objects.filter(person=person).order_by("id")
        return list(rows.values_list("event", "about", "count"))


def test_who_is_asked_answers_and_who_asked_is_told(cast: Cast, acting: Any, kinds: None) -> None:
    approval = favour(cast, acting, reason="Please")
    assert told(cast.manager) == [("approval_asked", "A day off", 1)]
    with acting(cast.manager):
        assert [(one.approval.pk, one.effect, one.absent) for one in waiting(cast.manager.pk, today())] == [
            (approval.pk, "", None)
        ]
        answer(approval, cast.manager)
        assert waiting(cast.manager.pk, today()) == []
    found = latest(approval)
    assert (found.state, found.answered_by_id, found.answered_for_id, found.reason) == (
        "granted",
        cast.manager.pk,
        None,
        "Please",
    )
    assert told(cast.rep) == [("approval_answered", "A day off", 1)]
    with acting(cast.rep):
        assert [row.pk for row in asked_by(cast.rep.pk)] == [approval.pk]


def test_nobody_approves_what_they_asked_for(cast: Cast, acting: Any, kinds: None, ben: User) -> None:
    with acting(cast.admin):
        approval = ask(by=cast.admin.pk, kind="chore", key="2", about="More")
        with pytest.raises(Forbidden, match=r"Nobody answers what they asked for themselves."):
            answer(approval, cast.admin)
    assert told(cast.admin) == []
    with acting(ben):
        services.name_stand_in(
            by=ben.pk,
            person_id=ben.pk,
            stand_in_id=cast.admin.pk,
            starts_on=date(2026, 5, 20),
            stops_on=date(2026, 6, 1),
        )
    with acting(cast.admin), pytest.raises(Forbidden):
        answer(approval, cast.admin)


def test_others_do_not_answer(cast: Cast, acting: Any, kinds: None, ben: User) -> None:
    approval = favour(cast, acting)
    for stranger in (cast.peer, cast.director, cast.executive):
        with acting(stranger), pytest.raises(NotInReach):
            answer(approval, stranger)
    with acting(cast.admin), pytest.raises(Forbidden, match="for somebody else to answer"):
        answer(approval, cast.admin)
    with acting(cast.rep), pytest.raises(NotInReach):
        services.answer(by=cast.rep.pk, approval_id=0, version=1, is_granted=True)
    assert latest(approval).state == "waiting"


def test_somebody_who_left_answers_nothing(cast: Cast, acting: Any, kinds: None) -> None:
    approval = favour(cast, acting)
    with work(by=None, why="left", reach=Reach.everything()):
        User.objects.filter(pk=cast.manager.pk).update(is_active=False)
    with acting(cast.manager), pytest.raises(Forbidden):
        answer(approval, cast.manager)
    with acting(cast.rep):
        services.withdraw(by=cast.rep.pk, approval_id=approval.pk, version=1)
        with pytest.raises(Conflict, match=r"Nobody is here who could answer this."):
            ask(by=cast.rep.pk, kind="favour", key="9", about="x", approver_id=cast.manager.pk)


def test_it_is_asked_once_at_a_time(cast: Cast, acting: Any, kinds: None) -> None:
    favour(cast, acting)
    with pytest.raises(Refused, match=r"This is asked for already, and waits for an answer."):
        favour(cast, acting)


def test_without_a_second_person_of_the_role_nothing_is_asked(cast: Cast, acting: Any, kinds: None) -> None:
    with acting(cast.admin), pytest.raises(Conflict, match=r"Nobody else is admin, so nobody could answer."):
        ask(by=cast.admin.pk, kind="chore", key="2", about="More")


def test_a_refusal_needs_its_reason(cast: Cast, acting: Any, kinds: None) -> None:
    approval = favour(cast, acting)
    with acting(cast.manager):
        with pytest.raises(Refused) as refusal:
            answer(approval, cast.manager, is_granted=False, note="  ")
        assert refusal.value.path == "answer"
        answer(approval, cast.manager, is_granted=False, note="Too busy")
    assert (latest(approval).state, latest(approval).answer) == ("refused", "Too busy")


def test_a_stand_in_answers_for_the_absent_and_it_is_kept(
    cast: Cast, acting: Any, kinds: None, browse: Any
) -> None:
    stand_in_for_the_manager(cast, acting, date(2026, 5, 22))
    approval = favour(cast, acting)
    own = favour(cast, acting, kind="own_word", about="Own word")
    assert [event for event, *_ in told(cast.other_manager)] == ["approval_asked"]
    page = browse(cast.other_manager).get(reverse("inbox")).content.decode()
    assert "you answer for Mona Manager" in page
    with acting(cast.other_manager):
        with pytest.raises(NotInReach):
            answer(own, cast.other_manager)
        answer(approval, cast.other_manager)
    found = latest(approval)
    assert (found.answered_by_id, found.answered_for_id) == (cast.other_manager.pk, cast.manager.pk)
    with acting(cast.manager), pytest.raises(Conflict, match="Approved by Olga Other for Mona Manager on "):
        answer(found, cast.manager)
    text = browse(cast.other_manager).get(reverse("approval_detail", args=[approval.pk])).content.decode()
    assert "Approved by Olga Other for Mona Manager on " in text


def test_after_its_last_day_a_stand_in_answers_nothing(
    cast: Cast, acting: Any, kinds: None, clock: Any
) -> None:
    stand_in_for_the_manager(cast, acting, date(2026, 5, 21))
    approval = favour(cast, acting)
    clock.move_to("2026-05-21T12:00:00Z")
    with acting(cast.other_manager), pytest.raises(NotInReach):
        answer(approval, cast.other_manager)


def test_a_stand_in_who_holds_the_role_answers_in_their_own_right(
    cast: Cast, acting: Any, ben: User, browse: Any
) -> None:
    with work(by=None, why="a third", reach=Reach.everything()):
        third = User.objects.create(email="cid@example.com", name="Cid Chief")
        RoleGrant.objects.create(user=third, role="admin", starts_on=date(2026, 1, 1))
    with acting(cast.admin):
        services.name_stand_in(
            by=cast.admin.pk,
            person_id=ben.pk,
            stand_in_id=third.pk,
            starts_on=date(2026, 5, 20),
            stops_on=date(2026, 5, 22),
        )
        quarter = Period.objects.get(code="2026-Q1")
        close_period(quarter.pk)
        approval = services.ask_reopening(by=cast.admin.pk, period_id=quarter.pk, reason="A late order")
    assert len(told(third)) == len(told(ben)) == 1
    client = browse(third)
    assert "you answer for" not in client.get(reverse("inbox")).content.decode()
    with acting(third):
        answer(approval, third)
    assert (latest(approval).answered_by_id, latest(approval).answered_for_id) == (third.pk, None)
    page = client.get(reverse("approval_detail", args=[approval.pk])).content.decode()
    assert "Approved by Cid Chief on " in page


def test_a_kind_that_is_gone_breaks_nobody_s_inbox_and_waits_unanswered(
    cast: Cast, acting: Any, kinds: None, browse: Any, settings: Any
) -> None:
    approval = favour(cast, acting)
    settings.APPROVALS = {name: kind for name, kind in settings.APPROVALS.items() if name != "favour"}
    detail = reverse("approval_detail", args=[approval.pk])
    for person in (cast.manager, cast.rep, cast.admin):
        assert browse(person).get(reverse("inbox")).status_code == 200
    assert "Nothing waits for your answer." in browse(cast.manager).get(reverse("inbox")).content.decode()
    assert "A day off" in browse(cast.rep).get(detail).content.decode()
    with acting(cast.manager), pytest.raises(Forbidden):
        answer(approval, cast.manager)
    with acting(cast.rep):
        services.withdraw(by=cast.rep.pk, approval_id=approval.pk, version=1)


@pytest.mark.parametrize("name", sorted(settings.APPROVALS))
def test_what_the_settings_name_is_there(cast: Cast, name: str) -> None:
    kind = kind_of(name)
    assert callable(kind.act)
    with work(by=None, why="look", reach=Reach.everything()):
        assert kind.effects([]) == []


def test_what_it_is_called_is_read_without_what_it_does(cast: Cast, browse: Any, settings: Any) -> None:
    settings.APPROVALS = settings.APPROVALS | {"broken": {"does": "nowhere.at_all", "says": "nowhere.either"}}
    page = browse(cast.rep).get(reverse("inbox"))
    assert page.status_code == 200


@pytest.mark.parametrize("count", [2, 20])
def test_the_inbox_asks_as_much_for_many_as_for_few(
    cast: Cast, acting: Any, ben: User, browse: Any, count: int
) -> None:
    with acting(ben):
        periods = list(Period.objects.order_by("starts_on", "pk")[:count])
        for period in periods:
            asked = {"key": str(period.pk), "about": period.code, "payload": {"period_id": period.pk}}
            ask(by=ben.pk, kind="period_reopen", **asked)
        asked = {"payload": {"person_id": 1, "year_id": 1, "quota_ids": []}, "about": "Quotas for 2026"}
        for number in range(count):
            ask(by=ben.pk, kind="quota_accept", key=f"{number}", approver_id=cast.admin.pk, **asked)
    client = browse(cast.admin)
    client.get(reverse("inbox"))
    with CaptureQueriesContext(connection) as statements:
        page = client.get(reverse("inbox")).content.decode()
    assert page.count("Accepting changes no figure.") == page.count("can be dated ") == count
    assert len(statements) == 20


def test_several_are_answered_alike_or_none_of_them(cast: Cast, acting: Any, kinds: None) -> None:
    rows = [favour(cast, acting, key=str(key), about=f"Day {key}") for key in range(3)]
    with acting(cast.manager):
        answer(rows[0], cast.manager)
    chosen = [(row.pk, row.version) for row in rows]
    with acting(cast.manager):
        with pytest.raises(Conflict, match=r"Nothing was answered. Day 0: Approved by Mona Manager on "):
            services.answer_many(by=cast.manager.pk, chosen=chosen, is_granted=True)
        with pytest.raises(Refused, match="Say why"):
            services.answer_many(by=cast.manager.pk, chosen=chosen[1:], is_granted=False)
        with pytest.raises(NotInReach):
            services.answer_many(by=cast.manager.pk, chosen=[(0, 1)], is_granted=True)
    assert [latest(row).state for row in rows] == ["granted", "waiting", "waiting"]
    with acting(cast.manager):
        services.answer_many(by=cast.manager.pk, chosen=chosen[1:], is_granted=False, answer="No")
    assert [latest(row).state for row in rows] == ["granted", "refused", "refused"]
    assert told(cast.rep) == [("approval_answered", "Day 0", 1), ("approval_answered", "Day 1", 2)]


def test_what_is_withdrawn_is_not_answered(cast: Cast, acting: Any, kinds: None) -> None:
    approval = favour(cast, acting)
    with acting(cast.manager), pytest.raises(NotInReach):
        services.withdraw(by=cast.manager.pk, approval_id=approval.pk, version=1)
    with acting(cast.rep):
        with pytest.raises(Stale):
            services.withdraw(by=cast.rep.pk, approval_id=approval.pk, version=7)
        services.withdraw(by=cast.rep.pk, approval_id=approval.pk, version=1)
        with pytest.raises(Conflict, match="Withdrawn by Rita Rep on "):
            services.withdraw(by=cast.rep.pk, approval_id=approval.pk, version=2)
    with acting(cast.manager), pytest.raises(Conflict, match="Withdrawn by Rita Rep on "):
        answer(approval, cast.manager)


def test_of_two_who_answer_at_once_one_is_told_of_the_other(
    cast: Cast, acting: Any, kinds: None, ben: User
) -> None:
    with work(by=None, why="a third", reach=Reach.everything()):
        third = User.objects.create(email="cid@example.com", name="Cid Chief")
        RoleGrant.objects.create(user=third, role="admin", starts_on=date(2026, 1, 1))
    with acting(cast.admin):
        approval = ask(by=cast.admin.pk, kind="chore", key="2", about="More")
    said = at_once(*(partial(decided, acting, approval, person) for person in (ben, third)))
    assert sorted(said)[1] == "done"
    assert sorted(said)[0].startswith(f"Approved by {latest(approval).answered_by} on ")
    assert told(cast.admin) == [("approval_answered", "More", 1)]


def decided(acting: Any, approval: Approval, person: User, *, is_granted: bool = True) -> str:
    """That an answer was taken, or what the person is told."""
    try:
        with acting(person):
            answer(approval, person, is_granted=is_granted, note="Because")
        return "done"
    except Refused as refused:
        return str(refused.message)


def test_grant_and_refusal_at_once_are_one_answer(cast: Cast, acting: Any, kinds: None) -> None:
    for key in range(3):
        approval = favour(cast, acting, key=str(key))
        name_stand_in(cast, acting) if not key else None
        said = at_once(
            partial(decided, acting, approval, cast.manager),
            partial(decided, acting, approval, cast.other_manager, is_granted=False),
        )
        found = latest(approval)
        by_stand_in = found.state == "refused"
        assert found.answered_by_id == (cast.other_manager if by_stand_in else cast.manager).pk
        assert found.answered_for_id == (cast.manager.pk if by_stand_in else None)
        assert "done" in said
        words = (
            "Refused by Olga Other for Mona Manager on " if by_stand_in else "Approved by Mona Manager on "
        )
        assert said[0 if by_stand_in else 1].startswith(words)
        assert found.version == 2
    assert len(told(cast.rep)) == 3


def name_stand_in(cast: Cast, acting: Any) -> None:
    """Olga answers for Mona from today on."""
    days = {"starts_on": date(2026, 5, 20), "stops_on": date(2026, 5, 22)}
    with acting(cast.manager):
        services.name_stand_in(
            by=cast.manager.pk, person_id=cast.manager.pk, stand_in_id=cast.other_manager.pk, **days
        )


def test_who_withdraws_while_another_approves_leaves_one_outcome(
    cast: Cast, acting: Any, kinds: None
) -> None:
    def withdrawn(approval: Approval) -> str:
        try:
            with acting(cast.rep):
                services.withdraw(by=cast.rep.pk, approval_id=approval.pk, version=1)
            return "done"
        except Refused as refused:
            return str(refused.message)

    for key in range(3):
        approval = favour(cast, acting, key=str(key))
        said = at_once(
            partial(withdrawn, approval),
            partial(decided, acting, approval, cast.manager),
        )
        found = latest(approval)
        won, lost = (0, 1) if found.state == "withdrawn" else (1, 0)
        assert said[won] == "done"
        words = {0: "Withdrawn by Rita Rep on ", 1: "Approved by Mona Manager on "}
        assert said[lost].startswith(words[won])


def test_two_answers_by_the_pages_at_once_break_nothing(
    cast: Cast, acting: Any, kinds: None, browse: Any
) -> None:
    name_stand_in(cast, acting)
    rows = [favour(cast, acting, key=str(key), about=f"Day {key}") for key in range(2)]
    url, form = reverse("approval_answer", args=[rows[0].pk]), {"version": "1", "is_granted": "grant"}
    clients = [browse(cast.manager), browse(cast.other_manager)]
    answers = at_once(*(partial(client.post, url, form) for client in clients))
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    back = reverse("approval_withdraw", args=[rows[1].pk])
    url = reverse("approval_answer", args=[rows[1].pk])
    asker = browse(cast.rep)
    answers = at_once(lambda: clients[0].post(url, form), lambda: asker.post(back, {"version": "1"}))
    assert sorted(answer.status_code for answer in answers) == [302, 409]


def test_a_grant_serves_once(cast: Cast, acting: Any, kinds: None) -> None:
    approval = favour(cast, acting)
    asked = {"by": cast.manager.pk, "approval_id": approval.pk, "kind": "favour", "payload": {}}
    with acting(cast.manager):
        with pytest.raises(Forbidden, match=r"This takes the approval of a second person."):
            check_granted(**asked)
        answer(approval, cast.manager)
        check_granted(**asked)
    with acting(cast.manager), pytest.raises(Forbidden):
        check_granted(**asked)


def test_a_stranger_does_not_see_it(cast: Cast, acting: Any, browse: Any, kinds: None) -> None:
    approval = favour(cast, acting)
    page = reverse("approval_detail", args=[approval.pk])
    assert browse(cast.peer).get(page).status_code == 404
    assert browse(cast.rep).get(page).status_code == 200
    with acting(cast.rep):
        assert approval_for(approval.pk, cast.rep.pk, today()).pk == approval.pk


def test_what_who_answered_read_is_for_them_and_who_reads_all(
    cast: Cast, acting: Any, browse: Any, kinds: None
) -> None:
    approval = favour(cast, acting)
    with acting(cast.manager):
        answer(approval, cast.manager)
    with work(by=None, why="said", reach=Reach.everything()):
        read = latest(approval)
        Approval.objects.change(read.pk, read.version, effect="It moves 12 deals of $3m.")
    page = reverse("approval_detail", args=[approval.pk])
    for person, is_shown in ((cast.manager, True), (cast.admin, True), (cast.rep, False)):
        answered = browse(person).get(page)
        assert answered.status_code == 200
        assert ("It moves 12 deals of $3m." in answered.content.decode()) is is_shown


def test_the_pages_answer_and_withdraw(cast: Cast, acting: Any, browse: Any, kinds: None) -> None:
    rows = [favour(cast, acting, key=str(key), about=f"Day {key}") for key in range(4)]
    client, asker = browse(cast.manager), browse(cast.rep)
    url = reverse("approval_answer", args=[rows[0].pk])
    assert "Rita Rep asked" in client.get(url + "?answer=refuse").content.decode()
    form = {"version": "1", "is_granted": "refuse", "answer": ""}
    assert "Say why, so that" in client.post(url, form).content.decode()
    assert client.post(url, {**form, "answer": "No"}).status_code == 302
    late = client.post(url, {**form, "answer": "No"})
    assert late.status_code == 409
    assert "Refused by Mona Manager on " in late.content.decode()
    many = reverse("approval_answer_many")
    assert "Choose what you want to answer." in client.post(many, {"is_granted": "grant"}).content.decode()
    chosen = [f"{row.pk}:1" for row in rows]
    failed = client.post(many, {"is_granted": "grant", "chosen": chosen})
    assert failed.status_code == 409
    text = failed.content.decode()
    assert "Nothing was answered. Day 0: Refused by Mona Manager on " in text
    assert re.findall(r'name="chosen" value="([\d:]+)"( checked)?>', text) == [
        (value, " checked") for value in chosen[1:]
    ]
    assert 'class="button primary" type="submit" name="is_granted" value="grant"' in text
    assert client.post(many, {"is_granted": "grant", "chosen": ["x"]}).status_code == 422
    assert client.post(many, {"is_granted": "grant", "chosen": chosen[1:3]}).status_code == 302
    back = reverse("approval_withdraw", args=[rows[3].pk])
    assert "Withdraw Day 3" in asker.get(back).content.decode()
    assert asker.post(back, {"version": "1"}).status_code == 302
    assert [latest(row).state for row in rows] == ["refused", "granted", "granted", "withdrawn"]
    page = asker.get(reverse("inbox")).content.decode()
    assert "What I asked for" in page
    assert "Refused by Mona Manager on " in page


@pytest.mark.parametrize("count", [1, 2])
def test_approving_takes_one_press_in_the_inbox(
    cast: Cast, acting: Any, browse: Any, kinds: None, count: int
) -> None:
    rows = [favour(cast, acting, key=str(key), about=f"Day {key}") for key in range(count)]
    client = browse(cast.manager)
    page = client.get(reverse("inbox")).content.decode()
    name = f"grant-{rows[0].pk}"
    assert f'type="submit" form="{name}">Approve<' in page
    assert f"{reverse('approval_answer', args=[rows[0].pk])}?answer=refuse" in page
    form = re.search(f'<form id="{name}" method="post" action="([^"]+)" hidden>(.*?)</form>', page)
    assert form
    typed = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[2]))
    answered = client.post(form[1], typed, follow=True).content.decode()
    assert "Approved by Mona Manager on " in answered
    assert [latest(row).state for row in rows] == ["granted", "waiting"][:count]


def test_news_say_what_was_answered(cast: Cast, acting: Any, browse: Any, kinds: None) -> None:
    one, two, three, four = (favour(cast, acting, key=str(key), about=f"Day {key}") for key in range(4))
    own = favour(cast, acting, kind="own_word", about="Own word")
    with acting(cast.manager):
        answer(one, cast.manager)
        answer(two, cast.manager, is_granted=False, note="No")
        answer(own, cast.manager)
        chosen = [(row.pk, row.version) for row in (three, four)]
        services.answer_many(by=cast.manager.pk, chosen=chosen, is_granted=True)
    page = browse(cast.rep).get(reverse("inbox")).content.decode()
    assert re.findall(r'<a href="/inbox/\d+/">(.*?)</a>', page)[::-1] == [
        "Mona Manager approved: Day 0.",
        "Mona Manager refused: Day 1.",
        "Mona Manager accepted: Own word.",
        "Mona Manager approved: Day 2. (2)",
    ]
