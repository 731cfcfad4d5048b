"""Families, products, and what bundles are made of."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import BundlePart, Product
from catalog.selectors.products import family_tree, vendors
from catalog.services.products import MOST_OF_A_PART, MOST_PARTS, PartInput
from common.forms import (
    LineField,
    LocaleDateField,
    MoneyField,
    NamedForm,
    WholeField,
    currency_choices,
    version_field,
)
from workspace.models import ListValue
from workspace.selectors.lists import offered

INDENT = "\u2003"


def family_choices(empty: Any = "—") -> list[tuple[Any, Any]]:
    """The families as a tree: those below one stand behind it, further in."""
    return [("", empty), *((row.family.pk, INDENT * row.depth + row.family.name) for row in family_tree())]


class FamilyForm(NamedForm):
    """A product family and the one that it lies below."""

    parent_id = forms.TypedChoiceField(
        label=_("Lies below"),
        coerce=int,
        empty_value=None,
        required=False,
        choices=lambda: family_choices(_("no other family")),
        help_text=_("Lists of a family show what lies below it too."),
    )


class FamilyEditForm(FamilyForm):
    """A family that somebody read at a version."""

    version = version_field()


class ProductForm(NamedForm):
    """A product with its list price."""

    family_id = forms.TypedChoiceField(label=_("Family"), coerce=int, choices=family_choices)
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=Product.Kind.choices,
        initial=Product.Kind.SOFTWARE,
        help_text=_("The price of what is recurring is that of a month."),
    )
    tier = forms.ChoiceField(
        label=_("Tier"),
        choices=Product.Tier.choices,
        initial=Product.Tier.PRIMARY,
        help_text=_("Ancillary is what is sold along with something else."),
    )
    vendor = LineField(label=_("Vendor"), required=False, max_length=80)
    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices)
    list_price_minor = MoneyField(
        label=_("List price"),
        required=False,
        help_text=_("Taken where no price book has a price. Left empty, the price is agreed deal by deal."),
    )
    retired_on = LocaleDateField(
        label=_("No longer sold from"), required=False, help_text=_("Empty while it is sold.")
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        chosen = self.data.get("currency") or self.initial.get("currency")
        if chosen in dict(currency_choices()):
            self.fields["list_price_minor"].currency = chosen  # type: ignore[attr-defined]
        if values := offered(ListValue.List.VENDOR):
            held = self.initial.get("vendor")
            kept = [held] if held and held not in values else []
            choices = [("", "—"), *((value, value) for value in [*values, *kept])]
            self.fields["vendor"] = forms.ChoiceField(label=_("Vendor"), required=False, choices=choices)
            self.order_fields(list(self.base_fields))


class ProductEditForm(ProductForm):
    """A product that somebody read at a version."""

    version = version_field()


class PartForm(forms.Form):
    """One part of a bundle."""

    product = forms.TypedChoiceField(label=_("Product"), coerce=int)
    quantity = WholeField(label=_("Quantity"), least=1, most=MOST_OF_A_PART, initial=1)

    def __init__(self, *args: Any, products: Sequence[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["product"].choices = [("", _("no product")), *products]  # type: ignore[attr-defined]


LIMITS: dict[str, Any] = {"max_num": MOST_PARTS, "absolute_max": MOST_PARTS + 1, "validate_max": True}
PartFormSet = forms.formset_factory(PartForm, can_delete=True, extra=2, **LIMITS)


class PartsForm(forms.Form):
    """What a bundle is made of; a row without a product is no part."""

    version = version_field()

    def __init__(self, data: Any = None, *, bundle: Product, parts: Sequence[BundlePart]) -> None:
        super().__init__(data, initial={"version": bundle.version})
        known = Product.objects.filter(is_bundle=False).exclude(pk=bundle.pk).values_list("pk", "name")
        initial = [{"product": part.product_id, "quantity": part.quantity} for part in parts]
        options = {"products": list(known)}
        self.parts = PartFormSet(data, initial=initial, prefix="parts", form_kwargs=options)

    def clean(self) -> dict[str, Any]:
        """As the service takes it: without the rows that are empty or were removed."""
        if not self.parts.is_valid():
            self.add_error(None, _("Look at the parts below."))
            return self.cleaned_data
        rows = [row for row in self.parts.cleaned_data if row.get("product") and not row["DELETE"]]
        return {**self.cleaned_data, "parts": [PartInput(row["product"], row["quantity"]) for row in rows]}


STATES = [("", _("all")), ("sold", _("sold")), ("retired", _("no longer sold"))]
FILTERS = ("q", "family", "kind", "tier", "vendor", "state")


class FilterForm(forms.Form):
    """What the list of products is narrowed by."""

    q = forms.CharField(label=_("Name or code"), required=False, max_length=200)
    family = forms.ChoiceField(label=_("Family"), required=False, choices=lambda: family_choices(_("all")))
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("all")), *Product.Kind.choices])
    tier = forms.ChoiceField(label=_("Tier"), required=False, choices=[("", _("all")), *Product.Tier.choices])
    vendor = forms.ChoiceField(
        label=_("Vendor"),
        required=False,
        choices=lambda: [("", _("all")), *((value, value) for value in vendors())],
    )
    state = forms.ChoiceField(label=_("State"), required=False, choices=STATES)
