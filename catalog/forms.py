"""Input about what is sold."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Family
from common.forms import MoneyField, NamedForm, currency_choices, version_field


def family_choices() -> list[tuple[Any, str]]:
    return [("", "—"), *Family.objects.values_list("pk", "name")]


class ProductForm(NamedForm):
    """A product with its list price."""

    family_id = forms.TypedChoiceField(label=_("Family"), coerce=int, choices=family_choices)
    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices)
    list_price_minor = MoneyField(
        label=_("List price"), required=False, help_text=_("Left empty, the price is agreed deal by deal.")
    )
    is_sold = forms.BooleanField(label=_("It is sold today"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        chosen = self.data.get("currency") or self.initial.get("currency")
        if chosen in dict(currency_choices()):
            self.fields["list_price_minor"].currency = chosen  # type: ignore[attr-defined]


class ProductEditForm(ProductForm):
    """A product that somebody read at a version."""

    version = version_field()
