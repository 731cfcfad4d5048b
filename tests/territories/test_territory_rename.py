"""Another name from a day on: earlier days keep theirs; a correction holds for all days on which the name stood."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.urls import reverse

from common.errors import Conflict, Forbidden, Refused
from territories import services
from territories.models import Naming, Territory
from territories.selectors import tree_on
from territories.selectors.offers import Territories
from territories.selectors.tree import named_on
from territories.tasks import apply_due_names
from tests.cast import START, Cast
from tests.closing import close_period
from tests.workspace.at_once import at_once

MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)


def rename(cast: Cast, name: str, on: date, place: str = "East 1", reason: str = "") -> Naming:
    pk = cast.territories[place].pk
    return services.rename_territory(
        by=cast.admin.pk, territory_id=pk, name=name, starts_on=on, reason=reason
    )


def names(cast: Cast, place: str = "East 1") -> list[tuple[str, date, date | None]]:
    rows = Naming.objects.current().filter(territory=cast.territories[place]).order_by("starts_on")
    return [(row.name, row.starts_on, row.stops_on) for row in rows]


def called(cast: Cast, place: str = "East 1") -> str:
    return str(Territory.objects.get(pk=cast.territories[place].pk).name)


def test_earlier_days_keep_the_name_that_they_had(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        naming = rename(cast, " Alpha ", MAY, reason=" alphabetical ")
        assert (naming.reason, naming.recorded_by) == ("alphabetical", cast.admin)
        assert names(cast) == [("East 1", START, MAY), ("Alpha", MAY, None)]
        assert called(cast) == "Alpha"
        pk = cast.territories["East 1"].pk
        before, after = (named_on(day).get(pk=pk) for day in (date(2026, 4, 30), MAY))
        assert (before.called, after.called) == ("East 1", "Alpha")  # type: ignore[attr-defined]
        for day, expected in ((date(2026, 4, 30), ["East 1", "East 2"]), (MAY, ["Alpha", "East 2"])):
            below = [
                node.territory.name
                for node in tree_on(day)
                if node.depth == 3 and node.path.startswith("1/2/")
            ]
            assert below == expected
        assert (str(pk), "\u2003\u2003\u2003Alpha") in (Territories().choices() or [])


def test_a_name_to_come_takes_effect_on_its_day(cast: Cast, acting: Any, clock: Any) -> None:
    with acting(cast.admin):
        rename(cast, "Alpha", JUNE)
        assert called(cast) == "East 1"
    assert apply_due_names() == 0
    clock.move_to(datetime(2026, 6, 1, 16, tzinfo=UTC))
    assert (apply_due_names(), apply_due_names()) == (1, 0)
    with acting(cast.admin):
        assert called(cast) == "Alpha"


def test_later_names_that_were_planned_are_dropped(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        rename(cast, "Beta", JULY)
        rename(cast, "Alpha", JUNE)
        assert names(cast) == [("East 1", START, JUNE), ("Alpha", JUNE, None)]
        rename(cast, "East 1", MAY)
        assert names(cast) == [("East 1", START, MAY), ("East 1", MAY, None)]
        assert called(cast) == "East 1"


def test_a_correction_is_of_the_name_of_today(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        rename(cast, "Alfa", MAY)
        rename(cast, "Beta", JULY)
        node = Territory.objects.get(pk=cast.territories["East 1"].pk)
        services.edit_territory(by=cast.admin.pk, territory_id=node.pk, version=node.version, name="Alpha")
        assert names(cast) == [("East 1", START, MAY), ("Alpha", MAY, JULY), ("Beta", JULY, None)]


def test_a_territory_that_is_taken_back_earlier_keeps_its_name_there(cast: Cast, acting: Any) -> None:
    """Its days in the tree were made longer to the front: the name of these days is recorded with the new one."""
    with acting(cast.admin):
        place = {"parent_id": cast.territories["East"].pk, "starts_on": JUNE}
        cast.territories["New"] = services.create_territory(by=cast.admin.pk, name="New", code="NEW", **place)
        rename(cast, "Newer", JULY, "New")
        pk, east = cast.territories["New"].pk, cast.territories["East"].pk
        services.move_territory(by=cast.admin.pk, territory_id=pk, parent_id=east, on=date(2026, 4, 1))
        rename(cast, "Newest", MAY, "New")
        assert names(cast, "New") == [("New", date(2026, 4, 1), MAY), ("Newest", MAY, None)]


def test_what_is_wrong_is_said_where(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        for name, day, path, code in (
            ("  ", JUNE, "name", "required"),
            ("East 1", JUNE, "name", "already_there"),
            ("Alpha", START, "starts_on", "first_day"),
            ("Alpha", date(2024, 6, 1), "starts_on", "refused"),
        ):
            with pytest.raises(Refused) as refusal:
                rename(cast, name, day)
            assert (refusal.value.path, refusal.value.code) == (path, code)
        close_period(cast.q1.pk)
        with pytest.raises(Conflict) as closed:
            rename(cast, "Alpha", date(2026, 3, 31))
        assert (closed.value.path, closed.value.code) == ("starts_on", "period_closed")
        assert not Naming.objects.exists()


def test_only_administrators_rename(cast: Cast, acting: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        with acting(person), pytest.raises(Forbidden):
            rename(cast, "Alpha", JUNE)


def test_two_who_rename_at_once_record_the_old_name_once(cast: Cast, acting: Any) -> None:
    def run(name: str) -> Any:
        with acting(cast.admin):
            return rename(cast, name, JUNE).name

    assert sorted(at_once(lambda: run("Alpha"), lambda: run("Beta"))) == ["Alpha", "Beta"]
    with acting(cast.admin):
        first, last = names(cast)
        assert first == ("East 1", START, JUNE)
        assert last[1:] == (JUNE, None)


def test_the_form_renames_and_says_so(cast: Cast, browse: Any) -> None:
    url = reverse("territory_rename", args=[cast.territories["East 1"].pk])
    client, data = browse(cast.admin), {"name": "Alpha", "starts_on": "2026-06-01", "reason": "alphabetical"}
    page = client.get(url).content.decode()
    assert 'value="East 1"' in page
    answer = client.post(url, data, follow=True)
    assert "East 1 is called Alpha from Jun 1, 2026 on." in answer.content.decode()
    assert client.post(f"{url}?back=/people/", {**data, "name": "Beta"})["Location"] == "/people/"
    elsewhere = client.post(f"{url}?back=//evil.example/", {**data, "name": "Gamma"})["Location"]
    assert elsewhere == reverse("territory_detail", args=[cast.territories["East 1"].pk])


def test_a_day_of_the_past_shows_the_name_of_that_day(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        rename(cast, "Alpha", MAY)
    client, url = browse(cast.rep), reverse("territory_tree")
    assert ">East 1<" in client.get(url, {"on": "2026-04-30"}).content.decode()
    assert ">East 1<" not in client.get(url).content.decode()
