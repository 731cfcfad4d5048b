"""Input about accounts that go to a territory together."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from accounts.forms import CoverageField, PlaceField
from accounts.selectors.modules import members_of
from common.errors import Refused
from common.forms import LineField, LocaleDateField, PickedField, WholeField

MOST_CHOSEN = 500


class ChosenForm(forms.Form):
    """Which accounts: those that were chosen in a list, or all of a module."""

    chosen: Sequence[int] = ()
    account = PickedField(required=False)
    module = WholeField(required=False, least=1, widget=forms.HiddenInput)

    def clean_account(self) -> list[int]:
        ids: list[int] = self.cleaned_data["account"]
        if len(ids) > MOST_CHOSEN:
            message = now_("Choose at most %(most)d accounts at once.") % {"most": MOST_CHOSEN}
            raise forms.ValidationError(message, code="too_many")
        return ids

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        self.chosen = given.get("account", [])
        if not (self.errors or given["account"] or given["module"]):
            raise forms.ValidationError(now_("Choose accounts first."), code="nothing_chosen")
        return given


class AssignAccountsForm(ChosenForm):
    """Where the accounts go, for which coverage, from which day on, and why."""

    territory_id = PlaceField(label=_("Territory"))
    coverage = CoverageField()
    starts_on = LocaleDateField(label=_("From"))
    reason = LineField(label=_("Reason"), max_length=200)

    def clean(self) -> dict[str, Any]:
        """The values of the act, with the accounts that the module holds on the day."""
        given = dict(super().clean())
        ids, module = given.pop("account", []), given.pop("module", None)
        if module and "starts_on" in given:
            ids = self._members(module, given["starts_on"])
        return {**given, "account_ids": ids}

    def _members(self, module: int, day: Any) -> list[int]:
        try:
            ids = members_of(module, day)
        except Refused as refused:
            raise forms.ValidationError(str(refused.message), code=refused.code) from refused
        if not ids:
            raise forms.ValidationError(now_("No account is in the module on that day."), code="empty")
        return ids
