"""Giving a role."""

from datetime import date
from typing import Any

from django.urls import reverse

from tests.cast import Cast
from tests.territories.roles import roles_of


def test_a_role_from_a_day_on(cast: Cast, browse: Any, acting: Any) -> None:
    url = reverse("role_grant", args=[cast.rep.pk])
    assert browse(cast.admin).post(url, {"role": "manager", "starts_on": "2026-06-01"}).status_code == 302
    with acting(cast.admin):
        assert roles_of(cast.rep, date(2026, 5, 31)) == ["rep"]
        assert roles_of(cast.rep, date(2026, 6, 1)) == ["manager", "rep"]


def test_a_role_that_is_held_is_explained(cast: Cast, browse: Any) -> None:
    url = reverse("role_grant", args=[cast.rep.pk])
    response = browse(cast.admin).post(url, {"role": "rep", "starts_on": "2026-06-01"})
    assert response.status_code == 422
    assert "This person already holds that role on these days." in response.content.decode()


def test_others_may_not(cast: Cast, browse: Any) -> None:
    url = reverse("role_grant", args=[cast.rep.pk])
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        response = browse(person).post(url, {"role": "admin", "starts_on": "2026-05-20"})
        assert response.status_code == 403
