"""The products and bundles on a deal."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from catalog.models import BundlePart, PriceBook, Product
from catalog.rules import spread
from catalog.selectors.prices import Offers, offers
from catalog.selectors.products import parts_of
from common.checks import refuse_unknown
from common.errors import Refused
from common.locale import format_date
from common.selectors import today
from common.transaction import act
from pipeline.models import Opportunity, OpportunityLine
from pipeline.rules.lines import MOST_LINES, MOST_MONTHS, MOST_PLACES, line_amount
from pipeline.selectors.lines import Entry, entries
from pipeline.services.checks import check_amount, check_item, open_deal
from pipeline.services.telling import tell_owner

WHOLE = 100
RECURRING = Product.Kind.RECURRING


@dataclass(frozen=True)
class LineInput:
    """A product or a bundle of a deal as asked for: how many, at which price each in minor units of its currency.

    Without a price it takes that of the deal's price book. `discount` is in percent, the term for what recurs alone.
    """

    product_id: int
    quantity: int
    price_minor: int | None = None
    discount: Decimal = Decimal(0)
    term_months: int | None = None


@act
def set_lines(
    *, by: int, opportunity_id: int, version: int, lines: Sequence[LineInput], **book: Any
) -> Opportunity:
    """Replace what stands on an open deal; the deal's amount becomes the sum, and stays where there is nothing.

    A bundle becomes the lines of its parts. What stays keeps its kind, though its product may no longer be sold.
    `price_book_id`, where it is named, is the book that the deal takes prices from; None: the usual one.
    Whoever may edit the deal. Raises Refused with the path of what is unknown, out of range, no longer sold or without
    a price, Conflict on a closed deal. Answers the deal as it was read.
    """
    deal = open_deal(opportunity_id, version)
    book_id = _checked_book(deal, book)
    standing = entries(deal)
    wanted = _wanted(deal, lines, standing, book_id)
    total = sum(one.amount_minor for one in wanted)
    check_amount(total, "lines")
    changes = {"price_book_id": book_id, **({"amount_minor": total} if lines else {})}
    Opportunity.objects.change(deal.pk, version, **changes)
    _write(deal, wanted, standing)
    if lines and total != deal.amount_minor:
        tell_owner(deal, by, ["amount_minor"])
    return deal


def _checked_book(deal: Opportunity, book: Mapping[str, Any]) -> int | None:
    """The book that the deal takes prices from: one of its currency, which stands or which it has already."""
    refuse_unknown(book, ["price_book_id"])
    book_id: int | None = book.get("price_book_id", deal.price_book_id)
    if book_id is None or book_id == deal.price_book_id:
        return book_id
    found = PriceBook.objects.filter(pk=book_id).first()
    if found is None:
        raise Refused(_("There is no such price book."), path="price_book_id", code="unknown_book")
    if found.is_retired:
        raise Refused(_("This price book is retired."), path="price_book_id", code="retired_book")
    if found.currency != deal.currency:
        message = _("The prices of %(book)s are in %(currency)s.")
        names = {"book": found.name, "currency": found.currency}
        raise Refused(message % names, path="price_book_id", code="book_currency")
    return book_id


@dataclass(frozen=True)
class _Wanted:
    """What was asked for, checked; `entry`: where it stands already; `parts`: of a new bundle."""

    asked: LineInput
    product: Product
    price_minor: int
    tax: Decimal | None
    entry: Entry | None
    parts: Sequence[BundlePart]

    @property
    def amount_minor(self) -> int:
        asked = self.asked
        return line_amount(asked.quantity, self.price_minor, asked.discount, asked.term_months)

    @property
    def count(self) -> int:
        """How many lines it has."""
        return len(self.entry.lines) if self.entry else len(self.parts) or 1


def _wanted(
    deal: Opportunity, lines: Sequence[LineInput], standing: Sequence[Entry], book_id: int | None
) -> list[_Wanted]:
    """Each of the lines checked, with its price and where it stands. Raises Refused with the line's path."""
    products = Product.objects.in_bulk({line.product_id for line in lines})
    for index, line in enumerate(lines):
        check_item(line.product_id, line.quantity, f"lines.{index}", products)
    offered = offers(products.values(), deal.currency, book_id, today())
    parts = parts_of([product.pk for product in products.values() if product.is_bundle])
    left, wanted = list(standing), []
    for index, line in enumerate(lines):
        entry = next((one for one in left if one.product.pk == line.product_id), None)
        if entry:
            left.remove(entry)
        inner = [] if entry else parts.get(line.product_id, [])
        wanted.append(_checked(line, products[line.product_id], entry, inner, offered, f"lines.{index}"))
    if sum(one.count for one in wanted) > MOST_LINES:
        message = _("An opportunity has at most %(most)s lines.") % {"most": MOST_LINES}
        raise Refused(message, path="lines", code="too_many_lines")
    return wanted


