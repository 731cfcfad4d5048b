"""Input about seats that pass to others, and about seats in the past."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import LineField, LocaleDateField, WholeField, version_field
from common.money import WHOLE_SHARE
from common.pickers import PickField
from planning.models import QuotaPolicy
from territories.forms import ramp_field
from territories.models import Seat, User
from territories.selectors.offers import People

MOST_REASON = 200
STAYS_OR_FOLLOWS = [
    (QuotaPolicy.PERSON.value, _("stays with the person")),
    (QuotaPolicy.TERRITORY.value, QuotaPolicy.TERRITORY.label),
]
"""What becomes of quota with a seat; that it moves with accounts is no choice, because these stay."""


def quota_field() -> forms.ChoiceField:
    """What becomes of quota with a seat."""
    return forms.TypedChoiceField(
        label=_("Quota"),
        choices=STAYS_OR_FOLLOWS,
        required=False,
        empty_value=QuotaPolicy.PERSON.value,
        widget=forms.RadioSelect,
        help_text=_(
            "Following: the running quarter is cut by days, later ones of the fiscal year go in full."
        ),
    )


class HandOverForm(forms.Form):
    """Who takes a seat over, for good or for a time."""

    successor_id = PickField(label=_("Successor"), offer=People())
    starts_on = LocaleDateField(label=_("From"))
    stops_on = LocaleDateField(
        label=_("Until"),
        required=False,
        help_text=_(
            "Only for a time: they cover until the day before, and the old seat stays. Empty: for good."
        ),
    )
    takes_work = forms.TypedChoiceField(
        label=_("Open deals and activities"),
        choices=[("1", _("go to the successor on that day")), ("", _("stay with who has them"))],
        coerce=bool,
        required=False,
        widget=forms.RadioSelect,
    )
    quota = quota_field()
    ramp = ramp_field()
    reason = LineField(label=_("Reason"), required=False, max_length=MOST_REASON)

    def __init__(self, *args: Any, person: User, has_quota: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["successor_id"].offer = People(but=person.pk)  # type: ignore[attr-defined]
        if not has_quota:
            del self.fields["quota"]


class PastSeatForm(forms.Form):
    """A seat in the past as the address of its effect says it."""

    act = forms.ChoiceField(choices=[(name, name) for name in ("seat", "change", "hand_over")])
    seat_id = WholeField(required=False)
    user_id = WholeField(required=False)
    territory_id = WholeField(required=False)
    kind = forms.ChoiceField(choices=Seat.Kind.choices, required=False)
    starts_on = LocaleDateField()
    stops_on = LocaleDateField(required=False)
    share = WholeField(required=False, least=1, most=WHOLE_SHARE)
    ramp = LineField(required=False, max_length=MOST_REASON)
    reason = LineField(required=False, max_length=MOST_REASON)
    takes_work = forms.BooleanField(required=False)
    quota = quota_field()

    def clean_share(self) -> int:
        return self.cleaned_data["share"] or WHOLE_SHARE


class CreditForm(forms.Form):
    """The orders whose credit is to move with a seat, and why."""

    orders = forms.TypedMultipleChoiceField(label=_("Orders"), coerce=int, required=False)
    reason = LineField(
        label=_("Why credit moves"),
        required=False,
        max_length=MOST_REASON,
        help_text=_("Another administrator reads it and decides."),
    )

    def __init__(self, *args: Any, orders: list[int], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["orders"].choices = [(pk, str(pk)) for pk in orders]  # type: ignore[attr-defined]

    def chosen(self) -> set[str]:
        """The orders that were ticked, also on a form that came back."""
        return set(self.data.getlist("orders")) if self.is_bound else set()  # type: ignore[attr-defined]


class DropHandOverForm(forms.Form):
    """Open work that stays after all."""

    version = version_field()
