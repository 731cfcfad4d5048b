"""Inviting a person: no password is made for them, a link is."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from territories.models import Seat, User
from tests.cast import Cast
from tests.territories.roles import roles_of
from workspace.models import Invitation, Message

URL = reverse("person_create")


def typed(**changes: Any) -> dict[str, str]:
    return {
        "name": "Nina New",
        "email": "Nina@example.com",
        "role": "rep",
        "starts_on": "2026-05-20",
        "kind": "owner",
        "locale": "en-US",
        "time_zone": "UTC",
        **{name: str(value) for name, value in changes.items()},
    }


def test_a_person_is_invited_and_has_no_password_yet(cast: Cast, browse: Any, acting: Any) -> None:
    response = browse(cast.admin).post(URL, typed())
    assert response.status_code == 302
    with acting(cast.admin):
        nina = User.objects.get(email="nina@example.com")
        assert not nina.has_usable_password()
        assert roles_of(nina, date(2026, 5, 20)) == ["rep"]
        assert not nina.seats.exists()
        invitation = Invitation.objects.get(user=nina)
        assert (invitation.by, (invitation.expires_at - invitation.made_at).days) == (cast.admin, 7)


def test_the_invitation_goes_by_mail_at_once(cast: Cast, browse: Any, acting: Any) -> None:
    browse(cast.admin).post(URL, typed())
    with acting(cast.admin):
        nina = User.objects.get(email="nina@example.com")
        key = str(Invitation.objects.get(user=nina).pk)
    with acting(nina):
        told = Message.objects.get(event="invited")
        assert (told.key, told.delivery, told.url, told.mail_due_at is not None) == (key, "mail", "", True)


def test_a_seat_may_come_with_them(cast: Cast, browse: Any, acting: Any) -> None:
    place = cast.territories["East 1"].pk
    browse(cast.admin).post(URL, typed(territory_id=place, kind="overlay"))
    with acting(cast.admin):
        seat = Seat.objects.get(user__email="nina@example.com")
        assert (seat.territory_id, seat.kind, seat.starts_on) == (place, "overlay", date(2026, 5, 20))


def test_a_seat_that_is_taken_names_who_sits_there_and_adds_nobody(
    cast: Cast, browse: Any, acting: Any
) -> None:
    response = browse(cast.admin).post(URL, typed(territory_id=cast.territories["East 1"].pk))
    assert response.status_code == 422
    assert "Rita Rep as owner" in response.context["form"].errors["starts_on"][0]
    with acting(cast.admin):
        assert not User.objects.filter(email="nina@example.com").exists()


def test_a_territory_needs_its_kind_of_seat(cast: Cast, browse: Any) -> None:
    response = browse(cast.admin).post(URL, typed(territory_id=cast.territories["East"].pk, kind=""))
    assert response.context["form"].errors == {"kind": ["Say which seat: owner, lead or overlay."]}


def test_an_address_that_is_taken_is_said_at_its_field(cast: Cast, browse: Any) -> None:
    response = browse(cast.admin).post(URL, typed(email="REP@example.com"))
    assert response.context["form"].errors == {"email": ["This e-mail is already taken. Choose another one."]}


@pytest.mark.parametrize(("field", "value"), [("role", "boss"), ("email", "nobody"), ("name", "")])
def test_what_does_not_fit_is_said_at_its_field(cast: Cast, browse: Any, field: str, value: str) -> None:
    response = browse(cast.admin).post(URL, typed(**{field: value}))
    assert response.status_code == 422
    assert field in response.context["form"].errors


def test_others_may_not(cast: Cast, browse: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        client = browse(person)
        assert client.get(URL).status_code == client.post(URL, typed()).status_code == 403
