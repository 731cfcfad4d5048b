"""Another seat in the place of one, from a day on."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from common.errors import Refused
from common.models import Period
from territories.models import Seat
from territories.services import change_seat, end_seat
from tests.cast import Cast


def url(cast: Cast, acting: Any, person: Any) -> str:
    with acting(cast.admin):
        return reverse("seat_change", args=[Seat.objects.current().get(user=person).pk])


def seats_of(person: Any) -> list[tuple[str, str, date, date | None]]:
    rows = Seat.objects.current().filter(user=person).order_by("starts_on")
    return [(row.territory.name, row.kind, row.starts_on, row.stops_on) for row in rows]


def typed(cast: Cast, place: str, kind: str = "owner", day: str = "2026-06-01") -> dict[str, Any]:
    return {"territory_id": cast.territories[place].pk, "kind": kind, "starts_on": day, "reason": "redrawn"}


def test_one_form_ends_the_old_seat_and_starts_the_new(cast: Cast, browse: Any, acting: Any) -> None:
    client, path = browse(cast.admin), url(cast, acting, cast.rep)
    answer = client.post(path, typed(cast, "West Team"), follow=True)
    assert "Rita Rep sits on West Team from Jun 1, 2026." in answer.content.decode()
    with acting(cast.admin):
        assert seats_of(cast.rep) == [
            ("East 1", "owner", date(2025, 1, 1), date(2026, 6, 1)),
            ("West Team", "owner", date(2026, 6, 1), None),
        ]


def test_who_sits_there_already_is_named_and_nothing_changes(cast: Cast, browse: Any, acting: Any) -> None:
    answer = browse(cast.admin).post(url(cast, acting, cast.rep), typed(cast, "East 2"))
    assert answer.status_code == 422
    assert "Paul Peer as owner" in answer.context["form"].errors["starts_on"][0]
    with acting(cast.admin):
        assert seats_of(cast.rep) == [("East 1", "owner", date(2025, 1, 1), None)]


def test_the_same_seat_is_no_change(cast: Cast, browse: Any, acting: Any) -> None:
    answer = browse(cast.admin).post(url(cast, acting, cast.rep), typed(cast, "East 1"))
    assert list(answer.context["form"].errors) == ["territory_id"]


def test_a_closed_period_is_not_reached_into(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        Period.objects.filter(code="2026-Q1").update(is_closed=True)
    answer = browse(cast.admin).post(url(cast, acting, cast.rep), typed(cast, "West Team", day="2026-03-01"))
    assert answer.status_code == 409
    assert "2026-Q1, which is closed" in answer.context["form"].errors["starts_on"][0]


def test_the_new_seat_ends_when_the_old_one_would_have(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        by, seat = cast.admin.pk, Seat.objects.get(user=cast.rep)
        ended = end_seat(by=by, seat_id=seat.pk, stops_on=date(2026, 9, 1))
        assert ended is not None
        new = {"seat_id": ended.pk, "territory_id": cast.territories["West Team"].pk, "kind": "overlay"}
        with pytest.raises(Refused, match="The old seat ends before that day"):
            change_seat(by=by, **new, starts_on=date(2026, 9, 1))
        assert change_seat(by=by, **new, starts_on=date(2026, 6, 1)).stops_on == date(2026, 9, 1)


def test_others_may_not(cast: Cast, browse: Any, acting: Any) -> None:
    path = url(cast, acting, cast.rep)
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        assert browse(person).post(path, typed(cast, "West Team")).status_code == 403
