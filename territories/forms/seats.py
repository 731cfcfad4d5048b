"""Input about seats."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import (
    LineField,
    LocaleDateField,
    ShareField,
)
from common.money import WHOLE_SHARE
from common.pickers import PickField
from territories.forms.tree import TerritoryField
from territories.models import Seat
from territories.selectors.offers import People

UNTIL = _("The first day on which it no longer holds.")
LASTING = [(kind.value, kind.label) for kind in Seat.LASTING]


def share_field() -> ShareField:
    """The part of their working time that a seat takes; all of it where nothing is typed."""
    help_text = _("Of their working time. More than 100 % on one day is listed, not refused.")
    return ShareField(label=_("Share"), required=False, may_be_zero=False, help_text=help_text)


def ramp_field() -> LineField:
    help_text = _("Percent of a full quota month by month, such as 0 25 50 75 100. Empty: all of it at once.")
    return LineField(label=_("Ramp"), required=False, max_length=200, help_text=help_text)


def reason_field() -> LineField:
    return LineField(label=_("Reason"), required=False, max_length=200)


class SeatForm(forms.Form):
    """A person on a territory."""

    user_id = PickField(label=_("Person"), offer=People())
    territory_id = TerritoryField(label=_("Territory"))
    kind = forms.ChoiceField(
        label=_("Seat"),
        choices=Seat.Kind.choices,
        help_text=_(
            "An owner sells there, a lead is responsible for all below, an overlay helps. A temporary cover looks "
            "after it until a day and counts where they sit themselves."
        ),
    )
    starts_on = LocaleDateField(label=_("From"))
    stops_on = LocaleDateField(label=_("Until"), required=False, help_text=UNTIL)
    share = share_field()
    ramp = ramp_field()
    reason = reason_field()

    def clean_share(self) -> int:
        return self.cleaned_data["share"] or WHOLE_SHARE


class ChangeSeatForm(forms.Form):
    """The seat that takes the place of another; a temporary cover stays one, and nothing else becomes one."""

    territory_id = TerritoryField(label=_("Territory"))
    kind = forms.ChoiceField(label=_("Seat"))
    starts_on = LocaleDateField(
        label=_("From"), help_text=_("The old seat ends the day before; what was booked until then keeps it.")
    )
    share = share_field()
    ramp = ramp_field()
    reason = reason_field()

    def __init__(self, *args: Any, seat: Seat, **options: Any) -> None:
        super().__init__(*args, **options)
        is_cover = seat.kind == Seat.Kind.COVER
        kinds = [kind for kind in Seat.Kind if (kind == Seat.Kind.COVER) == is_cover]
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]  # type: ignore[attr-defined]


class EndSeatForm(forms.Form):
    """The end of a seat."""

    stops_on = LocaleDateField(label=_("First day without the seat"))
    reason = reason_field()


class ChangeVacancyForm(forms.Form):
    """From when a seat is empty, and when and how somebody is to begin there."""

    starts_on = LocaleDateField(
        label=_("Open from"), help_text=_("The first day on which nobody sits there.")
    )
    planned_on = LocaleDateField(
        label=_("Planned start"), required=False, help_text=_("Empty while nobody knows.")
    )
    ramp = ramp_field()
    reason = reason_field()


class VacancyForm(ChangeVacancyForm):
    """A seat that is to be filled."""

    territory_id = TerritoryField(label=_("Territory"))
    kind = forms.ChoiceField(label=_("Seat"), choices=LASTING)
    field_order = ("territory_id", "kind")


class DropVacancyForm(forms.Form):
    """A plan that is taken back."""

    reason = reason_field()
