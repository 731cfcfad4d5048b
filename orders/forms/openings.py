"""Opening entries: order intake from before the start."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Family
from common.forms import LineField, LocaleDateField, MoneyField
from orders.forms.entry import PersonField, chosen_currency, find_people
from orders.services import OpeningInput
from pipeline.models import Motion


class OpeningForm(forms.Form):
    """One person's order intake with one family before the product was in use."""

    person_id = PersonField(label=_("Person"))
    booked_on = LocaleDateField(label=_("Day"), help_text=_("It decides the month, the seat and the rate."))
    family_id = forms.TypedChoiceField(label=_("Product family"), coerce=int)
    amount_minor = MoneyField(
        label=_("Amount"),
        allow_negative=True,
        help_text=_("To take an entry back, post it again with a minus."),
    )
    currency = forms.ChoiceField(label=_("Currency"))
    motion = forms.ChoiceField(label=_("Motion"), choices=Motion.choices)
    is_new_business = forms.BooleanField(label=_("The customers were new"), required=False)
    source = LineField(
        label=_("Source"),
        max_length=200,
        help_text=_("Where the figure comes from: a file and its line, a report."),
    )

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["family_id"].choices = list(Family.objects.values_list("pk", "name"))  # type: ignore[attr-defined]
        self.fields["amount_minor"].currency = chosen_currency(self)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """As the service takes it: one entry."""
        find_people([self], "person_id")
        return self.cleaned_data if self.errors else {"entries": [OpeningInput(**self.cleaned_data)]}
