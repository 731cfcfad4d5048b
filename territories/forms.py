"""Input about people, the tree and its seats."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from common.access import Role
from common.errors import Refused
from common.forms import (
    LineField,
    LocaleDateField,
    NamedForm,
    WholeField,
    locale_choices,
    version_field,
    zone_choices,
)
from common.pictures import MOST_BYTES, square_jpeg
from territories.models import Seat
from territories.selectors import coming_choices, people_choices

UNTIL = _("The first day on which it no longer holds.")
ROOT = _("Nothing: a root of the tree")


class TerritoryField(forms.TypedChoiceField):
    """A territory that is in the tree today, or joins it later."""

    def __init__(self, *, nothing: StrOrPromise = "—", **options: Any) -> None:
        def offered() -> list[tuple[Any, StrOrPromise]]:
            return [("", nothing), *coming_choices()]

        super().__init__(coerce=int, empty_value=None, choices=offered, **options)


class TerritoryForm(NamedForm):
    """A new territory and where it lies."""

    parent_id = TerritoryField(label=_("Lies below"), required=False, nothing=ROOT)
    starts_on = LocaleDateField(label=_("From"))


class MoveForm(forms.Form):
    """Where a territory lies from a day on."""

    parent_id = TerritoryField(label=_("Lies below"), required=False, nothing=ROOT)
    on = LocaleDateField(label=_("From"), help_text=_("Earlier days keep the tree that they had."))


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


class RoleForm(forms.Form):
    """A role of a person."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    starts_on = LocaleDateField(label=_("From"))
    stops_on = LocaleDateField(label=_("Until"), required=False, help_text=UNTIL)


class ChangeRoleForm(forms.Form):
    """The role that takes the place of another."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    starts_on = LocaleDateField(label=_("From"), help_text=_("The old role ends the day before."))


class EndRoleForm(forms.Form):
    """The end of a role."""

    stops_on = LocaleDateField(label=_("First day without the role"))


class ProfileForm(forms.Form):
    """What a person sets for themself."""

    version = version_field()
    name = LineField(label=_("Name"), max_length=120)
    work_location = LineField(
        label=_("Work location"),
        required=False,
        max_length=120,
        help_text=_("The town or office you work from."),
    )
    locale = forms.ChoiceField(label=_("Figures and days"), choices=locale_choices)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)


class PhotoForm(forms.Form):
    """A photo of oneself; cleans to the picture that is kept of it."""

    photo = forms.FileField(
        label=_("Photo"),
        help_text=_("A JPEG, PNG or WebP picture of at most 5 MB. Its middle is cut out as a square."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )

    def clean_photo(self) -> bytes:
        upload = self.cleaned_data["photo"]
        if upload.size > MOST_BYTES:
            raise forms.ValidationError(_("This picture is larger than 5 MB. Choose a smaller one."))
        try:
            return square_jpeg(upload)
        except Refused as refused:
            raise forms.ValidationError(str(refused.message), code=refused.code) from refused


class TokenForm(forms.Form):
    """A key to the API."""

    name = LineField(label=_("Name"), max_length=80, help_text=_("What uses it, such as the monthly report."))
    scopes = forms.TypedChoiceField(
        label=_("It may"),
        choices=[("read", _("read")), ("read write", _("read and write"))],
        coerce=str.split,
        help_text=_("Never more than you may yourself."),
    )
    days = WholeField(label=_("Days until it ends"), least=1)
