"""Putting right what is known of a person."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from territories.models import User
from tests.cast import Cast
from tests.conftest import Browser
from tests.workspace.invited import link_of, newest, nina


def url(person: User) -> str:
    return reverse("person_edit", args=[person.pk])


def typed(person: User, **changes: str) -> dict[str, str]:
    names = ("name", "email", "work_location", "locale", "time_zone")
    return {"version": "1", **{name: getattr(person, name) for name in names}, **changes}


def sign_in(email: str) -> int:
    data = {"login": email, "password": "correct horse battery"}
    return Client().post("/sign-in/login/", data).status_code


def test_what_is_known_is_changed_and_told_in_history(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.admin)
    changes = {"name": "Rita Rowe", "work_location": "Boston", "time_zone": "Europe/Vienna"}
    answer = client.post(url(cast.rep), typed(cast.rep, **changes))
    assert answer["Location"] == reverse("person_detail", args=[cast.rep.pk])
    with acting(cast.admin):
        cast.rep.refresh_from_db()
        assert (cast.rep.name, cast.rep.work_location, cast.rep.version) == ("Rita Rowe", "Boston", 2)
    text = client.get(answer["Location"]).content.decode()
    assert "Name: <del>Rita Rep</del> → <ins>Rita Rowe</ins>" in text
    assert "Ada Admin" in text


def test_another_address_is_another_way_in_and_ends_the_old_one(cast: Cast, browse: Any) -> None:
    theirs = browse(cast.rep)
    Browser().post("/sign-in/password/reset/", {"email": "rep@example.com"})
    assert theirs.get("/territories/").status_code == 200
    browse(cast.admin).post(url(cast.rep), typed(cast.rep, email="Rita@Example.com"))
    assert theirs.get("/territories/").status_code == 302
    assert (sign_in("rita@example.com"), sign_in("rep@example.com")) == (302, 200)


def test_no_old_address_is_left_behind(cast: Cast, browse: Any, acting: Any) -> None:
    Browser().post("/sign-in/password/reset/", {"email": "rep@example.com"})
    browse(cast.admin).post(url(cast.rep), typed(cast.rep, email="rita@example.com"))
    with acting(cast.admin):
        kept = EmailAddress.objects.filter(user=cast.rep).values_list("email", flat=True)
        assert list(kept) == ["rita@example.com"]


def test_an_open_invitation_goes_again_to_the_new_address(cast: Cast, browse: Any, acting: Any) -> None:
    person = nina(cast, acting)
    before = link_of(cast, acting, person)
    browse(cast.admin).post(url(person), typed(person, email="nina.new@example.com"))
    assert Client().get(before).status_code == 410
    after = link_of(cast, acting, person)
    assert "nina.new@example.com" in Client().get(after).content.decode()


def test_another_name_leaves_sessions_and_invitations(cast: Cast, browse: Any, acting: Any) -> None:
    person, theirs = nina(cast, acting), browse(cast.rep)
    row = newest(cast, acting, person)
    client = browse(cast.admin)
    client.post(url(person), typed(person, name="Nina Newer"))
    client.post(url(cast.rep), typed(cast.rep, name="Rita Rowe"))
    assert newest(cast, acting, person).pk == row.pk
    assert theirs.get("/territories/").status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "peer@example.com"}, "email"),
        ({"name": "a@b.com"}, "name"),
        ({"time_zone": "Moon"}, "time_zone"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(
    cast: Cast, browse: Any, changes: dict[str, str], field: str
) -> None:
    answer = browse(cast.admin).post(url(cast.rep), typed(cast.rep, **changes))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]


def test_two_at_once_see_both_versions(cast: Cast, browse: Any) -> None:
    client = browse(cast.admin)
    client.post(url(cast.rep), typed(cast.rep, name="Rita One"))
    answer = client.post(url(cast.rep), typed(cast.rep, name="Rita Two"))
    assert answer.status_code == 412
    assert "Rita One" in answer.content.decode()


def test_others_may_not(cast: Cast, browse: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        assert browse(person).post(url(cast.rep), typed(cast.rep, name="Mine")).status_code == 403
