"""Price books, what products cost in them when, and which price a deal takes."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Lower

from catalog.models import Price, PriceBook, Product
from catalog.rules import Source, first_price
from common.calendars import Span


@dataclass(frozen=True)
class Offer:
    """The price that a deal takes for one of a product, in minor units of the deal's currency, and where it is from."""

    price_minor: int
    source: Source
    book: str
    tax: Decimal | None


Offers = dict[int, Offer]
"""By product; without those whose price is typed."""


def offers(products: Collection[Product], currency: str, book_id: int | None, day: date) -> Offers:
    """What each of the products costs on that day on a deal of that currency with that book."""
    return offers_by_book(products, currency, [book_id], day)[book_id]


def offers_by_book(
    products: Collection[Product], currency: str, book_ids: Collection[int | None], day: date
) -> dict[int | None, Offers]:
    """The same for several books that a deal may choose from; None is no book of its own."""
    rows = list(_prices(Price.objects.on(day), products, {currency}, book_ids))
    return {book: _taken(rows, products, currency, book) for book in book_ids}


def offer_finder(
    products: Collection[Product], currencies: Collection[str], book_ids: Collection[int | None], span: Span
) -> Callable[[str, int | None, date], Offers]:
    """The same for many deals, each of one of these currencies and books on a day of the span: prices are read once."""
    rows = list(_prices(Price.objects.overlapping(span.start, span.stop), products, currencies, book_ids))

    def find(currency: str, book_id: int | None, day: date) -> Offers:
        held = [row for row in rows if row.book.currency == currency and row.holds_on(day)]
        return _taken(held, products, currency, book_id)

    return find


def _prices(
    rows: QuerySet[Price],
    products: Collection[Product],
    currencies: Collection[str],
    book_ids: Collection[int | None],
) -> QuerySet[Price]:
    wanted = Q(book__in=[book for book in book_ids if book]) | Q(book__is_usual=True)
    found = rows.filter(wanted, book__currency__in=currencies, product__in=products)
    return found.select_related("book")


def _taken(
    rows: Iterable[Price], products: Collection[Product], currency: str, book_id: int | None
) -> Offers:
    """What a deal with that book takes of prices that hold on one day in one currency."""
    own: dict[int, Price] = {}
    usual: dict[int, Price] = {}
    for row in rows:
        if row.book_id == book_id:
            own[row.product_id] = row
        if row.book.is_usual:
            usual[row.product_id] = row
    offered = {one.pk: _offer(one, currency, own.get(one.pk), usual.get(one.pk)) for one in products}
    return {pk: offer for pk, offer in offered.items() if offer}


def _offer(product: Product, currency: str, own: Price | None, usual: Price | None) -> Offer | None:
    listed = product.list_price_minor if product.currency == currency else None
    chosen, common = (row.price_minor if row else None for row in (own, usual))
    taken = first_price(chosen, common, listed)
    if taken is None:
        return None
    row = {Source.BOOK: own, Source.USUAL: usual}.get(taken[1])
    return Offer(*taken, row.book.name if row else "", row.tax if row else None)


def books() -> QuerySet[PriceBook]:
    """Every price book, those in use first, by name, with how many prices stand in it."""
    standing = Count("prices", filter=Q(prices__superseded_at=None), distinct=True)
    return PriceBook.objects.annotate(count=standing).order_by("is_retired", "currency", Lower("name"), "pk")


def books_of(currency: str, kept: int | None = None) -> QuerySet[PriceBook]:
    """The books that a deal of that currency may choose, and the one that it has."""
    rows = PriceBook.objects.filter(Q(is_retired=False) | Q(pk=kept), currency=currency)
    return rows.order_by(Lower("name"), "pk")


def priced_on(book: PriceBook, day: date, text: str, *, only_priced: bool) -> QuerySet[Product]:
    """Products with what they cost in the book on that day (`price_minor`, `tax`, `since`, `until`; None: nothing).

    Those that are sold that day, and those that have a price then.
    """
    held = Price.objects.on(day).filter(book=book, product=OuterRef("pk"))
    columns = {"price_minor": "price_minor", "tax": "tax", "since": "starts_on", "until": "stops_on"}
    rows: QuerySet[Any] = Product.objects.select_related("family").annotate(
        name_key=Lower("name"),
        **{name: Subquery(held.values(column)[:1]) for name, column in columns.items()},
    )
    rows = rows.filter(Q(retired_on=None) | Q(retired_on__gt=day) | Q(price_minor__isnull=False))
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(code__istartswith=text))
    return rows.filter(price_minor__isnull=False) if only_priced else rows


def prices_of(product: Product) -> QuerySet[Price]:
    """What a product costs over time in every book, the latest first."""
    rows = Price.objects.current().filter(product=product).select_related("book")
    return rows.order_by("book__is_retired", Lower("book__name"), "-starts_on")
