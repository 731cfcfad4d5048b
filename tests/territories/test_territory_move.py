"""Moving a territory with all below it."""

from datetime import date
from typing import Any

from django.urls import reverse

from territories.models import Edge
from tests.cast import Cast


def move(client: Any, cast: Cast, child: str, parent: str, on: str = "2026-05-21") -> Any:
    url = reverse("territory_move", args=[cast.territories[child].pk])
    return client.post(url, {"parent_id": str(cast.territories[parent].pk), "on": on})


def test_the_move_begins_on_its_day(cast: Cast, browse: Any, acting: Any) -> None:
    assert move(browse(cast.admin), cast, "East Team", "West").status_code == 302
    with acting(cast.admin):
        edges = Edge.objects.current().filter(child=cast.territories["East Team"]).order_by("starts_on")
        assert [(edge.parent.name, edge.starts_on, edge.stops_on) for edge in edges] == [
            ("East", date(2025, 1, 1), date(2026, 5, 21)),
            ("West", date(2026, 5, 21), None),
        ]


def test_a_move_below_itself_is_explained(cast: Cast, browse: Any) -> None:
    response = move(browse(cast.admin), cast, "East", "East 1")
    assert response.status_code == 422
    assert "A territory can&#x27;t lie below itself." in response.content.decode()


def test_others_may_not(cast: Cast, browse: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        assert move(browse(person), cast, "East", "West").status_code == 403


def test_a_territory_that_is_not_there_is_not_found(cast: Cast, browse: Any) -> None:
    assert browse(cast.admin).get(reverse("territory_move", args=[999_999])).status_code == 404
