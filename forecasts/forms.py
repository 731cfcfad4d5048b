"""The form of a call."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import LocaleDateField, MoneyField, TextField
from common.models import Period
from common.pickers import PickField
from forecasts.models import Submission
from territories.models import Territory
from territories.selectors.offers import Led


class SubmissionForm(forms.Form):
    """One's own number for a quarter, or the number of a team that one leads."""

    period_id = forms.TypedChoiceField(label=_("Quarter"), coerce=int)
    scope = forms.ChoiceField(label=_("For"))
    category = forms.ChoiceField(label=_("Category"), choices=Submission.Category.choices)
    amount_minor = MoneyField(label=_("Forecast call"))
    note = TextField(
        label=_("Note"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What would have to be true for this number to be right?"),
    )

    def __init__(
        self, *args: Any, periods: Iterable[Period], teams: Iterable[Territory], currency: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period_id"].choices = [(period.pk, period.code) for period in periods]  # type: ignore[attr-defined]
        led = [(team.pk, team.name) for team in teams]
        self.fields["scope"].choices = [("own", _("myself")), *led]  # type: ignore[attr-defined]
        self.fields["amount_minor"].currency = currency  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        scope = data.pop("scope", "own")
        return {**data, "node_id": None if scope == "own" else int(scope)}


class MovementForm(forms.Form):
    """Between which days and of which territory a reader asks what moved; the rest of the address goes along unseen."""

    territory = PickField(label=_("Territory"), required=False, offer=Led(), nothing=_("all that I lead"))

    def __init__(self, query: Mapping[str, str], first: date, last: date) -> None:
        days = {"from": first, "to": last}
        super().__init__(initial={**query, **days}, auto_id="filter_%s")
        for name, label in (("from", _("From the end of")), ("to", _("To the end of"))):
            self.fields[name] = LocaleDateField(label=label, required=False)
        self.order_fields(["from", "to", "territory"])
        if "of" in query or Led().choices() == []:
            del self.fields["territory"]
        for name in query.keys() & {"period", "of"}:
            self.fields[name] = forms.CharField(widget=forms.HiddenInput)
