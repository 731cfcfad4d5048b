"""Ending a role."""

from datetime import date
from typing import Any

from django.urls import reverse

from territories.models import RoleGrant
from tests.cast import Cast
from tests.territories.roles import roles_of


def url(cast: Cast, acting: Any, person: Any) -> str:
    with acting(cast.admin):
        return reverse("role_end", args=[RoleGrant.objects.current().get(user=person).pk])


def test_it_ends_on_the_day(cast: Cast, browse: Any, acting: Any) -> None:
    response = browse(cast.admin).post(url(cast, acting, cast.rep), {"stops_on": "2026-06-01"})
    assert response.status_code == 302
    with acting(cast.admin):
        assert (roles_of(cast.rep, date(2026, 5, 31)), roles_of(cast.rep, date(2026, 6, 1))) == (["rep"], [])


def test_the_last_administrator_is_kept_and_told_why(cast: Cast, browse: Any, acting: Any) -> None:
    response = browse(cast.admin).post(url(cast, acting, cast.admin), {"stops_on": "2026-06-01"})
    assert response.status_code == 409
    assert "Somebody has to be administrator." in response.content.decode()


def test_others_may_not(cast: Cast, browse: Any, acting: Any) -> None:
    address = url(cast, acting, cast.rep)
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        assert browse(person).post(address, {"stops_on": "2026-06-01"}).status_code == 403
