"""A new product family."""

from typing import Any

from django.urls import reverse

from catalog.models import Family
from tests.cast import Cast

URL = reverse("family_create")


def test_a_family_has_a_code_of_its_own(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.admin)
    assert client.post(URL, {"name": "Services", "code": "SERV"}).status_code == 302
    taken = client.post(URL, {"name": "Again", "code": "SERV"})
    assert taken.status_code == 422
    assert taken.context["form"].errors == {"code": ["This code is already taken. Choose another one."]}
    with acting(cast.rep):
        assert set(Family.objects.values_list("name", flat=True)) == {"Hardware", "Services", "Software"}


def test_only_administrators_add_a_family(cast: Cast, browse: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        client = browse(person)
        assert client.get(URL).status_code == client.post(URL, {}).status_code == 403
