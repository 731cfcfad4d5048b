"""Adding a person: the password that is made for them is shown once and kept nowhere."""

import re
from typing import Any

from django.urls import reverse

from territories.models import User
from tests.cast import Cast

URL = reverse("person_create")


def typed(**changes: str) -> dict[str, str]:
    return {
        "name": "Nina New",
        "email": "Nina@example.com",
        "role": "rep",
        "starts_on": "2026-05-20",
        "locale": "en-US",
        "time_zone": "UTC",
        **changes,
    }


def test_a_made_password_is_shown_once_and_works(cast: Cast, browse: Any, acting: Any, owner: Any) -> None:
    client = browse(cast.admin)
    response = client.post(URL, typed())
    first = client.get(response["Location"]).content.decode()
    again = client.get(response["Location"]).content.decode()
    secret = re.findall(r"<code>(\S+)</code>", first)[0]
    assert "The first password of Nina New" in first
    assert secret not in again
    with acting(cast.admin):
        assert User.objects.get(email="nina@example.com").check_password(secret)
    owner.execute("SELECT string_agg(answer || headers::text, '') FROM common_idempotencykey")
    assert secret not in owner.fetchone()[0]


def test_a_typed_password_is_not_shown(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.admin)
    response = client.post(URL, typed(password="a long enough secret"))
    assert "first password" not in client.get(response["Location"]).content.decode()
    with acting(cast.admin):
        assert User.objects.get(email="nina@example.com").check_password("a long enough secret")


def test_a_weak_password_is_said_at_its_field(cast: Cast, browse: Any) -> None:
    response = browse(cast.admin).post(URL, typed(password="nina new"))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["password"]
    assert b"nina new" not in response.content.replace(b"Nina New", b"")


def test_an_address_that_is_taken_is_said_at_its_field(cast: Cast, browse: Any) -> None:
    response = browse(cast.admin).post(URL, typed(email="REP@example.com"))
    assert response.context["form"].errors == {"email": ["This e-mail is already taken. Choose another one."]}


def test_an_unknown_role_is_refused(cast: Cast, browse: Any) -> None:
    response = browse(cast.admin).post(URL, typed(role="boss"))
    assert response.status_code == 422
    assert "role" in response.context["form"].errors


def test_others_may_not(cast: Cast, browse: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        client = browse(person)
        assert client.get(URL).status_code == client.post(URL, typed()).status_code == 403
