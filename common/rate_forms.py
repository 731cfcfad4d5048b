"""Forms of exchange rates: one that is typed, and a file of published ones."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import LineField, LocaleDateField, RateField, currency_choices
from common.models import Rate
from common.published_rates import MOST_BYTES, Asked


class RateForm(forms.Form):
    """What one unit of a currency is worth in the reporting currency."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=Rate.Kind.choices,
        help_text=_(
            "Plan rates make quota and attainment, booked rates make finance figures. Current rates value the pipeline "
            "of a day; without one the booked rate does."
        ),
    )
    currency = forms.ChoiceField(
        label=_("Currency"), choices=lambda: [("", _("Choose a currency")), *currency_choices()]
    )
    value = RateField(label=_("One unit is worth"))
    starts_on = LocaleDateField(label=_("From"))
    stops_on = LocaleDateField(
        label=_("Until"), required=False, help_text=_("The first day on which it no longer holds.")
    )
    source = LineField(label=_("Source"), required=False, max_length=120)


class RateFileForm(forms.Form):
    """A file of published rates."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("eurofxref-hist.zip of the European Central Bank, or the CSV file in it. At most 5 MB."),
        widget=forms.FileInput(attrs={"accept": ".zip,.csv"}),
    )

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if upload.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 5 MB."), code="too_large")
        return upload

    def clean(self) -> dict[str, Any]:
        upload = (super().clean() or {}).get("file")
        return {"name": upload.name, "content": upload.read()} if upload else {}


class RateImportForm(forms.Form):
    """Which rates of a file are brought in, as what, from which day on; `shown` names what was looked at."""

    kind = forms.ChoiceField(
        label=_("As"), choices=[(kind, kind.label) for kind in (Rate.Kind.BOOKED, Rate.Kind.CURRENT)]
    )
    starts_on = LocaleDateField(label=_("From"))
    currencies = forms.MultipleChoiceField(label=_("Currencies"), widget=forms.CheckboxSelectMultiple)
    ends_typed = forms.BooleanField(
        label=_("End rates that were typed before that day without an end"),
        required=False,
        help_text=_("Otherwise they stay, and hold instead of the published ones."),
    )
    shown = LineField(required=False, max_length=64)

    def __init__(self, *args: Any, currencies: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        named = dict(currency_choices())
        choices = [(code, named.get(code, code)) for code in currencies]
        self.fields["currencies"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        shown = cleaned.pop("shown")
        cleaned["currencies"] = tuple(sorted(cleaned["currencies"]))
        return {"asked": Asked(**cleaned), "shown": shown}
