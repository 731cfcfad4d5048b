"""Price books and prices: from a day on, until the next one; the usual book gives way to another."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from catalog import services
from catalog.models import PriceBook
from catalog.selectors.prices import offers, prices_of
from catalog.services import PriceInput
from common.errors import Conflict, Forbidden, Refused, Stale
from tests.cast import Cast
from tests.catalog.living import Shop, open_shop


@pytest.fixture
def shop(cast: Cast, acting: Any) -> Shop:
    return open_shop(cast, acting)


def set_price(cast: Cast, book: PriceBook, day: date, *prices: PriceInput) -> int:
    version = PriceBook.objects.get(pk=book.pk).version
    return services.set_prices(
        by=cast.admin.pk, book_id=book.pk, version=version, starts_on=day, prices=prices
    )


def told(cast: Cast) -> list[tuple[str, str, str, int]]:
    return [
        (price.book.name, str(price.starts_on), str(price.stops_on or ""), price.price_minor)
        for price in prices_of(cast.products["Server"])
    ]


def test_a_price_holds_until_the_next_one_begins(cast: Cast, acting: Any, shop: Shop) -> None:
    server = cast.products["Server"].pk
    with acting(cast.admin):
        set_price(cast, shop.usual, date(2026, 7, 1), PriceInput(server, 230_000))
        set_price(cast, shop.usual, date(2026, 4, 1), PriceInput(server, 250_000, Decimal("19")))
        assert [row for row in told(cast) if row[0] == "Standard"] == [
            ("Standard", "2026-07-01", "", 230_000),
            ("Standard", "2026-04-01", "2026-07-01", 250_000),
            ("Standard", "2026-01-01", "2026-04-01", 240_000),
        ]
        assert set_price(cast, shop.usual, date(2026, 5, 1), PriceInput(server, 250_000, Decimal("19"))) == 0
        set_price(cast, shop.usual, date(2026, 8, 1), PriceInput(server, None))
        assert told(cast)[1] == ("Standard", "2026-07-01", "2026-08-01", 230_000)


def test_a_deal_takes_its_book_then_the_usual_one_then_the_list_price(
    cast: Cast, acting: Any, shop: Shop
) -> None:
    goods = [cast.products["Server"], cast.products["Licence"]]
    with acting(cast.rep):

        def taken(currency: str, book: PriceBook | None, day: date) -> list[tuple[int, str, str] | None]:
            found = offers(goods, currency, book.pk if book else None, day)
            rows = [found.get(product.pk) for product in goods]
            return [(row.price_minor, row.source.value, row.book) if row else None for row in rows]

        listed = (100_001, "list", "")
        assert taken("USD", shop.special, date(2026, 5, 20)) == [(200_000, "book", "Public sector"), listed]
        assert taken("USD", None, date(2026, 5, 20)) == [(240_000, "usual", "Standard"), listed]
        assert taken("USD", shop.special, date(2025, 12, 31)) == [(250_000, "list", ""), listed]
        assert taken("EUR", None, date(2026, 5, 20)) == [None, None]


def test_one_book_is_usual(cast: Cast, acting: Any, shop: Shop) -> None:
    with acting(cast.admin):
        edit = {"by": cast.admin.pk, "book_id": shop.special.pk}
        services.edit_book(**edit, version=shop.special.version, is_usual=True)
        assert not PriceBook.objects.get(pk=shop.usual.pk).is_usual
        with pytest.raises(Refused, match="Make another book usual first") as refused:
            services.edit_book(**edit, version=shop.special.version + 1, is_retired=True)
        assert refused.value.path == "is_retired"
        services.edit_book(**edit, version=shop.special.version + 1, is_usual=False, is_retired=True)
        with pytest.raises(Conflict):
            set_price(cast, shop.special, date(2026, 6, 1), PriceInput(cast.products["Server"].pk, 1))


@pytest.mark.parametrize(
    ("price", "path"),
    [
        ((999_999, 1, None), "prices.0.product_id"),
        ((None, -1, None), "prices.0.price_minor"),
        ((None, 10**15, None), "prices.0.price_minor"),
        ((None, 1, Decimal("100.001")), "prices.0.tax"),
        ((None, 1, Decimal("0.0001")), "prices.0.tax"),
    ],
)
def test_a_price_out_of_range_is_named(
    cast: Cast, acting: Any, shop: Shop, price: tuple[Any, int, Any], path: str
) -> None:
    product, minor, tax = price
    with acting(cast.admin), pytest.raises(Refused) as refused:
        set_price(
            cast,
            shop.usual,
            date(2026, 6, 1),
            PriceInput(product or cast.products["Server"].pk, minor, tax),
        )
    assert refused.value.path == path


def test_a_price_stands_once_and_a_stale_book_is_refused(cast: Cast, acting: Any, shop: Shop) -> None:
    price = PriceInput(cast.products["Server"].pk, 1)
    with acting(cast.admin):
        with pytest.raises(Refused, match="twice"):
            set_price(cast, shop.usual, date(2026, 6, 1), price, price)
        with pytest.raises(Stale):
            services.set_prices(
                by=cast.admin.pk, book_id=shop.usual.pk, version=1, starts_on=date(2026, 6, 1), prices=[price]
            )


def test_only_administrators_set_prices(cast: Cast, acting: Any, shop: Shop) -> None:
    for person in (cast.rep, cast.director, cast.coordinator):
        with acting(person), pytest.raises(Forbidden):
            set_price(cast, shop.usual, date(2026, 6, 1), PriceInput(cast.products["Server"].pk, 1))
