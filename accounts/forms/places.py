"""Input about where customers go, and who keeps them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Coverage
from accounts.selectors.offers import Places
from common.forms import LineField, LocaleDateField
from common.pickers import PickField
from territories.forms import TerritoryField
from territories.selectors.offers import People


class PlaceField(TerritoryField):
    """A territory into which the reader may assign accounts."""

    def __init__(self, **options: Any) -> None:
        super().__init__(offer=Places(), **options)


class TerritoryFilterForm(forms.Form):
    """The territory that a list is narrowed to."""

    territory = TerritoryField(label=_("Territory"), required=False, nothing=_("all"))


class CoverageField(forms.ChoiceField):
    """For whom an account is in a territory, with what that means."""

    def __init__(self, **options: Any) -> None:
        text = _(
            "Field owns the account and gets its credit. Specialists help to sell, partners sell with us, both from "
            "overlays and beside the field."
        )
        super().__init__(label=_("Coverage"), choices=Coverage.choices, help_text=text, **options)


class HoldForm(forms.Form):
    """Who keeps a customer, and for how long."""

    person_id = PickField(label=_("Stays with"), offer=People())
    starts_on = LocaleDateField(label=_("From"))
    stops_on = LocaleDateField(label=_("Until"), help_text=_("The first day on which it no longer holds."))
    reason = LineField(label=_("Reason"), max_length=200)


class EndHoldForm(forms.Form):
    """The end of a hold."""

    stops_on = LocaleDateField(label=_("First day without the hold"))
    reason = LineField(label=_("Reason"), required=False, max_length=200)
