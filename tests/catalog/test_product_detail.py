"""A product's page: its prices over time in every book, its parts against the bundle's price, its history."""

from typing import Any

from django.urls import reverse

from tests.cast import Cast
from tests.catalog.living import open_shop


def test_prices_in_every_book(cast: Cast, browse: Any, acting: Any) -> None:
    open_shop(cast, acting)
    page = browse(cast.rep).get(reverse("product_detail", args=[cast.products["Server"].pk])).content.decode()
    assert page.index("Public sector") < page.index("Standard")
    assert "$2,000.00" in page
    assert "$2,400.00" in page
    assert reverse("product_edit", args=[cast.products["Server"].pk]) not in page


def test_a_bundle_shows_what_it_saves(cast: Cast, browse: Any, acting: Any) -> None:
    shop = open_shop(cast, acting)
    page = browse(cast.rep).get(reverse("product_detail", args=[shop.triple.pk])).content.decode()
    assert "The bundle saves $20.01 against its parts bought singly." in page
    for share in ("$33.33", "$50.00", "$16.66"):
        assert share in page
    part = browse(cast.rep).get(reverse("product_detail", args=[shop.voice.pk])).content.decode()
    assert "Part of" in part
    assert reverse("product_detail", args=[shop.triple.pk]) in part


def test_what_is_not_there_is_not_found(cast: Cast, browse: Any) -> None:
    assert browse(cast.rep).get(reverse("product_detail", args=[999_999])).status_code == 404
