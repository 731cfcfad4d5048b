"""Input about modules."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.rules import ConditionsForm
from accounts.rules.conditions import Faulty
from accounts.selectors.offers import Modules
from common.forms import LineField, LocaleDateField, PickedField, version_field
from common.pickers import PickField

FIRST_DAY_OUT = _("The first day on which they are not in it any more.")


class ModuleForm(ConditionsForm):
    """A module's name, what it is for, and which accounts it can be filled with, if that is to be said."""

    name = LineField(label=_("Name"), max_length=120)
    note = LineField(
        label=_("Note"), required=False, max_length=400, help_text=_("What these accounts have in common.")
    )

    def _refuse(self, fault: Faulty) -> None:
        """Without any condition it is filled by hand."""
        if any(line.cleaned_data.get("condition") and not line.cleaned_data["DELETE"] for line in self.lines):
            super()._refuse(fault)


class ModuleEditForm(ModuleForm):
    """A module that somebody read at a version."""

    version = version_field()


class ModuleRetireForm(forms.Form):
    """A module that is used no more, or again."""

    version = version_field()


class PickedForm(forms.Form):
    """What is to become of accounts that were picked in a list."""

    account = PickedField()

    def clean(self) -> dict[str, Any]:
        cleaned = dict(self.cleaned_data)
        ids = cleaned.pop("account", [])
        return {**cleaned, "account_ids": ids}


class ModuleAddForm(PickedForm):
    """Into which module they go, and from which day on."""

    module_id = PickField(
        label=_("Module"), required=False, offer=Modules(), nothing=_("A new one, called …")
    )
    name = LineField(
        label=_("Name of a new module"),
        required=False,
        max_length=120,
        help_text=_("Where none is chosen above."),
    )
    starts_on = LocaleDateField(label=_("From"))
    reason = LineField(label=_("Reason"), required=False, max_length=200)
    moves = forms.BooleanField(label=_("Move over those that are in another module"), required=False)


class ModuleTakeOutForm(PickedForm):
    """From which day on they are not in their module any more."""

    starts_on = LocaleDateField(label=_("From"), help_text=FIRST_DAY_OUT)
    reason = LineField(label=_("Reason"), required=False, max_length=200)


class ModuleFillForm(forms.Form):
    """What the conditions of a module bring into it, as it was shown."""

    starts_on = LocaleDateField(widget=forms.HiddenInput)
    shown = forms.CharField(widget=forms.HiddenInput)
    reason = LineField(label=_("Reason"), required=False, max_length=200)
    moves = forms.BooleanField(label=_("Move over those that are in another module"), required=False)
