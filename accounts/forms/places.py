"""Input about where customers go, and who keeps them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Coverage
from common.forms import LineField, LocaleDateField
from common.transaction import reach
from territories.forms import TerritoryField
from territories.selectors import coming_choices, people_choices


class PlaceField(TerritoryField):
    """A territory into which the reader may assign accounts."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.choices = lambda: [
            ("", "—"),
            *((pk, label) for pk, label in coming_choices() if _is_open(pk)),
        ]


def _is_open(territory_id: int) -> bool:
    return reach().allows("account", "assign", {"territory_id": territory_id})


class AssignForm(forms.Form):
    """Where a customer goes, for which coverage, from which day on, and why."""

    territory_id = PlaceField(label=_("Territory"))
    coverage = forms.ChoiceField(
        label=_("Coverage"),
        choices=Coverage.choices,
        help_text=_("The field owns the account; specialists and partners cover it from overlays."),
    )
    starts_on = LocaleDateField(label=_("From"), help_text=_("Orders that are booked keep their credit."))
    reason = LineField(label=_("Reason"), max_length=200)


class HoldForm(forms.Form):
    """Who keeps a customer, and for how long."""

    person_id = forms.TypedChoiceField(
        label=_("Stays with"), coerce=int, choices=lambda: [("", "—"), *people_choices()]
    )
    starts_on = LocaleDateField(label=_("From"))
    stops_on = LocaleDateField(label=_("Until"), help_text=_("The first day on which it no longer holds."))
    reason = LineField(label=_("Reason"), max_length=200)


class EndHoldForm(forms.Form):
    """The end of a hold."""

    stops_on = LocaleDateField(label=_("First day without the hold"))
    reason = LineField(label=_("Reason"), required=False, max_length=200)
