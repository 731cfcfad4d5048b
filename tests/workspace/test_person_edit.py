"""Putting right what is known of a person."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse

from territories.models import User
from tests.cast import Cast
from tests.conftest import Browser
from tests.workspace.invited import link_of, newest, nina, opened
from tests.workspace.smtp import Post, listening
from workspace.services import send_due


def url(person: User) -> str:
    return reverse("person_edit", args=[person.pk])


def typed(person: User, **changes: str) -> dict[str, str]:
    names = ("name", "email", "work_location", "locale", "time_zone")
    return {
        "version": "1",
        "work_calendar_id": "",
        **{name: getattr(person, name) for name in names},
        **changes,
    }


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
    link = re.search(r"/sign-in/password/reset/key/\S+", str(mail.outbox[0].body))
    assert link
    assert Client().get(link[0])["Location"].endswith("-set-password/")
    assert theirs.get("/territories/").status_code == 200
    browse(cast.admin).post(url(cast.rep), typed(cast.rep, email="Rita@Example.com"))
    assert theirs.get("/territories/").status_code == 302
    assert (sign_in("rita@example.com"), sign_in("rep@example.com")) == (302, 200)
    late = Client().get(link[0])
    assert (late.status_code, late.context["token_fail"]) == (200, True)


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
    assert "nina.new@example.com" in Client().get(after, follow=True).content.decode()


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


@pytest.fixture
def post() -> Iterator[Post]:
    kept = Post()
    with listening(kept):
        yield kept


def test_the_old_and_the_new_address_are_told(cast: Cast, browse: Any, acting: Any, post: Post) -> None:
    browse(cast.admin).post(url(cast.rep), typed(cast.rep, email="rita@example.com"))
    assert send_due() == 2
    assert post.receivers() == ["rep@example.com", "rita@example.com"]
    by_receiver = dict(zip([str(mail["To"]) for mail in post.mails], post.texts(), strict=True))
    at = "May 20, 2026, 9:00\u202fAM UTC"
    assert by_receiver["rep@example.com"] == (
        "Hello Rita Rep,\n\nYou no longer sign in to Cast Company with rep@example.com. "
        f"Ada Admin changed it, {at}. If you did not expect this, tell an administrator at once.\n\n"
        "--\nCast Company\n\n"
    )
    assert by_receiver["rita@example.com"] == (
        "Hello Rita Rep,\n\nFrom now on you sign in to Cast Company with rita@example.com. "
        f"Ada Admin changed it, {at}. If you did not expect this, tell an administrator at once.\n\n"
        "Your password stays. Sign in here: http://127.0.0.1:8000/sign-in/login/\n\n--\nCast Company\n\n"
    )
    for one in post.mails:
        assert one["Subject"] == "Your e-mail address to sign in with was changed"
        html = one.get_body(("html",)).get_content()  # type: ignore[union-attr]
        assert str(one["To"]) in html
        assert ({"rep@example.com", "rita@example.com"} - {str(one["To"])}).pop() not in html
    assert send_due() == 0
    with acting(cast.admin):
        cast.rep.refresh_from_db()
    assert "No news" in browse(cast.rep).get("/inbox/").content.decode()


def test_who_changes_their_own_address_is_told_too_and_a_name_alone_tells_nobody(
    cast: Cast, browse: Any, post: Post
) -> None:
    browse(cast.admin).post(url(cast.peer), typed(cast.peer, name="Paul Power"))
    assert send_due() == 0
    browse(cast.admin).post(url(cast.admin), typed(cast.admin, email="ada@example.com"))
    assert send_due() == 2
    assert post.receivers() == ["ada@example.com", "admin@example.com"]
    assert all("It was changed May 20, 2026" in text for text in post.texts())


def test_an_address_that_nobody_was_told_of_is_put_right_without_a_mail(
    cast: Cast, browse: Any, acting: Any, post: Post
) -> None:
    with acting(cast.admin):
        person = User(email="ina@exampel.com", name="Ina Imported")
        person.set_unusable_password()
        person.save()
    changed = browse(cast.admin).post(url(person), typed(person, email="ina@example.com"))
    assert changed.status_code == 302
    assert send_due() == 0


def test_who_chose_a_password_by_another_way_keeps_it(
    cast: Cast, browse: Any, acting: Any, post: Post
) -> None:
    """Their open invitation lets nobody in, and their address can be put right."""
    person = nina(cast, acting)
    link = link_of(cast, acting, person)
    early, form = opened(link)
    with acting(cast.admin):
        person.set_password("correct horse battery")
        person.save()
    send_due()
    assert post.mails == []
    shown = Client().get(link)
    assert shown.status_code == 410
    assert "The password is chosen already." in shown.content.decode()
    assert (
        early.post(form, {"password": "three words apart", "again": "three words apart"}).status_code == 410
    )
    assert sign_in("nina@example.com") == 302
    page = browse(cast.admin).get(reverse("invitation_panel", args=[person.pk])).content.decode()
    assert "has a password" in page
    changed = browse(cast.admin).post(url(person), typed(person, email="nina.new@example.com"))
    assert changed.status_code == 302
    assert send_due() == 2
    assert post.receivers() == ["nina.new@example.com", "nina@example.com"]
    assert {str(one["Subject"]) for one in post.mails} == {"Your e-mail address to sign in with was changed"}


def test_who_is_invited_gets_the_new_link_at_the_new_address(
    cast: Cast, browse: Any, acting: Any, post: Post
) -> None:
    person = nina(cast, acting)
    send_due()
    post.mails.clear()
    browse(cast.admin).post(url(person), typed(person, email="n@example.com"))
    send_due()
    subjects = {str(mail["To"]): str(mail["Subject"]) for mail in post.mails}
    assert subjects == {
        "n@example.com": "Your invitation to Cast Company",
        "nina@example.com": "Your e-mail address to sign in with was changed",
    }
    assert f"http://127.0.0.1:8000{link_of(cast, acting, person)}" in "".join(post.texts())
