"""Holds: an account stays with a person for a time, whoever would move it."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Hold
from accounts.services import end_hold, hold_account
from common.access import Reach
from common.errors import Forbidden, NotInReach, Refused, Stale
from common.selectors import today
from common.transaction import work
from territories.models import Seat, User
from tests.accounts.places import JULY, JUNE, MAY, assign_account, hold
from tests.cast import Cast

LIST = reverse("hold_list")


def held(account: str) -> list[tuple[str, date, date | None, str]]:
    with work(by=None, why="look", reach=Reach.everything()):
        rows = (
            Hold.objects.current()
            .filter(account__name=account)
            .select_related("person")
            .order_by("starts_on")
        )
        return [(row.person.name, row.starts_on, row.stops_on, row.reason) for row in rows]


def keep(cast: Cast, by: User, account: str = "Acorn", person: User | None = None, **more: Any) -> Hold:
    given = {"starts_on": MAY, "stops_on": JULY, "reason": " in talks ", **more}
    person = person or cast.rep
    return hold_account(by=by.pk, account_id=cast.accounts[account].pk, person_id=person.pk, **given)


def test_an_account_is_held_and_stands_on_its_page_and_in_the_list(cast: Cast, browse: Any) -> None:
    url = reverse("hold_create", args=[cast.accounts["Acorn"].pk])
    client, detail = browse(cast.director), reverse("account_detail", args=[cast.accounts["Acorn"].pk])
    assert "No account is held" in client.get(LIST).content.decode()
    page = client.get(url)
    assert page.context["form"].initial == {"person_id": cast.rep.pk, "starts_on": MAY}
    typed = {"person_id": str(cast.rep.pk), "starts_on": "2026-05-20", "reason": "in talks"}
    assert client.post(url, {**typed, "stops_on": "2026-05-20"}).status_code == 422
    answer = client.post(url, {**typed, "stops_on": "2026-07-01"}, follow=True)
    assert "Acorn stays with Rita Rep until Jul 1, 2026." in answer.content.decode()
    assert held("Acorn") == [("Rita Rep", MAY, JULY, "in talks")]
    for person in (cast.rep, cast.director):
        assert "with Rita Rep until Jul 1, 2026" in browse(person).get(detail).content.decode()
    shown = client.get(LIST)
    assert [row.account.name for row in shown.context["page"].rows] == ["Acorn"]
    assert "ends soon" in shown.content.decode()
    assert browse(cast.other_director).get(LIST).context["page"].rows == []


def test_without_an_owner_nobody_is_proposed(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        place = {"territory_id": cast.territories["East"].pk, "starts_on": today()}
        assign_account(by=cast.admin.pk, account_id=cast.accounts["Acorn"].pk, **place)
    page = browse(cast.admin).get(reverse("hold_create", args=[cast.accounts["Acorn"].pk]))
    assert page.context["form"].initial["person_id"] is None
    with (
        acting(cast.admin),
        pytest.raises(Refused, match=r"Rita Rep doesn't own East on May 20, 2026, .* nobody"),
    ):
        keep(cast, cast.admin)


def test_bad_input_is_named(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        with pytest.raises(Refused, match="The end must come after the start") as refusal:
            keep(cast, cast.admin, starts_on=JULY)
        assert refusal.value.path == "stops_on"
        with pytest.raises(Refused, match=r"Paul Peer doesn't own East 1 on May 20, 2026, .* Rita Rep"):
            keep(cast, cast.admin, person=cast.peer)
        keep(cast, cast.admin)
        words = "Acorn is held with Rita Rep from May 20, 2026 until Jul 1, 2026. End that hold first."
        with pytest.raises(Refused, match=words):
            keep(cast, cast.admin, starts_on=JUNE, stops_on=date(2026, 9, 1))
        keep(cast, cast.admin, starts_on=JULY, stops_on=date(2026, 9, 1))
        User.objects.filter(pk=cast.rep.pk).update(is_active=False)
        with pytest.raises(Refused, match="Choose a person who is still here") as refusal:
            keep(cast, cast.admin, starts_on=date(2026, 10, 1), stops_on=date(2026, 11, 1))
        assert refusal.value.path == "person_id"


def test_who_may_not_assign_may_not_hold(cast: Cast, acting: Any) -> None:
    for person in (cast.rep, cast.manager, cast.coordinator, cast.executive):
        with acting(person), pytest.raises(Forbidden):
            keep(cast, person)
    with acting(cast.other_director), pytest.raises(NotInReach):
        keep(cast, cast.other_director)
    row = hold(cast, "Acorn", cast.rep, MAY, JULY)
    with acting(cast.rep), pytest.raises(Forbidden):
        end_hold(by=cast.rep.pk, hold_id=row.pk, stops_on=JUNE)
    with acting(cast.other_director), pytest.raises(NotInReach):
        end_hold(by=cast.other_director.pk, hold_id=row.pk, stops_on=JUNE)


def test_a_hold_ends_sooner(cast: Cast, browse: Any, acting: Any) -> None:
    row = hold(cast, "Acorn", cast.rep, MAY, JULY)
    url, client = reverse("hold_end", args=[row.pk]), browse(cast.director)
    assert client.get(url).context["form"].initial == {"stops_on": MAY}
    for day, words in (
        ("2026-07-02", "It ends on Jul 1, 2026 already"),
        ("2026-05-20", "The end must come after"),
    ):
        answer = client.post(url, {"stops_on": day, "reason": ""})
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert client.post(url, {"stops_on": "2026-06-01", "reason": "signed"}).status_code == 302
    assert held("Acorn") == [("Rita Rep", MAY, JUNE, "signed")]
    assert client.get(url).status_code == 404
    with acting(cast.admin), pytest.raises(Stale):
        end_hold(by=cast.admin.pk, hold_id=row.pk, stops_on=date(2026, 5, 25))


def test_a_hold_that_has_not_begun_is_taken_back(cast: Cast, acting: Any) -> None:
    row = hold(cast, "Acorn", cast.rep, JUNE, JULY)
    with acting(cast.admin):
        assert end_hold(by=cast.admin.pk, hold_id=row.pk, stops_on=MAY) is None
    assert held("Acorn") == []


def plan(cast: Cast, acting: Any, territory: str) -> None:
    with acting(cast.admin):
        place = {"territory_id": cast.territories[territory].pk, "starts_on": JUNE}
        assign_account(by=cast.admin.pk, account_id=cast.accounts["Acorn"].pk, **place)


def test_no_hold_outlasts_a_planned_move_to_somebody_else(cast: Cast, acting: Any) -> None:
    plan(cast, acting, "West 1")
    with acting(cast.admin):
        words = r"Acorn goes to West 1 on Jun 1, 2026\. End the hold by then"
        with pytest.raises(Refused, match=words) as refusal:
            keep(cast, cast.admin)
        assert (refusal.value.path, refusal.value.code) == ("stops_on", "planned")
        keep(cast, cast.admin, stops_on=JUNE)
    assert held("Acorn") == [("Rita Rep", MAY, JUNE, "in talks")]


def test_a_planned_move_to_the_same_person_is_no_obstacle(cast: Cast, acting: Any) -> None:
    with work(by=None, why="a seat", reach=Reach.everything()):
        place = {"territory": cast.territories["East"], "starts_on": MAY}
        Seat.objects.create(user=cast.rep, kind="owner", **place)
    plan(cast, acting, "East")
    with acting(cast.admin):
        keep(cast, cast.admin)
    assert held("Acorn") == [("Rita Rep", MAY, JULY, "in talks")]


def test_a_director_holds_nothing_on_days_on_which_it_is_elsewhere(cast: Cast, acting: Any) -> None:
    plan(cast, acting, "West 1")
    with acting(cast.director), pytest.raises(Forbidden):
        keep(cast, cast.director, person=cast.other_rep, starts_on=JUNE)
    with acting(cast.admin):
        keep(cast, cast.admin, person=cast.other_rep, starts_on=JUNE)
