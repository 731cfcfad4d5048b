"""Who stands in for somebody, and when."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import LineField, LocaleDateField
from common.pickers import PickField
from workspace.selectors.offers import Colleagues


class StandInForm(forms.Form):
    """A colleague, and the days on which they answer."""

    stand_in_id = PickField(label=_("Colleague"), offer=Colleagues(), nothing=_("Choose a colleague"))
    starts_on = LocaleDateField(label=_("From"))
    stops_on = LocaleDateField(label=_("Until"), help_text=_("The first day on which it no longer holds."))
    reason = LineField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, colleagues: Colleagues, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["stand_in_id"].offer = colleagues  # type: ignore[attr-defined]
