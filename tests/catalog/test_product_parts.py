"""What a bundle is made of, in the browser."""

from typing import Any

from django.urls import reverse

from catalog.models import Product
from tests.cast import Cast


def typed(version: int, *rows: tuple[int | str, str]) -> dict[str, Any]:
    data: dict[str, Any] = {"version": version, "parts-TOTAL_FORMS": len(rows), "parts-INITIAL_FORMS": 0}
    for index, (product, quantity) in enumerate(rows):
        data |= {f"parts-{index}-product": product, f"parts-{index}-quantity": quantity}
    return data


def test_a_product_becomes_a_bundle_and_both_see_the_conflict(cast: Cast, browse: Any, acting: Any) -> None:
    server, licence = cast.products["Server"].pk, cast.products["Licence"].pk
    url, client = reverse("product_parts", args=[server]), browse(cast.admin)
    assert client.post(url, typed(1, (licence, "3"), ("", "1"))).status_code == 302
    with acting(cast.admin):
        bundle = Product.objects.get(pk=server)
        assert [(part.product_id, part.quantity) for part in bundle.parts.all()] == [(licence, 3)]
    page = client.post(url, typed(1, (licence, "4")))
    assert page.status_code == 412
    assert "3 × Licence" in page.content.decode()


def test_what_makes_no_bundle_is_said(cast: Cast, browse: Any) -> None:
    server, licence = cast.products["Server"].pk, cast.products["Licence"].pk
    client, url = browse(cast.admin), reverse("product_parts", args=[server])
    one = client.post(url, typed(1, (licence, "1")))
    assert one.status_code == 422
    assert "at least two parts" in one.content.decode()
    assert client.post(url, typed(1, (server, "2"))).status_code == 422
