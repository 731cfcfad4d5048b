"""Somebody who left comes back, with a role from a day on and a new invitation."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from common.access import Reach
from common.errors import Conflict, Forbidden
from common.transaction import work
from planning.services import come_back, leave
from territories.models import User
from territories.services import seat_person
from tests.cast import Cast
from tests.territories.roles import roles_of
from tests.workspace.invited import link_of, send, typed
from tests.workspace.smtp import Post, listening
from workspace.models import Choice, Delivery, Event
from workspace.services import send_due, tell


def gone(cast: Cast, acting: Any) -> User:
    with acting(cast.admin):
        leave(by=cast.admin.pk, user_id=cast.executive.pk, version=1, is_vacant=True)
    return cast.executive


def test_they_come_back_by_a_new_invitation(cast: Cast, browse: Any, acting: Any) -> None:
    old = browse(cast.executive)
    person = gone(cast, acting)
    path, data = reverse("person_return", args=[person.pk]), {"role": "rep", "starts_on": "2026-06-01"}
    client = browse(cast.admin)
    assert client.get(path).context["form"].initial["version"] == 2
    answer = client.post(path, {"version": "2", **data}, follow=True)
    assert "Eve Executive is back, and invited." in answer.content.decode()
    assert old.get("/").status_code == 302
    sign_in = {"login": "executive@example.com", "password": "correct horse battery"}
    assert Client().post("/sign-in/login/", sign_in).status_code == 200
    with acting(cast.admin):
        assert (roles_of(person, date(2026, 5, 31)), roles_of(person, date(2026, 6, 1))) == ([], ["rep"])
    assert send(link_of(cast, acting, person), typed()).status_code == 302


def test_what_they_were_not_mailed_before_they_left_stays_unmailed(
    cast: Cast, acting: Any, clock: Any
) -> None:
    with work(by=None, why="news", reach=Reach.everything()):
        Choice.objects.create(person=cast.executive, event=Event.DEAL_CAME, delivery=Delivery.DIGEST)
        tell(event=Event.DEAL_CAME, people=[cast.executive.pk], key="1", about="Acorn renewal")
    person, post = gone(cast, acting), Post()
    clock.move_to("2026-11-02T12:00:00Z")
    values = {"by": cast.admin.pk, "version": 2, "role": "executive", "starts_on": date(2026, 11, 2)}
    with acting(cast.admin):
        come_back(user_id=person.pk, **values)
    with listening(post):
        send_due()
        assert send(link_of(cast, acting, person), typed()).status_code == 302
        send_due()
    assert [str(mail["Subject"]) for mail in post.mails] == ["Your invitation to Cast Company"]


def test_the_last_role_is_chosen_and_the_old_seats_are_named(
    cast: Cast, browse: Any, acting: Any, clock: Any
) -> None:
    with acting(cast.admin):
        by = cast.admin.pk
        west = {"territory_id": cast.territories["West"].pk, "kind": "owner", "starts_on": date(2026, 5, 1)}
        seat_person(by=by, user_id=cast.manager.pk, **west)
        leave(by=by, user_id=cast.manager.pk, version=1, is_vacant=True)
        east = {"territory_id": cast.territories["East Team"].pk, "kind": "lead"}
        seat_person(by=by, user_id=cast.other_manager.pk, starts_on=date(2026, 6, 1), **east)
    clock.move_to("2026-06-02T12:00:00Z")
    page = browse(cast.admin).get(reverse("person_return", args=[cast.manager.pk]))
    assert page.context["form"]["role"].value() == "manager"
    text = " ".join(page.content.decode().split())
    assert "<dt>East Team · lead</dt><dd>held until May 20, 2026 · now Olga Other</dd>" in text
    assert "<dt>West · owner</dt><dd>held until May 20, 2026 · now vacant</dd>" in text


def test_who_is_here_does_not_come_back(cast: Cast, acting: Any) -> None:
    values = {"by": cast.admin.pk, "version": 1, "role": "rep", "starts_on": date(2026, 6, 1)}
    with acting(cast.admin), pytest.raises(Conflict, match="Rita Rep is here already"):
        come_back(user_id=cast.rep.pk, **values)


def test_others_may_not(cast: Cast, browse: Any, acting: Any) -> None:
    person = gone(cast, acting)
    data = {"version": "2", "role": "admin", "starts_on": "2026-05-20"}
    for other in (cast.rep, cast.manager, cast.director, cast.coordinator):
        assert browse(other).post(reverse("person_return", args=[person.pk]), data).status_code == 403
        with acting(other), pytest.raises(Forbidden):
            come_back(by=other.pk, user_id=person.pk, version=2, role="rep", starts_on=date(2026, 6, 1))
