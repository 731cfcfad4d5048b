"""Ending a seat."""

from datetime import date
from typing import Any

from django.urls import reverse

from territories.models import Seat
from tests.cast import Cast


def seat_of(cast: Cast, acting: Any) -> Seat:
    with acting(cast.admin):
        seat: Seat = Seat.objects.current().get(user=cast.rep, kind="owner")
        return seat


def test_it_ends_on_the_day(cast: Cast, browse: Any, acting: Any) -> None:
    url = reverse("seat_end", args=[seat_of(cast, acting).pk])
    assert (
        browse(cast.admin).post(url, {"stops_on": "2026-06-01", "reason": "parental leave"}).status_code
        == 302
    )
    ended = seat_of(cast, acting)
    assert (ended.stops_on, ended.reason) == (date(2026, 6, 1), "parental leave")


def test_a_second_administrator_with_an_old_page_is_told(cast: Cast, browse: Any, acting: Any) -> None:
    url = reverse("seat_end", args=[seat_of(cast, acting).pk])
    client = browse(cast.admin)
    client.post(url, {"stops_on": "2026-06-01"})
    response = client.post(url, {"stops_on": "2026-07-01"})
    assert response.status_code == 412
    assert seat_of(cast, acting).stops_on == date(2026, 6, 1)


def test_an_end_before_the_start_is_refused(cast: Cast, browse: Any, acting: Any) -> None:
    url = reverse("seat_end", args=[seat_of(cast, acting).pk])
    response = browse(cast.admin).post(url, {"stops_on": "2024-06-01"})
    assert response.status_code == 422
    assert seat_of(cast, acting).stops_on is None


def test_others_may_not_and_nobody_ends_what_is_not_there(cast: Cast, browse: Any, acting: Any) -> None:
    url = reverse("seat_end", args=[seat_of(cast, acting).pk])
    assert browse(cast.manager).post(url, {"stops_on": "2026-06-01"}).status_code == 403
    assert browse(cast.admin).get(reverse("seat_end", args=[999_999])).status_code == 404
