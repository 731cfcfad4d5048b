"""Input about accounts that are one."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.selectors import named
from common.forms import LineField, WholeField, version_field
from common.transaction import reach


class SurvivorForm(forms.Form):
    """The account that stays: picked from what was found; without a script its full name finds it."""

    into = WholeField(label=_("Account that stays"), required=False, least=1, widget=forms.HiddenInput)
    into_name = LineField(label=_("Account that stays"), required=False, max_length=160)

    def clean(self) -> dict[str, Any]:
        picked, typed = self.cleaned_data.get("into"), self.cleaned_data.get("into_name", "")
        if picked is None and typed:
            found = named(reach(), typed)
            picked = found[0] if len(found) == 1 else None
            refusal = _("Pick an account from the list.") if found else _("There is no account of that name.")
            if picked is None:
                self.add_error("into", refusal)
        return {"into": picked}


class AccountMergeForm(forms.Form):
    """Why two accounts are one."""

    survivor_id = WholeField(least=1, widget=forms.HiddenInput)
    reason = LineField(label=_("Reason"), max_length=120)


class UndoMergeForm(forms.Form):
    """The undoing of a merge that somebody read at a version."""

    version = version_field()
