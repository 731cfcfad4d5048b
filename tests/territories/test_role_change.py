"""Another role in the place of one, from a day on."""

from datetime import date
from typing import Any

from django.urls import reverse

from territories.models import RoleGrant
from tests.cast import Cast
from tests.territories.roles import roles_of


def url(cast: Cast, acting: Any, person: Any) -> str:
    with acting(cast.admin):
        return reverse("role_change", args=[RoleGrant.objects.current().get(user=person).pk])


def test_one_form_ends_the_old_role_and_starts_the_new(cast: Cast, browse: Any, acting: Any) -> None:
    client, path = browse(cast.admin), url(cast, acting, cast.rep)
    assert client.get(path).context["form"].initial == {"role": "rep", "starts_on": date(2026, 5, 21)}
    answer = client.post(path, {"role": "manager", "starts_on": "2026-06-01"}, follow=True)
    assert "Rita Rep holds the role manager from Jun 1, 2026." in answer.content.decode()
    with acting(cast.admin):
        days = date(2026, 5, 31), date(2026, 6, 1)
        assert [roles_of(cast.rep, day) for day in days] == [["rep"], ["manager"]]


def test_the_last_administrator_is_kept_and_told_why(cast: Cast, browse: Any, acting: Any) -> None:
    data = {"role": "rep", "starts_on": "2026-06-01"}
    answer = browse(cast.admin).post(url(cast, acting, cast.admin), data)
    assert answer.status_code == 409
    assert "Somebody has to be administrator." in answer.content.decode()


def test_others_may_not(cast: Cast, browse: Any, acting: Any) -> None:
    path = url(cast, acting, cast.rep)
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        assert browse(person).post(path, {"role": "admin", "starts_on": "2026-06-01"}).status_code == 403
