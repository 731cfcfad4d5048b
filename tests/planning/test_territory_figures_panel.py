"""The panel of a territory's figures: those of its row in the workbench, with all below it."""

from typing import Any

from django.urls import reverse

from territories.models import Edge
from tests.cast import Cast


def panel(cast: Cast, name: str) -> str:
    return reverse("territory_figures_panel", args=[cast.territories[name].pk])


def test_a_team_shows_what_lies_below_it_and_where(cast: Cast, browse: Any) -> None:
    """Acorn and Beech lie below East Team, with a deal of 100,000.01 and one of 100,000.02."""
    ids = {name: territory.pk for name, territory in cast.territories.items()}
    team, above = ids["East Team"], f"{ids['Company']},{ids['East']}"
    text = browse(cast.admin).get(panel(cast, "East Team")).content.decode()
    for part in (
        "Here and below, today",
        f'<a href="{reverse("territory_tree")}?below={team}">2</a>',
        f'<a href="{reverse("account_list")}?within={team}">2</a>',
        f'<a href="{reverse("opportunity_list")}?within={team}">$200,000.03</a>',
        "Quota 2026-Q2",
        f"{reverse('territory_workbench')}?open={above}#t{team}",
    ):
        assert part in text, part


def test_a_territory_with_nothing_below_it(cast: Cast, browse: Any) -> None:
    text = browse(cast.manager).get(panel(cast, "East 1")).content.decode()
    assert "What is here today" in text
    assert "Territories below it" not in text


def test_a_root_is_shown_with_nothing_above_it_open(cast: Cast, browse: Any) -> None:
    company = cast.territories["Company"].pk
    text = browse(cast.executive).get(panel(cast, "Company")).content.decode()
    assert f"{reverse('territory_workbench')}?open=none#t{company}" in text


def test_only_who_may_open_the_workbench_finds_it_on_the_page(cast: Cast, browse: Any) -> None:
    page = reverse("territory_detail", args=[cast.territories["East 1"].pk])
    for person, is_there in (
        (cast.admin, True),
        (cast.director, True),
        (cast.rep, False),
        (cast.other_director, False),
        (cast.coordinator, False),
    ):
        assert (panel(cast, "East 1") in browse(person).get(page).content.decode()) == is_there
        assert (browse(person).get(panel(cast, "East 1")).status_code == 200) == is_there


def test_what_is_not_in_the_tree_has_none(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        Edge.objects.current().get(child=cast.territories["East 1"]).supersede()
    client = browse(cast.admin)
    page = client.get(reverse("territory_detail", args=[cast.territories["East 1"].pk]))
    assert panel(cast, "East 1") not in page.content.decode()
    assert client.get(panel(cast, "East 1")).status_code == 404
