"""A new product with its list price in its own currency."""

from typing import Any

import pytest
from django.urls import reverse

from catalog.models import Product
from tests.cast import Cast

URL = reverse("product_create")


def product(cast: Cast, **changes: str) -> dict[str, str]:
    family = str(cast.families["Hardware"].pk)
    return {
        "name": "Switch",
        "code": "SWITCH",
        "family_id": family,
        "kind": "hardware",
        "tier": "primary",
        "currency": "EUR",
        "list_price_minor": "1,250.00",
        **changes,
    }


def test_a_product_with_its_price_in_its_currency(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.admin)
    assert client.post(URL, product(cast)).status_code == 302
    assert (
        client.post(URL, product(cast, code="YEN", currency="JPY", list_price_minor="1,250")).status_code
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
    response = browse(cast.admin).post(URL, product(cast, **changes))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]


def test_only_administrators_add_a_product(cast: Cast, browse: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        client = browse(person)
        assert client.get(URL).status_code == client.post(URL, {}).status_code == 403
