"""The products and bundles of a deal, line by line."""

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.forms.prices import PercentField
from catalog.models import Product
from catalog.rules import Source
from catalog.selectors.prices import Offer, Offers, books_of, offers_by_book
from catalog.selectors.products import sold_on
from common.errors import Refused
from common.forms import MoneyField, WholeField, version_field
from common.locale import format_amount
from common.money import exponent
from common.selectors import today
from pipeline.models import Opportunity
from pipeline.rules.lines import MOST_LINES, MOST_MONTHS, MOST_PLACES, MOST_QUANTITY
from pipeline.selectors.lines import Entry
from pipeline.services import LineInput


def said_source(offer: Offer) -> str:
    """Where a price comes from, in words."""
    if offer.source == Source.LIST:
        return _("list price")
    if offer.source == Source.USUAL:
        return _("%(book)s, the usual book") % {"book": offer.book}
    return offer.book


class ProductSelect(forms.Select):
    """Products with what each costs by each book, for the script that fills prices."""

    facts: Mapping[int, Mapping[str, str]] = {}

    def create_option(self, name: str, value: Any, *args: Any, **more: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **more)
        if isinstance(value, int):
            option["attrs"] |= self.facts[value]
        return option


class LineForm(forms.Form):
    """A product or a bundle: how many at which price each; an empty price is taken from the book."""

    product = forms.TypedChoiceField(label=gettext_lazy("Product"), coerce=int, widget=ProductSelect)
    quantity = WholeField(label=gettext_lazy("Quantity"), least=1, most=MOST_QUANTITY, initial=1)
    price = MoneyField(label=gettext_lazy("Price each"), required=False)
    discount = PercentField(label=gettext_lazy("Discount %"), required=False, places=MOST_PLACES)
    term = WholeField(label=gettext_lazy("Months"), least=1, most=MOST_MONTHS, required=False)

    def __init__(
        self,
        *args: Any,
        products: dict[int, Product],
        facts: dict[int, dict[str, str]],
        currency: str,
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.products, self.currency = products, currency
        self.fields["price"].currency = currency  # type: ignore[attr-defined]
        choices = [("", _("no product")), *((pk, _name(product)) for pk, product in products.items())]
        self.fields["product"].choices = choices  # type: ignore[attr-defined]
        self.fields["product"].widget.facts = facts

    def priced(self, offers: Offers) -> LineInput | None:
        """As the service takes it, with the price of the book where none is typed; None with an error in the line."""
        row = self.cleaned_data
        product, price = self.products[row["product"]], row["price"]
        if price is None and product.pk in offers:
            price = offers[product.pk].price_minor
        if price is None:
            message = _("There is no price for it in %(currency)s. Write the price.")
            self.add_error("price", message % {"currency": self.currency})
            return None
        return LineInput(product.pk, row["quantity"], price, row["discount"] or Decimal(0), row["term"])


def _name(product: Product) -> str:
    return _("%(name)s (bundle)") % {"name": product.name} if product.is_bundle else product.name


def _chosen(data: Mapping[str, Any]) -> set[int]:
    """The products that were sent: one that was retired meanwhile stays chosen, and the service says since when."""
    sent = (str(data.get(f"lines-{index}-product", "")) for index in range(MOST_LINES + 1))
    return {int(text) for text in sent if text.isascii() and text.isdigit() and len(text) < 10}


LINE = re.compile(r"lines\.([0-9]+)\.([a-z_]+)")
LIMITS: dict[str, Any] = {"max_num": MOST_LINES, "absolute_max": MOST_LINES + 1, "validate_max": True}
LineFormSet = forms.formset_factory(LineForm, can_delete=True, **LIMITS)


class LinesForm(forms.Form):
    """What stands on a deal and an empty line; a line without a product, left as it was offered, is no line."""

    version = version_field()
    price_book_id = forms.TypedChoiceField(
        label=gettext_lazy("Price book"), coerce=int, empty_value=None, required=False
    )

    def __init__(self, data: Any = None, *, deal: Opportunity, entries: Sequence[Entry]) -> None:
        super().__init__(data, initial={"version": deal.version, "price_book_id": deal.price_book_id})
        self.places = exponent(deal.currency)
        books = list(books_of(deal.currency, deal.price_book_id))
        if all(book.is_usual for book in books) and deal.price_book_id is None:
            del self.fields["price_book_id"]
        else:
            choices = [
                ("", _("the usual one")),
                *((book.pk, book.name) for book in books if not book.is_usual),
            ]
            self.fields["price_book_id"].choices = choices  # type: ignore[attr-defined]
        kept = {entry.product.pk for entry in entries} | _chosen(data or {})
        products = {row.pk: row for row in sold_on(today(), kept)}
        chosen = [None, *(book.pk for book in books)]
        self.offers = offers_by_book(products.values(), deal.currency, chosen, today())
        options = {
            "products": products,
            "facts": self._facts(products, deal.currency),
            "currency": deal.currency,
        }
        initial = [
            {
                "product": entry.product.pk,
                "quantity": entry.quantity,
                "price": entry.price_minor,
                "discount": entry.discount or None,
                "term": entry.term_months,
            }
            for entry in entries
        ]
        self.lines = LineFormSet(data, initial=initial, prefix="lines", form_kwargs=options)

    def _facts(self, products: Mapping[int, Product], currency: str) -> dict[int, dict[str, str]]:
        """What the script needs of each product: its price and where it is from, by book; whether it recurs."""
        facts = {}
        for pk, product in products.items():
            prices = {
                str(book or ""): [format_amount(offers[pk].price_minor, currency), said_source(offers[pk])]
                for book, offers in self.offers.items()
                if pk in offers
            }
            recurs = {"data-recurs": ""} if product.kind == Product.Kind.RECURRING else {}
            facts[pk] = {"data-prices": json.dumps(prices), **recurs}
        return facts

    def clean(self) -> dict[str, Any]:
        """As the service takes it: without the lines that are empty or were removed."""
        if not self.lines.is_valid():
            self.add_error(None, _("Look at the lines below."))
            return self.cleaned_data
        offers = self.offers.get(self.cleaned_data.get("price_book_id"), {})
        forms_kept = [
            line
            for line in self.lines
            if line.cleaned_data.get("product") and not line.cleaned_data["DELETE"]
        ]
        self._kept = forms_kept
        lines = [line.priced(offers) for line in forms_kept]
        if None in lines:
            self.add_error(None, _("Look at the lines below."))
        return {**self.cleaned_data, "lines": lines}

    def place(self, refused: Refused) -> None:
        """Say what the act refused of one line beside its field, too."""
        if match := LINE.fullmatch(refused.path):
            line, name = self._kept[int(match[1])], re.sub("_(id|minor|months)$", "", match[2])
            line.add_error(name if name in line.fields else None, str(refused.message))
