"""The tree by date: moves keep the past, and no order of moves makes a territory lie below itself."""

import threading
from datetime import date
from typing import Any

import pytest
from django.db import connections

from common.errors import Forbidden, Refused, Stale
from common.selectors import today
from territories import services
from territories.models import Edge, Territory
from territories.selectors import tree_on
from tests.cast import Cast

TOMORROW = date(2026, 5, 21)


def parents(day: date) -> dict[str, str | None]:
    """Every placed territory's parent on a day, by name."""
    names = dict(Territory.objects.values_list("pk", "name"))
    edges = Edge.objects.on(day).values_list("child_id", "parent_id")
    return {names[child]: names.get(parent) for child, parent in edges}


def move(cast: Cast, child: str, parent: str | None, on: date = TOMORROW) -> Edge:
    parent_id = cast.territories[parent].pk if parent else None
    return services.move_territory(
        by=cast.admin.pk, territory_id=cast.territories[child].pk, parent_id=parent_id, on=on
    )


def test_a_move_from_tomorrow_keeps_today(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        edge = move(cast, "East Team", "West")
        assert (parents(today())["East Team"], parents(TOMORROW)["East Team"]) == ("East", "West")
        assert parents(TOMORROW)["East 1"] == "East Team"
        assert edge.recorded_by == cast.admin


def test_a_move_drops_the_moves_that_were_planned_for_later(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        move(cast, "East 1", "West Team", on=date(2026, 9, 1))
        move(cast, "East 1", "West", on=TOMORROW)
        assert parents(date(2026, 12, 1))["East 1"] == "West"
        assert Edge.objects.current().filter(child=cast.territories["East 1"]).count() == 2


def test_moving_below_itself_is_refused(cast: Cast, acting: Any) -> None:
    for parent in ("East", "East Team", "East 1"):
        with acting(cast.admin):
            with pytest.raises(Refused) as refusal:
                move(cast, "East", parent)
            assert "A territory can't lie below itself." in str(refusal.value.message)
            assert parents(TOMORROW)["East"] == "Company"


def test_moving_below_a_later_descendant_is_refused(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        move(cast, "West", "East 1", on=date(2026, 9, 1))
        with pytest.raises(Refused) as refusal:
            move(cast, "East", "West", on=TOMORROW)
        assert refusal.value.code == "tree_cycle"


def test_moving_to_where_it_lies_is_said(cast: Cast, acting: Any) -> None:
    with acting(cast.admin), pytest.raises(Refused, match="already lies there"):
        move(cast, "East 1", "East Team")


def test_unassigned_stays_and_holds_nothing(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        with pytest.raises(Refused, match="stays where it is"):
            move(cast, "Unassigned", "East")
        with pytest.raises(Refused, match="Nothing lies below Unassigned"):
            move(cast, "East 1", "Unassigned")


def test_a_new_territory_is_in_the_tree_from_its_day_on(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        services.create_territory(
            by=cast.admin.pk,
            name="East 3",
            code="EAST-3",
            parent_id=cast.territories["East Team"].pk,
            starts_on=TOMORROW,
        )
        assert "East 3" not in parents(today())
        assert parents(TOMORROW)["East 3"] == "East Team"
        names = [node.territory.name for node in tree_on(TOMORROW)]
        assert names == [
            "Company",
            "East",
            "East Team",
            "East 1",
            "East 2",
            "East 3",
            "Unassigned",
            "West",
            "West Team",
            "West 1",
        ]


def test_a_parent_that_is_not_there_yet_is_refused(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        with pytest.raises(Refused) as refusal:
            services.create_territory(
                by=cast.admin.pk,
                name="Too early",
                code="EARLY",
                parent_id=cast.territories["East"].pk,
                starts_on=date(2024, 6, 1),
            )
        assert refusal.value.path == "parent_id"


def test_a_code_is_given_once(cast: Cast, acting: Any) -> None:
    with acting(cast.admin), pytest.raises(Refused) as refusal:
        services.create_territory(
            by=cast.admin.pk, name="Other", code="EAST-1", parent_id=None, starts_on=TOMORROW
        )
    assert str(refusal.value.message) == "This code is already taken. Choose another one."
    assert (refusal.value.path, refusal.value.code) == ("code", "taken")


def test_a_stale_rename_is_refused(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        node = cast.territories["East 1"]
        services.edit_territory(by=cast.admin.pk, territory_id=node.pk, version=1, name="East One")
        with pytest.raises(Stale):
            services.edit_territory(by=cast.admin.pk, territory_id=node.pk, version=1, name="Eastern One")


def test_only_administrators_change_the_tree(cast: Cast, acting: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        with acting(person), pytest.raises(Forbidden):
            move(cast, "East 1", "West Team")


def test_two_moves_below_each_other_at_once_leave_a_tree(cast: Cast, acting: Any) -> None:
    answers: list[str] = []
    start = threading.Barrier(2)

    def run(child: str, parent: str) -> None:
        try:
            with acting(cast.admin):
                start.wait(5)
                move(cast, child, parent)
            answers.append("moved")
        except Refused as refusal:
            answers.append(refusal.code)
        finally:
            connections.close_all()

    pairs = [("East", "West"), ("West", "East")]
    threads = [threading.Thread(target=run, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(answers) == ["moved", "tree_cycle"]
    with acting(cast.admin):
        placed = [node.territory.name for node in tree_on(TOMORROW)]
        assert len(placed) == len(set(placed)) == 9


def test_a_parent_that_was_never_there_is_refused(cast: Cast, acting: Any) -> None:
    with acting(cast.admin), pytest.raises(Refused, match="Choose a territory of the tree"):
        services.move_territory(
            by=cast.admin.pk, territory_id=cast.territories["East"].pk, parent_id=999_999, on=TOMORROW
        )


def test_no_unknown_field_of_a_territory_is_written(cast: Cast, acting: Any) -> None:
    with acting(cast.admin), pytest.raises(Refused, match="no field is_unassigned"):
        services.edit_territory(
            by=cast.admin.pk, territory_id=cast.territories["East"].pk, version=1, is_unassigned=True
        )
