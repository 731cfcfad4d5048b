"""The pages of a territory, a person and an account lead to who held them when, for whom it is."""

from typing import Any

from django.urls import reverse

from tests.cast import Cast

URL = reverse("held_report")


def test_each_page_leads_to_its_own_answer(cast: Cast, browse: Any) -> None:
    east, acorn = cast.territories["East 1"].pk, cast.accounts["Acorn"].pk
    links = {
        reverse("territory_detail", args=[east]): f"{URL}?territory={east}",
        reverse("person_detail", args=[cast.rep.pk]): f"{URL}?person={cast.rep.pk}",
        reverse("account_detail", args=[acorn]): f"{URL}?account=A-1",
    }
    for page, link in links.items():
        assert link in browse(cast.director).get(page).content.decode()
        assert link not in browse(cast.rep).get(page).content.decode()


def test_the_tree_leads_to_the_report(cast: Cast, browse: Any) -> None:
    tree, report = reverse("territory_tree"), reverse("coverage_report")
    assert report in browse(cast.manager).get(tree).content.decode()
    assert report not in browse(cast.rep).get(tree).content.decode()
