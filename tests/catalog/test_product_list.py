"""The catalogue: everybody reads, administrators change."""

from typing import Any

import pytest
from django.urls import reverse

from catalog.models import Family, Product
from tests.cast import Cast

URL = reverse("product_list")


def product(cast: Cast, **changes: str) -> dict[str, str]:
    family = str(cast.families["Hardware"].pk)
    return {
        "name": "Switch",
        "code": "SWITCH",
        "family_id": family,
        "currency": "EUR",
        "list_price_minor": "1,250.00",
        "is_sold": "on",
        **changes,
    }


def test_everybody_reads_prices_and_families(cast: Cast, browse: Any) -> None:
    text = browse(cast.rep).get(URL).content.decode()
    assert "Server" in text
    assert "$2,500.00" in text
    assert "Software" in text
    assert reverse("product_create") not in text
    assert reverse("product_create") in browse(cast.admin).get(URL).content.decode()


def test_filters_by_name_code_and_family(cast: Cast, browse: Any) -> None:
    def names(**query: str) -> list[str]:
        return [row.name for row in browse(cast.rep).get(URL, query).context["page"].rows]

    assert names(q="serv") == ["Server"]
    assert names(q="LIC") == ["Licence"]
    assert names(family=str(cast.families["Software"].pk)) == ["Licence"]


@pytest.mark.parametrize("query", [{"family": "x"}, {"sort": "name"}, {"after": "x"}])
def test_what_is_no_filter_is_refused(cast: Cast, browse: Any, query: dict[str, str]) -> None:
    assert browse(cast.rep).get(URL, query).status_code == 400


def test_a_product_with_its_price_in_its_currency(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.admin)
    assert client.post(reverse("product_create"), product(cast)).status_code == 302
    assert (
        client.post(
            reverse("product_create"), product(cast, code="YEN", currency="JPY", list_price_minor="1,250")
        ).status_code
        == 302
    )
    with acting(cast.rep):
        prices = {row.code: (row.list_price_minor, row.currency) for row in Product.objects.all()}
    assert (prices["SWITCH"], prices["YEN"]) == ((125_000, "EUR"), (1_250, "JPY"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "SERVER"}, "code"),
        ({"family_id": "0"}, "family_id"),
        ({"currency": "XXY"}, "currency"),
        ({"list_price_minor": "-1"}, "list_price_minor"),
        ({"list_price_minor": "12,50"}, "list_price_minor"),
        ({"name": "  "}, "name"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(
    cast: Cast, browse: Any, changes: dict[str, str], field: str
) -> None:
    response = browse(cast.admin).post(reverse("product_create"), product(cast, **changes))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]


def test_a_stale_product_edit_shows_both_versions(cast: Cast, browse: Any) -> None:
    url = reverse("product_edit", args=[cast.products["Server"].pk])
    client = browse(cast.admin)
    data = product(cast, name="Server", code="SERVER", currency="USD", version="1")
    assert client.post(url, {**data, "list_price_minor": "2,600.00"}).status_code == 302
    stale = client.post(url, {**data, "list_price_minor": "2,700.00"})
    assert stale.status_code == 412
    assert stale.context["conflict"].rows == [
        {"label": "List price", "theirs": "2,600.00", "yours": "2,700.00"}
    ]
    assert "List price: <del>$2,500.00</del> → <ins>$2,600.00</ins>" in client.get(url).content.decode()


def test_a_product_that_is_no_longer_sold_stays(cast: Cast, browse: Any) -> None:
    url = reverse("product_edit", args=[cast.products["Server"].pk])
    data = product(cast, name="Server", code="SERVER", currency="USD", version="1")
    del data["is_sold"]
    client = browse(cast.admin)
    assert client.post(url, data).status_code == 302
    assert "no longer sold" in client.get(URL).content.decode()


def test_families_are_added_and_renamed(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.admin)
    assert client.post(reverse("family_create"), {"name": "Services", "code": "SERV"}).status_code == 302
    taken = client.post(reverse("family_create"), {"name": "Again", "code": "SERV"})
    assert taken.context["form"].errors == {"code": ["This code is already taken. Choose another one."]}
    url = reverse("family_edit", args=[cast.families["Hardware"].pk])
    data = {"name": "Machines", "code": "HARDWARE", "version": "1"}
    assert client.post(url, data).status_code == 302
    assert client.post(url, {**data, "name": "Iron"}).status_code == 412
    with acting(cast.rep):
        assert set(Family.objects.values_list("name", flat=True)) == {"Machines", "Services", "Software"}


def test_others_may_not(cast: Cast, browse: Any) -> None:
    pages = [
        reverse("product_create"),
        reverse("family_create"),
        reverse("product_edit", args=[cast.products["Server"].pk]),
        reverse("family_edit", args=[cast.families["Hardware"].pk]),
    ]
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        client = browse(person)
        assert {client.get(page).status_code for page in pages} == {403}
        assert {client.post(page, {}).status_code for page in pages} == {403}


def test_what_is_not_there_is_not_found(cast: Cast, browse: Any) -> None:
    assert browse(cast.admin).get(reverse("product_edit", args=[999_999])).status_code == 404
    assert browse(cast.admin).get(reverse("family_edit", args=[999_999])).status_code == 404
