"""Input about what is sold."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Family
from common.forms import LineField, MoneyField, currency_choices, version_field


class FamilyForm(forms.Form):
    """A product family."""

    name = LineField(label=_("Name"), max_length=120)
    code = LineField(
        label=_("Code"), max_length=40, help_text=_("Short and unique; files and the API use it.")
    )


class FamilyEditForm(FamilyForm):
    """A product family that somebody read at a version."""

    version = version_field()


class ProductForm(forms.Form):
    """A product with its list price."""

    name = LineField(label=_("Name"), max_length=120)
    code = LineField(
        label=_("Code"), max_length=40, help_text=_("Short and unique; files and the API use it.")
    )
    family_id = forms.TypedChoiceField(label=_("Family"), coerce=int)
    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices)
    list_price_minor = MoneyField(
        label=_("List price"), required=False, help_text=_("Left empty, the price is agreed deal by deal.")
    )
    is_sold = forms.BooleanField(label=_("It is sold today"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        families = [(family.pk, family.name) for family in Family.objects.all()]
        self.fields["family_id"].choices = [("", "—"), *families]  # type: ignore[attr-defined]
        chosen = self.data.get("currency") or self.initial.get("currency")
        if chosen in dict(currency_choices()):
            self.fields["list_price_minor"].currency = chosen  # type: ignore[attr-defined]


class ProductEditForm(ProductForm):
    """A product that somebody read at a version."""

    version = version_field()
