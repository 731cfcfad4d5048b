"""Input about people, the tree and its seats."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from common.access import Role
from common.forms import (
    EmailField,
    LineField,
    LocaleDateField,
    NamedForm,
    WholeField,
    locale_choices,
    version_field,
    zone_choices,
)
from territories.models import Seat
from territories.selectors import coming_choices, people_choices
from territories.services.tokens import LONGEST

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


class EndSeatForm(forms.Form):
    """The end of a seat."""

    stops_on = LocaleDateField(label=_("First day without the seat"))
    reason = LineField(label=_("Reason"), required=False, max_length=200)


class PersonForm(forms.Form):
    """A person who may sign in."""

    name = LineField(label=_("Name"), max_length=120)
    email = EmailField(label=_("E-mail"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    starts_on = LocaleDateField(label=_("From"))
    password = forms.CharField(
        label=_("Password"),
        required=False,
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Left empty, one is made and shown to you once."),
    )
    locale = forms.ChoiceField(label=_("Figures and days"), choices=locale_choices)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)


class RoleForm(forms.Form):
    """A role of a person."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    starts_on = LocaleDateField(label=_("From"))
    stops_on = LocaleDateField(label=_("Until"), required=False, help_text=UNTIL)


class EndRoleForm(forms.Form):
    """The end of a role."""

    stops_on = LocaleDateField(label=_("First day without the role"))


class ProfileForm(forms.Form):
    """What a person sets for themself."""

    version = version_field()
    name = LineField(label=_("Name"), max_length=120)
    locale = forms.ChoiceField(label=_("Figures and days"), choices=locale_choices)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)


class TokenForm(forms.Form):
    """A key to the API."""

    name = LineField(label=_("Name"), max_length=80, help_text=_("What uses it, such as the monthly report."))
    scopes = forms.TypedChoiceField(
        label=_("It may"),
        choices=[("read", _("read")), ("read write", _("read and write"))],
        coerce=str.split,
        help_text=_("Never more than you may yourself."),
    )
    days = WholeField(label=_("Days until it ends"), least=1, most=LONGEST)
