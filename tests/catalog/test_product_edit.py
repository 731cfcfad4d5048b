"""Changing a product: both versions where somebody else was faster, and what is no longer sold stays."""

from typing import Any

from django.urls import reverse

from tests.cast import Cast
from tests.catalog.test_product_create import product


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
    page = client.get(reverse("product_detail", args=[cast.products["Server"].pk])).content.decode()
    assert "List price: <del>$2,500.00</del> → <ins>$2,600.00</ins>" in page


def test_a_product_that_is_no_longer_sold_stays(cast: Cast, browse: Any) -> None:
    url = reverse("product_edit", args=[cast.products["Server"].pk])
    data = product(cast, name="Server", code="SERVER", currency="USD", version="1")
    data["retired_on"] = "05/20/2026"
    client = browse(cast.admin)
    assert client.post(url, data).status_code == 302
    assert "no longer sold" in client.get(reverse("product_list")).content.decode()


def test_only_administrators_change_a_product(cast: Cast, browse: Any) -> None:
    url = reverse("product_edit", args=[cast.products["Server"].pk])
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        client = browse(person)
        assert client.get(url).status_code == client.post(url, {}).status_code == 403


def test_what_is_not_there_is_not_found(cast: Cast, browse: Any) -> None:
    assert browse(cast.admin).get(reverse("product_edit", args=[999_999])).status_code == 404
