"""The products and bundles of a deal over the API."""

from typing import Any

import pytest

from tests.calls import Api, faults
from tests.cast import Cast
from tests.catalog.living import Shop, open_shop


@pytest.fixture
def shop(cast: Cast, acting: Any) -> Shop:
    return open_shop(cast, acting)


@pytest.fixture
def path(cast: Cast) -> str:
    return f"opportunities/{cast.deals['Acorn renewal'].pk}/lines/"


def test_lines_are_replaced_and_make_the_amount(cast: Cast, shop: Shop, path: str) -> None:
    api = Api(cast.rep)
    lines = [
        {"product_id": shop.voice.pk, "quantity": 3, "price": "19.99", "discount": "7.5", "term_months": 12},
        {"product_id": shop.triple.pk, "quantity": 1},
        {"product_id": cast.products["Server"].pk, "quantity": 1},
    ]
    body = {"price_book_id": shop.special.pk, "lines": lines}
    answer = api.send("PUT", path, body, If_Match="1")
    assert answer.status_code == 200
    told = answer.json()
    assert told == api.get(path).json()
    assert (told["version"], told["price_book_id"], told["currency"]) == (2, shop.special.pk, "USD")
    shown = sorted((row["product_id"], row["price"], row["amount"]) for row in told["lines"])
    assert shown == sorted(
        [
            (shop.voice.pk, "19.99", "665.67"),
            (shop.triple.pk, "99.99", "99.99"),
            (cast.products["Server"].pk, "2000.00", "2000.00"),
        ]
    )
    bundle = next(row for row in told["lines"] if row["product_id"] == shop.triple.pk)
    assert [part["amount"] for part in bundle["parts"]] == ["33.33", "50.00", "16.66"]
    assert api.get(path.replace("lines/", "")).json()["amount"] == "2765.66"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ({"quantity": 1}, ("required", "lines[0].product_id")),
        ({"product_id": 999_999, "quantity": 1}, ("unknown_product", "lines[0].product_id")),
        ({"quantity": 0, "product_id": None}, ("quantity_range", "lines[0].quantity")),
        ({"quantity": 1, "product_id": None, "price": 5}, ("amount_format", "lines[0].price")),
        ({"quantity": 1, "product_id": None, "discount": "101"}, ("share_format", "lines[0].discount")),
        ({"quantity": 1, "product_id": None, "term_months": 3}, ("nothing_recurs", "lines[0].term_months")),
    ],
)
def test_what_is_wrong_is_named(cast: Cast, path: str, line: dict[str, Any], fault: tuple[str, str]) -> None:
    if "product_id" in line:
        line = {**line, "product_id": line["product_id"] or cast.products["Server"].pk}
    answer = Api(cast.rep).send("PUT", path, {"lines": [line]}, If_Match="1")
    assert faults(answer) == [fault]


def test_within_reach_and_at_the_version_that_was_read(cast: Cast, path: str) -> None:
    assert Api(cast.other_rep).get(path).status_code == 404
    assert Api(cast.executive).send("PUT", path, {"lines": []}, If_Match="1").status_code == 403
    assert Api(cast.rep).send("PUT", path, {"lines": []}, If_Match="7").status_code == 412
    assert Api(cast.rep).send("PUT", path, {"lines": []}).status_code == 428
