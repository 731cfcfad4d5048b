"""A catalogue with a tree, a bundle and price books, for the tests of pages and acts."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from catalog import services
from catalog.models import PriceBook, Product
from catalog.services import PartInput, PriceInput
from tests.cast import Cast


@dataclass
class Shop:
    """Voice, internet and storage, all recurring, and Triple made of them for 99.99; two books in US dollars."""

    voice: Product
    internet: Product
    storage: Product
    triple: Product
    usual: PriceBook
    special: PriceBook


def open_shop(cast: Cast, acting: Any) -> Shop:
    by = cast.admin.pk
    with acting(cast.admin):
        family = services.create_family(
            by=by, name="Lines", code="LINES", parent_id=cast.families["Software"].pk
        )
        made = {
            name: services.create_product(
                by=by,
                name=name,
                code=name.upper(),
                family_id=family.pk,
                currency="USD",
                kind="recurring",
                list_price_minor=price,
            )
            for name, price in (("Voice", 4000), ("Internet", 6000), ("Storage", 2000), ("Triple", 9999))
        }
        parts = [PartInput(made[name].pk, 1) for name in ("Voice", "Internet", "Storage")]
        triple = services.set_parts(by=by, product_id=made["Triple"].pk, version=1, parts=parts)
        usual = services.create_book(by=by, name="Standard", currency="USD", is_usual=True)
        special = services.create_book(by=by, name="Public sector", currency="USD")
        for book, price in ((usual, 240_000), (special, 200_000)):
            prices = [PriceInput(cast.products["Server"].pk, price)]
            services.set_prices(by=by, book_id=book.pk, version=1, starts_on=date(2026, 1, 1), prices=prices)
            book.refresh_from_db()
    return Shop(made["Voice"], made["Internet"], made["Storage"], triple, usual, special)
