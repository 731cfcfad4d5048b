"""Input about how customers are classified."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.modules import PickedForm
from accounts.models import CLASSES, Classification
from accounts.services.standing import LISTS
from common.forms import LineField, LocaleDateField
from workspace.selectors.lists import offered


class ClassifyForm(forms.Form):
    """The classes of a customer from a day on; a value on offer, or any where the list offers none."""

    segment: forms.Field = LineField(label=_("Segment"), required=False, max_length=80)
    tier: forms.Field = LineField(label=_("Tier"), required=False, max_length=80)
    business_unit: forms.Field = LineField(label=_("Business unit"), required=False, max_length=80)
    is_strategic = forms.BooleanField(label=_("Strategic"), required=False)
    starts_on = LocaleDateField(
        label=_("From"),
        help_text=_("Earlier days keep what they had. What was planned for later days is dropped."),
    )
    reason = LineField(label=_("Reason"), required=False, max_length=200)

    def __init__(self, *args: Any, held: Classification, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in CLASSES:
            self.initial.setdefault(name, getattr(held, name))
        for name, values in LISTS.items():
            own = self.initial[name]
            if on_offer := offered(values):
                choices = dict.fromkeys([*on_offer, *([own] if own else [])])
                self.fields[name] = forms.ChoiceField(
                    label=self.fields[name].label,
                    required=False,
                    choices=[("", "—"), *((value, value) for value in choices)],
                )


class ClassifyManyForm(PickedForm):
    """The classes of accounts that were picked in a list; what is left empty stays as each of them has it."""

    segment: forms.Field = LineField(label=_("Segment"), required=False, max_length=80)
    tier: forms.Field = LineField(label=_("Tier"), required=False, max_length=80)
    business_unit: forms.Field = LineField(label=_("Business unit"), required=False, max_length=80)
    is_strategic = forms.ChoiceField(
        label=_("Strategic"),
        required=False,
        choices=[("", _("as each of them has it")), ("yes", _("yes")), ("no", _("no"))],
    )
    starts_on = LocaleDateField(
        label=_("From"),
        help_text=_("Earlier days keep what they had. What was planned for later days is dropped."),
    )
    reason = LineField(label=_("Reason"), required=False, max_length=200)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, values in LISTS.items():
            if on_offer := offered(values):
                self.fields[name] = forms.ChoiceField(
                    label=self.fields[name].label,
                    required=False,
                    choices=[("", _("as each of them has it")), *((value, value) for value in on_offer)],
                )

    def clean(self) -> dict[str, Any]:
        """As the service takes it: only what is to change."""
        cleaned = super().clean()
        given = {name: cleaned.pop(name, "") for name in CLASSES}
        changes: dict[str, Any] = {name: value for name, value in given.items() if value}
        if changes.get("is_strategic"):
            changes["is_strategic"] = changes["is_strategic"] == "yes"
        if not (changes or self.errors):
            self.add_error(None, _("Say what is to change."))
        return {**cleaned, **changes}
