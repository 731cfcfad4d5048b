"""The products of a deal, line by line."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from common.forms import MoneyField, WholeField, version_field
from pipeline.models import Opportunity, OpportunityLine
from pipeline.rules import MOST_LINES, MOST_QUANTITY
from pipeline.services import LineInput


class LineForm(forms.Form):
    """One product: how many at which price each; an empty price is the list price."""

    product = forms.TypedChoiceField(label=_("Product"), coerce=int)
    quantity = WholeField(label=_("Quantity"), least=1, most=MOST_QUANTITY, initial=1)
    price = MoneyField(label=_("Price each"), required=False)

    def __init__(self, *args: Any, products: dict[int, Product], currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.products, self.currency = products, currency
        self.fields["price"].currency = currency  # type: ignore[attr-defined]
        choices = [("", _("no product")), *((pk, product.name) for pk, product in products.items())]
        self.fields["product"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Without a price the line takes the list price in this currency."""
        cleaned = dict(self.cleaned_data)
        product = self.products.get(cleaned.get("product") or 0)
        if product and cleaned.get("price") is None and "price" not in self.errors:
            cleaned["price"] = product.list_price_minor if product.currency == self.currency else None
            if cleaned["price"] is None:
                self.add_error("price", _("There is no list price in this currency. Write the price."))
        return cleaned


LIMITS: dict[str, Any] = {"max_num": MOST_LINES, "absolute_max": MOST_LINES + 1, "validate_max": True}
LineFormSet = forms.formset_factory(LineForm, can_delete=True, **LIMITS)


class LinesForm(forms.Form):
    """The lines of a deal and an empty one; a line without a product, left as it was offered, is no line."""

    version = version_field()

    def __init__(self, data: Any = None, *, deal: Opportunity, rows: Sequence[OpportunityLine]) -> None:
        super().__init__(data, initial={"version": deal.version})
        sold = Product.objects.filter(Q(is_sold=True) | Q(pk__in=[row.product_id for row in rows]))
        options = {"products": {product.pk: product for product in sold}, "currency": deal.currency}
        initial = [
            {"product": row.product_id, "quantity": row.quantity, "price": row.price_minor} for row in rows
        ]
        self.lines = LineFormSet(data, initial=initial, prefix="lines", form_kwargs=options)

    def clean(self) -> dict[str, Any]:
        """As the service takes it: without the lines that are empty or were removed."""
        if not self.lines.is_valid():
            self.add_error(None, _("Look at the lines below."))
            return self.cleaned_data
        rows = [line for line in self.lines.cleaned_data if line.get("product") and not line["DELETE"]]
        lines = [LineInput(row["product"], row["quantity"], row["price"]) for row in rows]
        return {**self.cleaned_data, "lines": lines}
