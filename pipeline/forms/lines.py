"""The products of a deal, line by line."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from common.forms import MoneyField, WholeField, version_field
from pipeline.models import Opportunity, OpportunityLine
from pipeline.services import LineInput


class LineForm(forms.Form):
    """One product: how many at which price each; an empty price is the list price."""

    product = forms.TypedChoiceField(label=_("Product"), coerce=int)
    quantity = WholeField(label=_("Quantity"), least=1, most=1_000_000, initial=1)
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
            cleaned["price"] = self._list_price(product)
        return cleaned

    def _list_price(self, product: Product) -> int | None:
        if product.currency == self.currency and product.list_price_minor is not None:
            return product.list_price_minor
        self.add_error("price", _("There is no list price in this currency. Write the price."))
        return None

    def line(self) -> LineInput | None:
        """The line as the service takes it, or None where it is empty or was removed."""
        values = self.cleaned_data
        if not values.get("product") or values.get("DELETE"):
            return None
        return LineInput(values["product"], values["quantity"], values["price"])


class LinesForm(forms.Form):
    """The lines' own form: the version of the deal, and the refusals that concern them all."""

    version = version_field()


class LineForms(forms.BaseFormSet):  # type: ignore[type-arg]
    """The lines of a deal; a line without a product, left as it was offered, is no line."""

    def add_fields(self, form: LineForm, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("Remove")


LineFormSet = forms.formset_factory(
    LineForm, formset=LineForms, extra=1, can_delete=True, max_num=100, absolute_max=101, validate_max=True
)


def line_formset(deal: Opportunity, rows: list[OpportunityLine], data: Any = None) -> Any:
    """The deal's lines as forms, and an empty one."""
    sold = Product.objects.filter(is_sold=True) | Product.objects.filter(
        pk__in=[row.product_id for row in rows]
    )
    initial = [
        {"product": row.product_id, "quantity": row.quantity, "price": row.price_minor} for row in rows
    ]
    options = {"products": {product.pk: product for product in sold}, "currency": deal.currency}
    return LineFormSet(data, initial=initial, prefix="lines", form_kwargs=options)
