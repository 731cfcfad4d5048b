"""Acts on price books and on the prices in them. Administrators do them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Min
from django.utils.translation import gettext as _

from catalog.models import Price, PriceBook, Product
from common.access import found
from common.checks import check_currency, check_text, refuse_unknown
from common.dated import make_room_for_all, record_all
from common.errors import Conflict, Refused
from common.money import MOST_MINOR
from common.transaction import act, reach

BOOK_FIELDS = ("name", "is_usual", "is_retired")
MOST_PRICES = 5000
MOST_TAX_PLACES = 3
FIRST_YEAR, LAST_YEAR = 2000, 2100


@act
def create_book(*, by: int, name: str, currency: str, is_usual: bool = False) -> PriceBook:
    """Open a price book of one currency; administrators only. A usual one takes the place of the one before it."""
    reach().require("price_book", "update")
    check_text(name, "name")
    check_currency(currency)
    if is_usual:
        _make_room(currency)
    return PriceBook.objects.create(name=name.strip(), currency=currency, is_usual=is_usual)


@act
def edit_book(*, by: int, book_id: int, version: int, **changes: Any) -> PriceBook:
    """Change a book's name, make it the usual one of its currency, retire it or bring it back; administrators only.

    Deals keep the prices that they took from it. Raises Stale, and Refused for a usual book that is to be retired.
    """
    reach().require("price_book", "update")
    refuse_unknown(changes, BOOK_FIELDS)
    book: PriceBook = found(PriceBook.objects.filter(pk=book_id).first())
    if "name" in changes:
        check_text(changes["name"], "name")
    is_usual = changes.get("is_usual", book.is_usual)
    if is_usual and changes.get("is_retired", book.is_retired):
        message = _("A retired book can't be the usual one. Make another book usual first.")
        raise Refused(message, path="is_retired", code="usual_book")
    if is_usual and not book.is_usual:
        _make_room(book.currency)
    PriceBook.objects.change(book_id, version, **changes)
    book.refresh_from_db()
    return book


def _make_room(currency: str) -> None:
    """No book is usual for that currency."""
    for usual in PriceBook.objects.filter(currency=currency, is_usual=True):
        PriceBook.objects.change(usual.pk, usual.version, is_usual=False)


@dataclass(frozen=True)
class PriceInput:
    """What a product costs, in minor units of the book's currency, with its tax in percent; None: no price any more."""

    product_id: int
    price_minor: int | None
    tax: Decimal | None = None


@act
def set_prices(
    *, by: int | None, book_id: int, version: int, starts_on: date, prices: Sequence[PriceInput]
) -> int:
    """Set what products cost in a book from a day on, each until its next price begins; administrators only.

    Any day is allowed: a price changes no line that stands. Says how many of them are new. Raises Stale where the
    book or a price in it was changed meanwhile, Conflict for a retired book, Refused with the path of what is wrong.
    """
    reach().require("price_book", "update")
    book: PriceBook = found(PriceBook.objects.filter(pk=book_id).first())
    if book.is_retired:
        raise Conflict(_("This price book is retired."), code="retired_book")
    _check_prices(starts_on, prices)
    PriceBook.objects.change(book_id, version)
    rows = Price.objects.filter(book=book, product__in=[price.product_id for price in prices])
    holding = {row.product_id: (row.price_minor, row.tax) for row in rows.on(starts_on)}
    fresh = [one for one in prices if holding.get(one.product_id, (None, None)) != (one.price_minor, one.tax)]
    changed = rows.filter(product__in=[one.product_id for one in fresh])
    later = (
        changed.current().filter(starts_on__gt=starts_on).values_list("product").annotate(Min("starts_on"))
    )
    ends = dict(later.order_by())
    make_room_for_all(changed.filter(starts_on__lte=starts_on), starts_on)
    record_all(
        Price(
            book=book,
            product_id=one.product_id,
            price_minor=one.price_minor,
            tax=one.tax,
            starts_on=starts_on,
            stops_on=ends.get(one.product_id),
            recorded_by_id=by,
        )
        for one in fresh
        if one.price_minor is not None
    )
    return len(fresh)


def _check_prices(starts_on: date, prices: Sequence[PriceInput]) -> None:
    if not FIRST_YEAR <= starts_on.year <= LAST_YEAR:
        message = _("A day lies between %(first)s and %(last)s.") % {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise Refused(message, path="starts_on", code="date_range")
    if len(prices) > MOST_PRICES:
        message = _("At most %(most)s prices at once.") % {"most": MOST_PRICES}
        raise Refused(message, path="prices", code="too_many_prices")
    known = set(
        Product.objects.filter(pk__in=[one.product_id for one in prices]).values_list("pk", flat=True)
    )
    for index, one in enumerate(prices):
        path = f"prices.{index}"
        if one.product_id not in known:
            raise Refused(_("There is no such product."), path=f"{path}.product_id", code="unknown_product")
        if one.price_minor is not None and not 0 <= one.price_minor < MOST_MINOR:
            message = _("A price is zero or more, with at most 12 digits before the decimals.")
            raise Refused(message, path=f"{path}.price_minor", code="amount_range")
        check_tax(one.tax, f"{path}.tax")
    if len({one.product_id for one in prices}) < len(prices):
        raise Refused(_("A product stands there twice."), path="prices", code="product_twice")


def check_tax(tax: Decimal | None, path: str) -> None:
    """Raises Refused for a tax that is no percentage with at most three decimals."""
    if tax is None:
        return
    exponent = tax.normalize().as_tuple().exponent
    if not (isinstance(exponent, int) and -exponent <= MOST_TAX_PLACES and 0 <= tax <= 100):
        message = _("A tax is between 0 and 100 percent, with at most %(places)s decimals.")
        raise Refused(message % {"places": MOST_TAX_PLACES}, path=path, code="tax_range")
