"""Input about where customers go."""

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import LineField, LocaleDateField
from territories.forms import TerritoryField


class AssignForm(forms.Form):
    """Where a customer goes, from which day on, and why."""

    territory_id = TerritoryField(label=_("Territory"))
    starts_on = LocaleDateField(label=_("From"), help_text=_("Orders that are booked keep their credit."))
    reason = LineField(label=_("Reason"), required=False, max_length=200)
