"""Input about accounts that go to a territory together."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from accounts.forms import CoverageField, PlaceField
from accounts.models import Coverage
from accounts.selectors.offers import Places
from common.forms import LineField, LocaleDateField, PickedField, WholeField

MOST_CHOSEN = 500


class ChosenForm(forms.Form):
    """Which accounts: those that were chosen in a list, or all of a module."""

    chosen: Sequence[int] = ()
    module_id: int | None = None
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
        self.chosen, self.module_id = given.get("account", []), given.get("module")
        if not (self.errors or given["account"] or given["module"]):
            raise forms.ValidationError(now_("Choose accounts first."), code="nothing_chosen")
        return given


class AssignAccountsForm(ChosenForm):
    """Where the accounts go, for which coverage, from which day on, and why."""

    territory_id = PlaceField(label=_("Territory"))
    coverage = CoverageField()
    starts_on = LocaleDateField(label=_("From"))
    reason = LineField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["territory_id"].offer = Places(self._day(), coverage=self._coverage())  # type: ignore[attr-defined]

    @property
    def offered(self) -> str:
        """For what the territories are offered: another list is needed where it differs from what the page shows."""
        return f"{self._coverage()} {self._day() or ''}"

    def _coverage(self) -> str:
        coverage = str(self["coverage"].value() or "")
        return coverage if coverage in Coverage.values else ""

    def _day(self) -> date | None:
        """From which day on, as far as it can be read: places are offered that are in the tree from then on."""
        try:
            day: date | None = self.fields["starts_on"].to_python(self["starts_on"].value())
        except forms.ValidationError:
            return None
        return day

    def clean(self) -> dict[str, Any]:
        """The values of the act: a module goes before accounts that were chosen."""
        given = dict(super().clean())
        ids, module = given.pop("account", []), given.pop("module", None)
        return {**given, **({"module_id": module} if module else {"account_ids": ids})}
