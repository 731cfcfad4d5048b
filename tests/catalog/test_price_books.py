"""Price books in the browser: the list, a book on a day, a new one, changing and retiring one, many prices at once."""

from typing import Any

import pytest
from django.urls import reverse

from tests.cast import Cast
from tests.catalog.living import Shop, open_shop


@pytest.fixture
def shop(cast: Cast, acting: Any) -> Shop:
    return open_shop(cast, acting)


def names(page: Any) -> list[tuple[str, int | None]]:
    return [(row.name, row.price_minor) for row in page.context["page"].rows]


def test_the_list_says_which_is_usual(cast: Cast, browse: Any, shop: Shop) -> None:
    page = browse(cast.rep).get(reverse("price_book_list"))
    assert [(book.name, book.is_usual, book.count) for book in page.context["books"]] == [
        ("Public sector", False, 1),
        ("Standard", True, 1),
    ]
    assert reverse("price_book_create") not in page.content.decode()


def test_without_a_book_the_page_says_what_one_is(cast: Cast, browse: Any) -> None:
    assert "No price book yet" in browse(cast.admin).get(reverse("price_book_list")).content.decode()


def test_a_book_shows_its_prices_of_a_day(cast: Cast, browse: Any, shop: Shop) -> None:
    url, client = reverse("price_book_detail", args=[shop.usual.pk]), browse(cast.rep)
    assert names(client.get(url)) == [("Server", 240_000)]
    assert names(client.get(url, {"on": "2025-12-31"})) == []
    assert names(client.get(url, {"q": "licence"})) == []
    assert client.get(url, {"on": "yesterday"}).status_code == 400


def test_a_new_book(cast: Cast, browse: Any, shop: Shop) -> None:
    client, url = browse(cast.admin), reverse("price_book_create")
    answer = client.post(url, {"name": "2027", "currency": "USD", "is_usual": "on"}, follow=True)
    assert "The usual book of USD" in answer.content.decode()
    taken = client.post(url, {"name": "2027", "currency": "USD"})
    assert taken.status_code == 422


def test_a_usual_book_is_not_retired(cast: Cast, browse: Any, shop: Shop) -> None:
    client, url = browse(cast.admin), reverse("price_book_edit", args=[shop.usual.pk])
    data = {"name": "Standard", "version": shop.usual.version}
    assert (
        "Make another book usual first"
        in client.post(url, {**data, "is_usual": "on", "is_retired": "on"}).content.decode()
    )
    assert client.post(url, {**data, "is_retired": "on"}).status_code == 302
    assert client.post(url, data).status_code == 412


def rows(shop: Shop, *prices: tuple[int, str, str], start: str = "2026-06-01") -> dict[str, Any]:
    data: dict[str, Any] = {
        "version": shop.usual.version,
        "starts_on": start,
        "prices-TOTAL_FORMS": len(prices),
        "prices-INITIAL_FORMS": len(prices),
    }
    for index, (product, price, tax) in enumerate(prices):
        data |= {
            f"prices-{index}-product": product,
            f"prices-{index}-price": price,
            f"prices-{index}-tax": tax,
        }
    return data


def test_many_prices_at_once(cast: Cast, browse: Any, shop: Shop) -> None:
    client, url = browse(cast.admin), reverse("price_book_prices", args=[shop.usual.pk])
    offered = names(client.get(url))
    assert offered[0] == ("Internet", None)
    ids = {row.name: row.pk for row in client.get(url).context["page"].rows}
    prices = {"Internet": ("55.00", "19"), "Server": ("2,400.00", "")}
    data = rows(shop, *((ids[name], *prices.get(name, ("", ""))) for name, _price in offered))
    answer = client.post(url, data)
    assert answer.status_code == 302
    page = client.get(answer["Location"])
    assert "1 price is set." in page.content.decode()
    assert names(page) == [("Internet", 5500), ("Server", 240_000)]


def test_a_price_that_is_none_stays_in_the_form(cast: Cast, browse: Any, shop: Shop) -> None:
    client, url = browse(cast.admin), reverse("price_book_prices", args=[shop.usual.pk])
    ids = {row.name: row.pk for row in client.get(url).context["page"].rows}
    answer = client.post(url, rows(shop, (ids["Internet"], "5,5,0", ""), (ids["Licence"], "", "19")))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="5,5,0"' in text
    nothing = client.post(url, rows(shop, (ids["Internet"], "", "")))
    assert "No price was changed." in nothing.content.decode()
    stale = client.post(url, {**rows(shop, (ids["Internet"], "9.00", "")), "version": "1"})
    assert stale.status_code == 412
    assert f'name="version" value="{shop.usual.version}"' in stale.content.decode()
