"""Seating a person: the overlap that the database refuses comes back in words."""

from datetime import date
from typing import Any

from django.urls import reverse

from territories.models import Seat
from territories.services import create_territory
from tests.cast import Cast

URL = reverse("seat_create")


def typed(cast: Cast, **changes: str) -> dict[str, str]:
    return {
        "user_id": str(cast.peer.pk),
        "territory_id": str(cast.territories["East 1"].pk),
        "kind": "owner",
        "starts_on": "2026-05-21",
        **changes,
    }


def test_the_holder_and_the_days_stand_on_the_form(cast: Cast, browse: Any) -> None:
    response = browse(cast.admin).post(URL, typed(cast))
    assert response.status_code == 422
    said = (
        "This territory already has an owner on one of these days. End that seat first."
        " Rita Rep as owner, from Jan 1, 2025 on."
    )
    assert response.context["form"].errors == {"starts_on": [said]}


def test_a_seat_on_a_free_territory_is_saved(cast: Cast, browse: Any, acting: Any) -> None:
    west = str(cast.territories["West"].pk)
    response = browse(cast.admin).post(
        URL, typed(cast, territory_id=west, stops_on="2026-07-01", reason="cover")
    )
    assert response.status_code == 302
    with acting(cast.admin):
        seat = Seat.objects.get(territory_id=int(west), kind="owner")
        assert (seat.user, seat.starts_on, seat.stops_on, seat.reason) == (
            cast.peer,
            date(2026, 5, 21),
            date(2026, 7, 1),
            "cover",
        )


def test_an_end_before_the_start_is_refused(cast: Cast, browse: Any) -> None:
    west = str(cast.territories["West"].pk)
    response = browse(cast.admin).post(URL, typed(cast, territory_id=west, stops_on="2026-05-21"))
    assert response.status_code == 422
    assert "The end must come after the start." in response.content.decode()


def test_links_fill_the_form(cast: Cast, browse: Any) -> None:
    response = browse(cast.admin).get(URL, {"territory": str(cast.territories["West"].pk)})
    assert response.context["form"]["territory_id"].value() == cast.territories["West"].pk
    assert browse(cast.admin).get(URL, {"territory": "x"}).status_code == 400


def test_a_territory_that_begins_later_is_offered_with_its_day(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        east = cast.territories["East"].pk
        later = create_territory(
            by=cast.admin.pk, name="East 3", code="EAST-3", parent_id=east, starts_on=date(2026, 6, 1)
        )
    client = browse(cast.admin)
    page = client.get(URL, {"territory": str(later.pk)}).content.decode()
    assert f'<option value="{later.pk}" selected>East 3, from Jun 1, 2026 on</option>' in page
    assert (
        client.post(URL, typed(cast, territory_id=str(later.pk), starts_on="2026-06-01")).status_code == 302
    )
    early = client.post(URL, typed(cast, territory_id=str(later.pk), user_id=str(cast.rep.pk)))
    assert early.status_code == 422
    assert early.context["form"].errors == {
        "territory_id": ["East 3 is not part of the tree on May 21, 2026."]
    }


def test_it_opens_in_a_dialog_too(cast: Cast, browse: Any) -> None:
    response = browse(cast.admin).get(URL, headers={"HX-Request": "true"})
    assert b"<!doctype html>" not in response.content
    assert b"dialog-title" in response.content


def test_others_may_not(cast: Cast, browse: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        client = browse(person)
        assert client.get(URL).status_code == client.post(URL, typed(cast)).status_code == 403