def _checked(
    line: LineInput,
    product: Product,
    entry: Entry | None,
    parts: Sequence[BundlePart],
    offered: Offers,
    path: str,
) -> _Wanted:
    if entry is None:
        _check_sold([product, *(part.product for part in parts)], f"{path}.product_id")
    offer = offered.get(product.pk)
    price = line.price_minor if line.price_minor is not None or offer is None else offer.price_minor
    if price is None:
        message = _("There is no price for %(name)s. Write the price.") % {"name": product.name}
        raise Refused(message, path=f"{path}.price_minor", code="price_missing")
    check_amount(price, f"{path}.price_minor")
    check_discount(line.discount, f"{path}.discount")
    recurs = entry.recurs if entry else _recurs(product, parts)
    _check_term(line.term_months, product, f"{path}.term_months", recurs=recurs)
    kept = entry.tax if entry else None
    tax = kept if offer is None or offer.tax is None else offer.tax
    return _Wanted(line, product, price, tax, entry, parts)


def _recurs(product: Product, parts: Sequence[BundlePart]) -> bool:
    """Whether its price is that of a month; of a bundle, where a part has the line that keeps the term."""
    has_place = not parts or any(part.product.kind == RECURRING for part in parts)
    return product.kind == RECURRING and has_place


def _check_sold(products: Collection[Product], path: str) -> None:
    """All of them are sold today."""
    for product in products:
        if not product.is_sold_on(today()):
            message = _("%(name)s is no longer sold since %(day)s.")
            names = {"name": product.name, "day": format_date(product.retired_on)}
            raise Refused(message % names, path=path, code="not_sold")


def check_discount(discount: Decimal, path: str) -> None:
    """Raises Refused for what is no discount in percent with at most six decimals."""
    places = discount.normalize().as_tuple().exponent
    if not (isinstance(places, int) and -places <= MOST_PLACES and 0 <= discount <= WHOLE):
        message = _("A discount is between 0 and 100 percent, with at most %(places)s decimals.")
        raise Refused(message % {"places": MOST_PLACES}, path=path, code="discount_range")


def _check_term(months: int | None, product: Product, path: str, *, recurs: bool) -> None:
    if months is None:
        return
    if not recurs:
        message = _("%(name)s does not recur, so it has no term.") % {"name": product.name}
        raise Refused(message, path=path, code="nothing_recurs")
    if not 1 <= months <= MOST_MONTHS:
        message = _("A term is between 1 and %(most)s months.") % {"most": MOST_MONTHS}
        raise Refused(message, path=path, code="term_range")


def _write(deal: Opportunity, wanted: Sequence[_Wanted], standing: Sequence[Entry]) -> None:
    """Keep the rows of what stays, so that their history goes on; add what is new, remove what is gone."""
    last = deal.lines.aggregate(last=Max("bundle_number"))["last"] or 0
    kept = {id(one.entry) for one in wanted if one.entry}
    for one in wanted:
        if one.entry:
            _change(one, one.entry)
        elif one.parts:
            last += 1
            _add_bundle(deal, one, last)
        else:
            values = _values(one, one.product.kind)
            deal.lines.create(
                product=one.product, kind=one.product.kind, **values, quantity=one.asked.quantity
            )
    for entry in standing:
        if id(entry) not in kept:
            for row in entry.lines:
                OpportunityLine.objects.change(row.pk, row.version, is_removed=True)


def _values(one: _Wanted, kind: str) -> dict[str, Any]:
    """What every line of an entry has alike; a term only where the line's own product recurs."""
    term = one.asked.term_months if kind == RECURRING else None
    return {
        "price_minor": one.price_minor,
        "discount": one.asked.discount,
        "term_months": term,
        "tax": one.tax,
    }


def _add_bundle(deal: Opportunity, one: _Wanted, number: int) -> None:
    """The lines of a bundle's parts, the price spread over them."""
    each = [(part.quantity, _listed(part.product, deal.currency)) for part in one.parts]
    for part, share in zip(one.parts, spread(one.amount_minor, each), strict=True):
        deal.lines.create(
            product=part.product,
            kind=part.product.kind,
            quantity=part.quantity * one.asked.quantity,
            bundle=one.product,
            bundle_number=number,
            bundle_quantity=one.asked.quantity,
            part_minor=share,
            **_values(one, part.product.kind),
        )


def _change(one: _Wanted, entry: Entry) -> None:
    """Bring the lines that stand to what was asked for, a bundle's all together; the same again changes nothing."""
    asked = one.asked
    now = (entry.quantity, entry.price_minor, entry.discount, entry.term_months)
    if now == (asked.quantity, one.price_minor, asked.discount, asked.term_months):
        return
    if not entry.is_bundle:
        (row,) = entry.lines
        values = _values(one, row.kind)
        OpportunityLine.objects.change(row.pk, row.version, **values, quantity=asked.quantity)
        return
    currency = entry.lines[0].opportunity.currency
    numbers = [row.quantity // entry.quantity for row in entry.lines]
    each = [
        (number, _listed(row.product, currency)) for number, row in zip(numbers, entry.lines, strict=True)
    ]
    shares = spread(one.amount_minor, each)
    for row, number, share in zip(entry.lines, numbers, shares, strict=True):
        values = {**_values(one, row.kind), "quantity": number * asked.quantity, "part_minor": share}
        OpportunityLine.objects.change(row.pk, row.version, **values, bundle_quantity=asked.quantity)


def _listed(product: Product, currency: str) -> int | None:
    return product.list_price_minor if product.currency == currency else None
