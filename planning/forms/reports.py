"""What the reports ask about."""

from django import forms
from django.utils.translation import gettext_lazy as _

from common.offers import Offer
from common.pickers import PickField
from territories.forms import TerritoryField
from territories.selectors.offers import People


class HeldForm(forms.Form):
    """Of which person or territory somebody asks what was held."""

    person = PickField(label=_("Person"), required=False, offer=People(with_left=True))
    territory = TerritoryField(label=_("or territory"), required=False)

    @classmethod
    def offers(cls) -> dict[str, Offer]:
        return {name: field.offer for name, field in cls.base_fields.items()}  # type: ignore[attr-defined]
