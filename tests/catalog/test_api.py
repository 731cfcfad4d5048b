"""The catalogue over the API: families, products, bundles, price books and their prices, with versions."""

from datetime import date
from typing import Any

import pytest

from tests.calls import Api, faults
from tests.cast import Cast
from tests.catalog.living import Shop, open_shop


@pytest.fixture
def shop(cast: Cast, acting: Any) -> Shop:
    return open_shop(cast, acting)


def test_a_family_and_a_product_are_made_and_changed(cast: Cast) -> None:
    api = Api(cast.admin)
    above = cast.families["Software"].pk
    family = api.post("families/", {"name": "Cloud", "code": "CLOUD", "parent_id": above}).json()
    assert (family["parent_id"], family["version"]) == (above, 1)
    wish = {"name": "Seat", "code": "SEAT", "family_id": family["id"], "kind": "recurring", "currency": "EUR"}
    product = api.post("products/", {**wish, "list_price": "19.99"})
    assert product.status_code == 201
    body = product.json()
    assert (body["list_price"], body["tier"], body["vendor"], body["is_bundle"]) == (
        "19.99",
        "primary",
        "",
        False,
    )
    path = f"products/{body['id']}/"
    assert api.patch(path, {"retired_on": "2026-07-01"}, If_Match="1").json()["retired_on"] == "2026-07-01"
    assert api.patch(path, {"tier": "ancillary"}, If_Match="1").status_code == 412
    assert faults(api.patch(path, {"kind": "tin"}, If_Match="2")) == [("unknown_choice", "kind")]
    below = api.get(f"products/?family={above}").json()["results"]
    assert [row["name"] for row in below] == ["Licence", "Seat"]
    cycle = api.patch(f"families/{above}/", {"parent_id": family["id"]}, If_Match="1")
    assert faults(cycle) == [("family_cycle", "parent_id")]


def test_the_parts_of_a_bundle_are_replaced(cast: Cast, shop: Shop) -> None:
    api, path = Api(cast.admin), f"products/{shop.triple.pk}/parts/"
    assert [row["quantity"] for row in api.get(path).json()["parts"]] == [1, 1, 1]
    parts = [{"product_id": shop.voice.pk, "quantity": 2}]
    assert api.send("PUT", path, {"parts": parts}, If_Match="2").json()["version"] == 3
    assert api.get(path).json() == {"parts": parts}
    assert api.send("PUT", path, {"parts": []}, If_Match="2").status_code == 412
    inner = [{"product_id": shop.triple.pk, "quantity": 2}]
    answer = api.send("PUT", f"products/{shop.voice.pk}/parts/", {"parts": inner}, If_Match="1")
    assert faults(answer) == [("bundle_in_bundle", "parts[0].product_id")]


def test_prices_of_a_day_are_read_and_set(cast: Cast, shop: Shop) -> None:
    api, server = Api(cast.admin), cast.products["Server"].pk
    path = f"price-books/{shop.usual.pk}/"
    version = str(api.get(path).json()["version"])
    body = {
        "starts_on": "2026-06-01",
        "prices": [{"product_id": server, "price": "2300.50", "tax": "7.7"}],
    }
    assert api.post(f"{path}prices/", body, If_Match="1").status_code == 412
    assert api.post(f"{path}prices/", body, If_Match=version).json()["version"] == int(version) + 1

    def prices(day: date) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = api.get(f"{path}prices/?on={day}").json()["results"]
        return rows

    assert prices(date(2026, 5, 31)) == [
        {
            "product_id": server,
            "price": "2400.00",
            "tax": None,
            "starts_on": "2026-01-01",
            "stops_on": "2026-06-01",
        }
    ]
    (row,) = prices(date(2026, 6, 1))
    assert (row["price"], row["tax"], row["stops_on"]) == ("2300.50", "7.7", None)
    wrong = {"starts_on": "2026-06-01", "prices": [{"product_id": 999_999, "price": "1.00"}]}
    answer = api.post(f"{path}prices/", wrong, If_Match=str(int(version) + 1))
    assert faults(answer) == [("unknown_product", "prices[0].product_id")]


def test_a_book_is_made_usual(cast: Cast, shop: Shop) -> None:
    api = Api(cast.admin)
    made = api.post("price-books/", {"name": "2027", "currency": "USD", "is_usual": True}).json()
    assert made["is_usual"] is True
    assert api.get(f"price-books/{shop.usual.pk}/").json()["is_usual"] is False
    both = api.patch(f"price-books/{made['id']}/", {"is_retired": True}, If_Match="1")
    assert faults(both) == [("usual_book", "is_retired")]


def test_everybody_reads_and_administrators_write(cast: Cast, shop: Shop) -> None:
    api = Api(cast.rep)
    assert api.get(f"price-books/{shop.usual.pk}/prices/").status_code == 200
    assert api.post("families/", {"name": "Cloud", "code": "CLOUD"}).status_code == 403
    body = {"starts_on": "2026-06-01", "prices": []}
    assert api.post(f"price-books/{shop.usual.pk}/prices/", body, If_Match="2").status_code == 403
