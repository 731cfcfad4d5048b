"""The catalogue: everybody reads it."""

from typing import Any

import pytest
from django.urls import reverse

from tests.cast import Cast
from tests.catalog.living import open_shop

URL = reverse("product_list")


def test_everybody_reads_prices_and_families(cast: Cast, browse: Any) -> None:
    text = browse(cast.rep).get(URL).content.decode()
    assert "Server" in text
    assert "$2,500.00" in text
    assert "Software" in text
    assert reverse("product_create") not in text
    assert reverse("product_create") in browse(cast.admin).get(URL).content.decode()


def test_an_empty_catalogue_begins_with_a_family(cast: Cast, browse: Any, owner: Any) -> None:
    owner.execute("SET session_replication_role = replica")
    owner.execute("DELETE FROM catalog_product")
    page = browse(cast.admin).get(URL).content.decode()
    assert "No product yet" in page
    assert "Add a product" in page
    assert "Nothing matches" in browse(cast.admin).get(URL, {"q": "x"}).content.decode()
    owner.execute("DELETE FROM catalog_family")
    assert "Add a family" in browse(cast.admin).get(URL).content.decode()


def test_filters_by_name_code_and_family(cast: Cast, browse: Any) -> None:
    def names(**query: str) -> list[str]:
        return [row.name for row in browse(cast.rep).get(URL, query).context["page"].rows]

    assert names(q="serv") == ["Server"]
    assert names(q="LIC") == ["Licence"]
    assert names(family=str(cast.families["Software"].pk)) == ["Licence"]


@pytest.mark.parametrize("query", [{"family": "x"}, {"sort": "name"}, {"after": "x"}])
def test_what_is_no_filter_is_refused(cast: Cast, browse: Any, query: dict[str, str]) -> None:
    assert browse(cast.rep).get(URL, query).status_code == 400


def test_a_family_stands_for_all_below_it_and_the_rest_narrows(cast: Cast, browse: Any, acting: Any) -> None:
    shop = open_shop(cast, acting)

    def names(**query: str) -> list[str]:
        return [row.name for row in browse(cast.rep).get(URL, query).context["page"].rows]

    bundled = ["Internet", "Storage", "Triple", "Voice"]
    assert names(family=str(cast.families["Software"].pk)) == sorted([*bundled, "Licence"])
    assert names(family=str(shop.voice.family_id)) == bundled
    assert names(kind="recurring") == bundled
    assert names(tier="ancillary") == names(state="retired") == []
    assert browse(cast.rep).get(URL, {"kind": "tin"}).status_code == 400
