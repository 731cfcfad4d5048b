"""Putting an account into a territory from a day on."""

from datetime import date
from typing import Any

from django.urls import reverse

from accounts.models import Account
from territories.services import create_territory
from tests.cast import Cast


def send(client: Any, cast: Cast, territory: str, starts_on: str, account: str = "Acorn") -> Any:
    url = reverse("account_assign", args=[cast.accounts[account].pk])
    pk = str(cast.territories[territory].pk)
    return client.post(url, {"territory_id": pk, "starts_on": starts_on, "reason": "closer"})


def test_from_today_the_new_owner_sees_it_at_once(cast: Cast, browse: Any, acting: Any) -> None:
    detail = reverse("account_detail", args=[cast.accounts["Acorn"].pk])
    peer, rep = browse(cast.peer), browse(cast.rep)
    assert (rep.get(detail).status_code, peer.get(detail).status_code) == (200, 404)
    assert send(browse(cast.admin), cast, "East 2", "2026-05-20").status_code == 302
    assert (rep.get(detail).status_code, peer.get(detail).status_code) == (404, 200)


def test_from_a_later_day_today_stays(cast: Cast, browse: Any, acting: Any) -> None:
    assert send(browse(cast.admin), cast, "East 2", "2026-06-01").status_code == 302
    with acting(cast.rep):
        assert Account.objects.get(name="Acorn").territory == cast.territories["East 1"]


def test_into_a_territory_that_begins_later(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        east = cast.territories["East"].pk
        later = create_territory(
            by=cast.admin.pk, name="East 3", code="EAST-3", parent_id=east, starts_on=date(2026, 6, 1)
        )
    admin, cast.territories["East 3"] = browse(cast.admin), later
    assert send(admin, cast, "East 3", "2026-05-31").status_code == 422
    assert send(admin, cast, "East 3", "2026-06-01").status_code == 302


def test_to_where_it_is_is_explained(cast: Cast, browse: Any) -> None:
    response = send(browse(cast.admin), cast, "East 1", "2026-06-01")
    assert response.status_code == 422
    assert "The account is in that territory on that day already." in response.content.decode()


def test_others_may_not(cast: Cast, browse: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        assert send(browse(person), cast, "East 2", "2026-06-01").status_code == 403
