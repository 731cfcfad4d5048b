"""Input about potential, and about the norms behind workload."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import CoverageModel
from accounts.models.potential import MOST_MINUTES, MOST_TOUCHES
from catalog.models import Family
from common.forms import LineField, LocaleDateField, MoneyField, WholeField
from common.selectors import the_organisation, years
from workspace.models import ListValue
from workspace.selectors.lists import offered


class PotentialForm(forms.Form):
    """What an account could buy of a family in a fiscal year; empty: not known any more."""

    family_id = forms.TypedChoiceField(label=_("Product family"), coerce=int)
    year_id = forms.TypedChoiceField(label=_("Fiscal year"), coerce=int)
    amount_minor = MoneyField(label=_("Potential"), required=False, help_text=_("Empty: not known any more."))
    as_of = LocaleDateField(label=_("As of"))
    source = LineField(label=_("Source"), required=False, max_length=120)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _offer(self, "family_id", [(row.pk, row.name) for row in Family.objects.all()])
        _offer(self, "year_id", [(row.pk, row.code) for row in years()])
        self.fields["amount_minor"].currency = the_organisation().reporting_currency  # type: ignore[attr-defined]


class NormForm(forms.Form):
    """How often accounts of a segment and tier are to be touched, and how long that takes."""

    segment: forms.Field = LineField(label=_("Segment"), required=False, max_length=80)
    tier: forms.Field = LineField(label=_("Tier"), required=False, max_length=80)
    touches = WholeField(label=_("Touches a year"), most=MOST_TOUCHES)
    minutes = WholeField(label=_("Minutes a touch"), most=MOST_MINUTES)
    starts_on = LocaleDateField(label=_("From"), help_text=_("Earlier days keep their norm."))
    reason = LineField(label=_("Reason"), required=False, max_length=200)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _offer_list(self, "segment", ListValue.List.SEGMENT)
        _offer_list(self, "tier", ListValue.List.TIER)


class CoverageModelForm(forms.Form):
    """How accounts of a segment are sold to."""

    segment: forms.Field = LineField(label=_("Segment"), max_length=80)
    way = forms.ChoiceField(
        label=_("Coverage model"),
        choices=CoverageModel.Way.choices,
        help_text=_(
            "Field: people who visit; inside: by phone and online; partner: companies that sell for us."
        ),
    )
    starts_on = LocaleDateField(label=_("From"))
    reason = LineField(label=_("Reason"), required=False, max_length=200)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _offer_list(self, "segment", ListValue.List.SEGMENT)


def _offer_list(form: forms.Form, name: str, values: ListValue.List) -> None:
    """The values on offer; where the list offers none, what is typed."""
    if on_offer := offered(values):
        field = form.fields[name]
        choices = [("", "—"), *((value, value) for value in on_offer)]
        form.fields[name] = forms.ChoiceField(label=field.label, required=field.required, choices=choices)


def _offer(form: forms.Form, name: str, choices: list[Any]) -> None:
    form.fields[name].choices = choices  # type: ignore[attr-defined]
