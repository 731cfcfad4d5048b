"""Input about seats."""

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import (
    LineField,
    LocaleDateField,
)
from territories.forms.tree import TerritoryField
from territories.models import Seat
from territories.selectors import people_choices

UNTIL = _("The first day on which it no longer holds.")


class SeatForm(forms.Form):
    """A person on a territory."""

    user_id = forms.TypedChoiceField(
        label=_("Person"), coerce=int, choices=lambda: [("", "—"), *people_choices()]
    )
    territory_id = TerritoryField(label=_("Territory"))
    kind = forms.ChoiceField(
        label=_("Seat"),
        choices=Seat.Kind.choices,
        help_text=_("An owner sells there, a lead is responsible for all below, an overlay helps."),
    )
    starts_on = LocaleDateField(label=_("From"))
    stops_on = LocaleDateField(label=_("Until"), required=False, help_text=UNTIL)
    reason = LineField(label=_("Reason"), required=False, max_length=200)


class ChangeSeatForm(forms.Form):
    """The seat that takes the place of another."""

    territory_id = TerritoryField(label=_("Territory"))
    kind = forms.ChoiceField(label=_("Seat"), choices=Seat.Kind.choices)
    starts_on = LocaleDateField(
        label=_("From"), help_text=_("The old seat ends the day before; what was booked until then keeps it.")
    )
    reason = LineField(label=_("Reason"), required=False, max_length=200)


class EndSeatForm(forms.Form):
    """The end of a seat."""

    stops_on = LocaleDateField(label=_("First day without the seat"))
    reason = LineField(label=_("Reason"), required=False, max_length=200)
