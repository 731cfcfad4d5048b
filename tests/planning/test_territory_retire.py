"""A territory is retired once nothing hangs on it; what was sold and its history stay."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import AccountTerritory, Rule
from common.errors import Conflict, Forbidden, Refused
from orders.models import Credit
from planning.selectors.tree import hanging_on
from quotas.services import set_quota
from territories.models import Edge, Seat, Territory, Vacancy
from territories.selectors import tree_on
from territories.selectors.offers import Territories
from territories.services import create_root, end_seat, move_territory
from tests.accounts.places import assign_account
from tests.cast import Cast
from tests.closing import close_period
from tests.planning.acts import JULY, JUNE, TODAY, add, edges, retire, split, task
from tests.quotas.conftest import sell  # noqa: F401  a fixture
from tests.workspace.at_once import at_once


def empty(cast: Cast, name: str = "West 1", on: date = JUNE) -> None:
    """Give what West 1 has to East 1 from a day on."""
    by = cast.admin.pk
    for seat in Seat.objects.current().filter(territory=cast.territories[name]):
        end_seat(by=by, seat_id=seat.pk, stops_on=on)
    place = {"territory_id": cast.territories["East 1"].pk, "starts_on": on}
    assign_account(by=by, account_id=cast.accounts["Cedar"].pk, **place)


def found(cast: Cast, name: str, on: date = JUNE) -> dict[str, int]:
    return {each.what: each.count for each in hanging_on(cast.territories[name], on)}


def test_an_empty_one_is_in_the_tree_no_more(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        empty(cast)
        assert found(cast, "West 1") == {}  # its open deal leaves with its account on that day
        retire(cast, "West 1", reason="too small")
        assert edges("West 1") == [("West Team", date(2025, 1, 1), JUNE)]
        old = Edge.objects.get(child=cast.territories["West 1"], superseded_at__isnull=False)
        assert old.superseded_why == "too small"
        for day, is_there in ((date(2026, 5, 31), True), (JUNE, False)):
            assert ("West 1" in [node.territory.name for node in tree_on(day)]) == is_there


def test_it_is_offered_in_no_list_after_that_day(cast: Cast, acting: Any, clock: Any) -> None:
    with acting(cast.admin):
        empty(cast, on=TODAY)
        deal = cast.deals["Cedar renewal"]
        deal.territory = cast.territories["East 1"]  # as the worker does within seconds
        deal.save()
        retire(cast, "West 1", TODAY)
    with acting(cast.admin):
        assert "West 1" not in [label.strip() for pk, label in Territories().choices() or []]
        assert Territories().found("west 1") == []


def test_what_still_hangs_on_it_is_counted_and_refused(cast: Cast, acting: Any) -> None:
    east = cast.territories["East 1"]
    with acting(cast.admin):
        task(cast, "East 1")
        task(cast, "East 1", subject="Done", done_at="2026-05-01T10:00Z", done_on="2026-05-01")
        Vacancy.objects.create(territory=east, kind="lead", starts_on=JUNE)
        Rule.objects.create(name="All", territory=east, conditions=[])
        Rule.objects.create(name="Old", territory=east, conditions=[], is_active=False)
        add(cast, "Patch", "East 1", JULY)
        overlay = {"account": cast.accounts["Beech"], "territory": east, "coverage": "partner"}
        AccountTerritory.objects.create(**overlay, starts_on=JULY)
        assert found(cast, "East 1") == {
            "Territories below it": 1,
            "Accounts": 2,
            "Seats": 1,
            "Planned starts": 1,
            "Open deals": 1,
            "Activities to do": 1,
            "Rules in use": 1,
        }
        with pytest.raises(Conflict) as refusal:
            retire(cast, "East 1")
    assert (refusal.value.path, refusal.value.code) == ("on", "not_empty")
    assert str(refusal.value.message) == (
        "East 1 is not empty on that day: Territories below it: 1; Accounts: 2; Seats: 1; Planned starts: 1; "
        "Open deals: 1; Activities to do: 1; Rules in use: 1. End these first."
    )


def test_a_planned_move_into_it_is_in_the_way(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        add(cast, "Empty", "West")
        by, pk = cast.admin.pk, cast.territories["Empty"].pk
        move_territory(by=by, territory_id=cast.territories["West 1"].pk, parent_id=pk, on=JULY)
        assert found(cast, "Empty") == {"Territories below it": 1}


def test_what_was_booked_since_needs_its_place(cast: Cast, acting: Any, sell: Any) -> None:  # noqa: F811
    sell("Cedar", 100_00, date(2026, 5, 12), {"other_rep": 100_000_000})
    with acting(cast.admin):
        empty(cast, on=date(2026, 5, 12))
        cast.deals["Cedar renewal"].territory = cast.territories["East 1"]
        cast.deals["Cedar renewal"].save()
        with pytest.raises(Conflict) as refusal:
            retire(cast, "West 1", date(2026, 5, 12))
        assert str(refusal.value.message) == (
            "Order intake of May 12, 2026 stands on West 1, and stays there. Choose May 13, 2026 or a later day."
        )
        retire(cast, "West 1", date(2026, 5, 13))
        assert [row.territory.name for row in Credit.objects.select_related("territory")] == ["West 1"]


def test_unassigned_the_last_root_and_what_is_gone_stay(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        cast.territories["Lone"] = create_root(by=cast.admin.pk, name="Lone", code="LONE", starts_on=JUNE)
        retire(cast, "Lone", JULY)
        for name, on, words in (
            ("Unassigned", JUNE, "Unassigned keeps what belongs to nobody: it stays."),
            ("Lone", JULY, "Lone is not part of the tree on Jul 1, 2026."),
            ("Company", JUNE, "Company is not empty on that day: Territories below it: 3."),
        ):
            with pytest.raises(Refused) as refusal:
                retire(cast, name, on)
            assert str(refusal.value.message).startswith(words)


def test_the_last_root_stays(cast: Cast, acting: Any, owner: Any) -> None:
    owner.execute("SET session_replication_role = replica")
    owner.execute("DELETE FROM territories_seat")
    owner.execute("DELETE FROM territories_edge WHERE parent_id IS NOT NULL")
    with acting(cast.admin), pytest.raises(Refused) as refusal:
        retire(cast, "Company", JUNE)
    assert str(refusal.value.message) == "Company is the last root of the tree: it stays."


def test_one_that_was_to_begin_is_taken_back(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        add(cast, "Coming", "West", JULY)
        retire(cast, "Coming", JULY)
        assert edges("Coming") == []


def test_nothing_is_hung_below_one_that_leaves(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        add(cast, "Leaving", "West")
        retire(cast, "Leaving", JULY)
        move = {"by": cast.admin.pk, "territory_id": cast.territories["West 1"].pk, "on": JUNE}
        with pytest.raises(Refused) as refusal:
            move_territory(**move, parent_id=cast.territories["Leaving"].pk)
        assert (refusal.value.path, refusal.value.code) == ("parent_id", "parent_leaves")
        assert str(refusal.value.message) == (
            "Leaving is part of the tree until Jul 1, 2026 only. Choose a territory that stays."
        )


def test_a_move_keeps_a_planned_end_and_one_from_that_day_on_takes_it_back(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        add(cast, "Leaving", "West")
        retire(cast, "Leaving", JULY)
        move = {"by": cast.admin.pk, "territory_id": cast.territories["Leaving"].pk}
        move_territory(**move, parent_id=cast.territories["East"].pk, on=JUNE)
        assert edges("Leaving")[-1] == ("East", JUNE, JULY)
        with pytest.raises(Refused, match="already lies there"):
            move_territory(**move, parent_id=cast.territories["East"].pk, on=JUNE)
        move_territory(**move, parent_id=cast.territories["West"].pk, on=JULY)
        assert edges("Leaving")[-2:] == [("East", JUNE, JULY), ("West", JULY, None)]


def test_a_day_in_a_closed_period_is_refused(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        add(cast, "Empty", "West")
        close_period(cast.q1.pk)
        with pytest.raises(Conflict) as refusal:
            retire(cast, "Empty", date(2026, 3, 31))
        assert (refusal.value.path, refusal.value.code) == ("on", "period_closed")
        assert edges("Empty") == [("West", date(2026, 1, 1), None)]


def test_only_administrators_retire(cast: Cast, acting: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        with acting(person), pytest.raises(Forbidden):
            retire(cast, "West 1")


def test_nothing_is_put_there_meanwhile(cast: Cast, acting: Any) -> None:
    """An account comes in while it is retired: one of the two finds the other one done."""
    with acting(cast.admin):
        add(cast, "Empty", "West")

    def run(act: Any) -> str:
        try:
            with acting(cast.admin):
                act()
        except Refused as refusal:
            return refusal.code
        return "done"

    place = {"territory_id": cast.territories["Empty"].pk, "starts_on": JUNE}
    acorn = cast.accounts["Acorn"].pk
    answers = at_once(
        lambda: run(lambda: retire(cast, "Empty")),
        lambda: run(lambda: assign_account(by=cast.admin.pk, account_id=acorn, **place)),
    )
    assert sorted(answers) in (["done", "not_empty"], ["done", "refused"])


def test_the_page_names_what_is_left_with_where_to_end_it(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        set_quota(
            by=cast.admin.pk,
            period_id=cast.q2.pk,
            territory_id=cast.territories["East 1"].pk,
            amount_minor=5_000_01,
        )
    client, url = browse(cast.admin), reverse("territory_retire", args=[cast.territories["East 1"].pk])
    text = client.get(url).content.decode()
    assert "What has to end first, so that it is empty on May 21, 2026?" in text
    assert reverse("account_detail", args=[cast.accounts["Acorn"].pk]) in text
    assert f"{reverse('account_list')}?territory={cast.territories['East 1'].pk}" in text
    assert reverse("opportunity_detail", args=[cast.deals["Acorn renewal"].pk]) in text
    assert "Rita Rep as owner, from Jan 1, 2025 on" in text
    assert "$5,000.01" in text
    answer = client.post(url, {"on": "2026-07-01", "reason": "small"})
    assert answer.status_code == 409
    assert "East 1 is not empty on that day: Accounts: 1; Seats: 1; Open deals: 1." in answer.content.decode()
    assert "empty on Jul 1, 2026" in answer.content.decode()


def test_the_form_retires_an_empty_one_and_says_so(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        node = add(cast, "Empty", "West")
    client, url = browse(cast.admin), reverse("territory_retire", args=[node.pk])
    assert "Nothing hangs on it" in client.get(url).content.decode()
    assert client.post(url, {"on": "soon"}).status_code == 422
    text = client.post(url, {"on": "2026-05-20", "reason": "empty"}, follow=True).content.decode()
    assert "Empty is retired from May 20, 2026 on." in text
    assert "Retired since May 20, 2026" in text
    assert "Retired on May 20, 2026: empty" in text


def test_a_split_one_can_be_retired_later(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        split(cast, "West 1", {"West 2": [cast.accounts["Cedar"]]})
        assert found(cast, "West 1", JULY) == {"Seats": 1}
        assert Territory.objects.get(name="West 2").kind == "territory"
