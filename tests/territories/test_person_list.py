"""The list of people: administrators only."""

from typing import Any

import pytest
from django.urls import reverse

from territories.models import User
from tests.cast import Cast

URL = reverse("person_list")


def names(client: Any, **query: str) -> list[str]:
    return [person.name for person in client.get(URL, query).context["page"].rows]


def test_everybody_by_name_with_roles_and_seats(cast: Cast, browse: Any) -> None:
    client = browse(cast.admin)
    assert names(client)[:3] == ["Ada Admin", "Cora Coordinator", "Dora Director"]
    assert "East 1" in client.get(URL).content.decode()


def test_filters_by_name_and_role(cast: Cast, browse: Any) -> None:
    client = browse(cast.admin)
    assert names(client, q="other", role="rep") == ["Oscar Other"]
    assert names(client, q="MANAGER@") == ["Mona Manager", "Olga Other"]
    assert "Nothing matches" in client.get(URL, {"q": "zzz"}).content.decode()


def test_who_left_is_behind_a_filter(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        User.objects.filter(pk=cast.rep.pk).update(is_active=False)
    client = browse(cast.admin)
    assert "Rita Rep" not in names(client)
    assert names(client, state="left") == ["Rita Rep"]


@pytest.mark.parametrize("query", [{"role": "boss"}, {"state": "here"}, {"after": "x"}, {"sort": "name"}])
def test_unknown_filters_are_refused(cast: Cast, browse: Any, query: dict[str, str]) -> None:
    assert browse(cast.admin).get(URL, query).status_code == 400


def test_others_may_not(cast: Cast, browse: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        assert browse(person).get(URL).status_code == 403
