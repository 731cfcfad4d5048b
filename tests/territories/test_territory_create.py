"""Adding a territory."""

from typing import Any

from django.urls import reverse

from territories.models import Edge, Territory
from tests.cast import Cast

URL = reverse("territory_create")


def typed(cast: Cast, **changes: str) -> dict[str, str]:
    parent = str(cast.territories["East Team"].pk)
    return {"name": "East 3", "code": "EAST-3", "parent_id": parent, "starts_on": "2026-06-01", **changes}


def test_an_administrator_adds_one(cast: Cast, browse: Any, acting: Any) -> None:
    response = browse(cast.admin).post(URL, typed(cast))
    with acting(cast.admin):
        territory = Territory.objects.get(code="EAST-3")
        edge = Edge.objects.get(child=territory)
        assert (edge.parent, edge.starts_on.isoformat(), edge.recorded_by) == (
            cast.territories["East Team"],
            "2026-06-01",
            cast.admin,
        )
    assert (response.status_code, response["Location"]) == (
        302,
        reverse("territory_detail", args=[territory.pk]),
    )


def test_a_code_that_is_taken_is_said_at_its_field_and_keeps_what_was_typed(cast: Cast, browse: Any) -> None:
    response = browse(cast.admin).post(URL, typed(cast, code="EAST-1"))
    assert response.status_code == 422
    assert response.context["form"].errors == {"code": ["This code is already taken. Choose another one."]}
    assert 'value="East 3"' in response.content.decode()


def test_what_is_no_day_is_said_at_its_field(cast: Cast, browse: Any) -> None:
    response = browse(cast.admin).post(URL, typed(cast, starts_on="tomorrow"))
    assert response.status_code == 422
    assert "starts_on" in response.context["form"].errors


def test_a_double_click_adds_one(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.admin)
    data = {**typed(cast), "idempotency_key": "the-same-key"}
    first, second = client.post(URL, data), client.post(URL, data)
    assert first["Location"] == second["Location"]
    with acting(cast.admin):
        assert Territory.objects.filter(code="EAST-3").count() == 1


def test_others_may_not(cast: Cast, browse: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        client = browse(person)
        assert client.get(URL).status_code == client.post(URL, typed(cast)).status_code == 403
