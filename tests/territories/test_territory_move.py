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


def test_the_page_and_what_it_says_afterwards_name_what_moves_along(cast: Cast, browse: Any) -> None:
    client, team = browse(cast.admin), cast.territories["East Team"].pk
    url = reverse("territory_move", args=[team])
    text = client.get(url).content.decode()
    assert f'hx-get="{reverse("territory_figures_panel", args=[team])}"' in text
    assert "What was booked stays" in text
    assert 'Lies below <span class="optional">(or a root of the tree)</span>' in text
    values = {"parent_id": str(cast.territories["West"].pk), "on": "2026-05-21"}
    said = client.post(url, values, follow=True).content.decode()
    assert "East Team moves on May 21, 2026, with the 2 territories below it. What was booked stays;" in said
    url = reverse("territory_move", args=[cast.territories["East 1"].pk])
    said = client.post(url, {**values, "on": "2026-05-22"}, follow=True).content.decode()
    assert "East 1 moves on May 22, 2026. What was booked stays;" in said


def test_what_is_not_in_the_tree_has_no_figures(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        Edge.objects.current().get(child=cast.territories["East 1"]).supersede()
    page = browse(cast.admin).get(reverse("territory_move", args=[cast.territories["East 1"].pk]))
    assert "/figures/" not in page.content.decode()


def test_a_move_below_itself_is_explained(cast: Cast, browse: Any) -> None:
    response = move(browse(cast.admin), cast, "East", "East 1")
    assert response.status_code == 422
    assert "A territory can&#x27;t lie below itself." in response.content.decode()


def test_others_may_not(cast: Cast, browse: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        assert move(browse(person), cast, "East", "West").status_code == 403


def test_a_territory_that_is_not_there_is_not_found(cast: Cast, browse: Any) -> None:
    assert browse(cast.admin).get(reverse("territory_move", args=[999_999])).status_code == 404
