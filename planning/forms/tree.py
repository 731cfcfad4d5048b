"""Input about territories that are retired, merged or split."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import formset_factory
from django.utils.html import format_html
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from accounts.services import some_of
from common.forms import LineField, LocaleDateField, TextField
from planning.rules.splitting import Candidate, Choice, words_of
from planning.selectors.tree import candidates
from planning.services import MOST_PARTS, Part
from territories.forms import TerritoryField
from territories.selectors.offers import Heirs

FEW_LINES = {"rows": 2}


class RetireForm(forms.Form):
    """From when on a territory is in the tree no more."""

    on = LocaleDateField(label=_("First day without it"))
    reason = LineField(label=_("Reason"), required=False, max_length=200)


class SeenForm(forms.Form):
    """What changes more than a page can take back: `seen` says what was shown before."""

    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


class MergeForm(SeenForm):
    """Which territory has from a day on what another one had."""

    into_id = TerritoryField(label=_("Into"))
    on = LocaleDateField(label=_("From"), help_text=_("Earlier days keep what they had."))
    reason = LineField(label=_("Reason"), required=False, max_length=200)

    def __init__(self, *args: Any, territory_id: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["into_id"].offer = Heirs(self.initial.get("on"), territory_id)  # type: ignore[attr-defined]


class PartForm(forms.Form):
    """A new territory and which accounts it takes."""

    name = LineField(label=_("Name"), max_length=120)
    code = LineField(label=_("Code"), max_length=40)
    places = TextField(
        label=_("Places"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(FEW_LINES),
        help_text=_("Towns, regions, countries, or how postal codes begin, such as 941, 95."),
    )
    numbers = TextField(
        label=_("Account numbers"), required=False, max_length=40_000, widget=forms.Textarea(FEW_LINES)
    )

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if not (self.errors or given["places"] or given["numbers"]):
            message = now_("Say which accounts it takes: by their places, or by their numbers.")
            raise forms.ValidationError(message, code="nothing_chosen")
        return given

    def part(self, candidates: Sequence[Candidate]) -> Part:
        """The part with the accounts that are chosen for it; what names none of them is an error."""
        given = self.cleaned_data
        choice = Choice(words_of(given["places"]), words_of(given["numbers"]))
        if lost := choice.unknown(candidates):
            message = now_("No account here: %(words)s. Correct it or leave it out.")
            field = "places" if lost[0] in choice.places else "numbers"
            self.add_error(field, message % {"words": some_of(lost)})
        return Part(given["name"], given["code"], [each.pk for each in choice.of(candidates)])


LIMITS: dict[str, Any] = {"max_num": MOST_PARTS, "absolute_max": MOST_PARTS + 1, "validate_max": True}
PartFormSet = formset_factory(PartForm, extra=1, min_num=1, validate_min=True, **LIMITS)


class SplitForm(SeenForm):
    """From when on new territories stand beside one, and which of its accounts each takes."""

    on = LocaleDateField(label=_("From"), help_text=_("Earlier days keep what they had."))
    reason = LineField(label=_("Reason"), required=False, max_length=200)

    def __init__(self, data: Any = None, *, territory_id: int, **options: Any) -> None:
        super().__init__(data, **options)
        self.territory_id = territory_id
        self.candidates: list[Candidate] = []
        self.parts = PartFormSet(data, prefix="parts")

    def clean(self) -> dict[str, Any]:
        """The values of the act; the parts with the accounts that are in the territory on the day."""
        given = dict(self.cleaned_data)
        if not self.parts.is_valid():
            raise forms.ValidationError(self._wrong(), code="parts")
        if not self.errors:
            self.candidates = candidates(self.territory_id, given["on"])
            given["parts"] = [each.part(self.candidates) for each in self.parts if each.has_changed()]
        if not all(each.is_valid() for each in self.parts):
            raise forms.ValidationError(self._wrong(), code="parts")
        return given

    def _wrong(self) -> list[str]:
        """What is wrong with the parts, each with the way to its field."""
        said = [str(error) for error in self.parts.non_form_errors()]
        for part in self.parts:
            for name, errors in part.errors.items():
                field = part["places" if name == NON_FIELD_ERRORS else name]
                link = '<a href="#{}">{}</a>: {}'
                said += [format_html(link, field.auto_id, field.label, error) for error in errors]
        return said
