"""One territory: its seats, places and what was recorded, with who, when and why."""

import re
from datetime import date
from typing import Any

from django.urls import reverse

from territories import services
from territories.models import Seat
from tests.cast import Cast


def page(client: Any, cast: Cast, name: str = "East 1") -> str:
    response = client.get(reverse("territory_detail", args=[cast.territories[name].pk]))
    assert response.status_code == 200
    return str(response.content.decode())


def test_it_says_who_sits_there_and_where_it_lies(cast: Cast, browse: Any) -> None:
    text = page(browse(cast.rep), cast)
    assert "Rita Rep" in text
    assert "East Team" in text
    assert "Jan 1, 2025" in text
    assert reverse("seat_create") not in text


def test_an_ended_seat_is_recorded_with_who_when_and_why(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=cast.rep, kind="owner")
        services.end_seat(
            by=cast.admin.pk, seat_id=seat.pk, stops_on=date(2026, 6, 1), reason="goes to the West"
        )
    text = page(browse(cast.director), cast)
    assert "Rita Rep as owner, Jan 1, 2025 until Jun 1, 2026: goes to the West" in text
    assert "Ada Admin · " in text
    assert "Rita Rep as owner, from Jan 1, 2025 on" in text  # what was known before stays on record


def test_what_was_taken_back_is_marked_with_who_when_and_why(cast: Cast, browse: Any) -> None:
    west, admin = cast.territories["West"].pk, browse(cast.admin)
    seat = {"user_id": str(cast.peer.pk), "territory_id": str(west), "kind": "owner"}
    admin.post(reverse("seat_create"), {**seat, "starts_on": "2026-06-01", "reason": "opens the West"})
    planned = admin.get(reverse("territory_detail", args=[west])).context["seats"][0]
    ending = {"stops_on": "2026-06-01", "reason": "stays in the East"}
    assert admin.post(reverse("seat_end", args=[planned.pk]), ending).status_code == 302
    text = page(browse(cast.director), cast, "West")
    assert "<del>Paul Peer as owner, from Jun 1, 2026 on: opens the West</del>" in text
    assert re.search("Withdrawn by Ada Admin · [^<]+ UTC: stays in the East<", text)


def test_without_a_reason_it_says_who_and_when(cast: Cast, browse: Any) -> None:
    move = {"parent_id": str(cast.territories["West"].pk), "on": "2026-06-01"}
    url = reverse("territory_move", args=[cast.territories["East 1"].pk])
    assert browse(cast.admin).post(url, move).status_code == 302
    text = page(browse(cast.director), cast)
    assert "<del>below East Team, from Jan 1, 2025 on</del>" in text
    assert re.search("Withdrawn by Ada Admin · [^<]+ UTC<", text)
    assert "below East Team, Jan 1, 2025 until Jun 1, 2026" in text


def test_a_rename_is_in_its_history(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        pk = cast.territories["East 1"].pk
        services.edit_territory(by=cast.admin.pk, territory_id=pk, version=1, name="East One")
    text = page(browse(cast.rep), cast)
    assert "<del>East 1</del> → <ins>East One</ins>" in text


def test_an_administrator_can_end_the_seat_from_here(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=cast.rep, kind="owner")
    assert reverse("seat_end", args=[seat.pk]) in page(browse(cast.admin), cast)


def test_a_territory_that_is_not_there_is_not_found(cast: Cast, browse: Any) -> None:
    assert browse(cast.rep).get(reverse("territory_detail", args=[999_999])).status_code == 404
