"""Input about people who come in: who they are, and whom to invite."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.access import Role
from common.forms import EmailField, LineField, LocaleDateField, locale_choices, version_field, zone_choices
from common.working_day_forms import work_calendar_choices
from territories.forms import TerritoryField
from territories.models import Seat


class NewPersonForm(forms.Form):
    """A person who is invited, with a role and, where they sit already, a seat."""

    name = LineField(label=_("Name"), max_length=120)
    email = EmailField(label=_("E-mail"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    starts_on = LocaleDateField(label=_("From"))
    territory_id = TerritoryField(label=_("Territory"), required=False, nothing=_("None yet"))
    kind = forms.ChoiceField(
        label=_("Seat"),
        required=False,
        choices=[(kind.value, kind.label) for kind in Seat.Kind if kind != Seat.Kind.COVER],
        help_text=_("An owner sells there, a lead is responsible for all below, an overlay helps."),
    )
    locale = forms.ChoiceField(label=_("Figures and days"), choices=locale_choices)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)


class PersonForm(forms.Form):
    """What an administrator puts right about a person."""

    version = version_field()
    name = LineField(label=_("Name"), max_length=120)
    email = EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("They sign in with it. Changing it signs them out everywhere."),
    )
    work_location = LineField(label=_("Work location"), required=False, max_length=120)
    work_calendar_id = forms.TypedChoiceField(
        label=_("Work calendar"),
        choices=work_calendar_choices,
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("The days on which they work: pace, run rate, targets and due times count these."),
    )
    locale = forms.ChoiceField(label=_("Figures and days"), choices=locale_choices)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)


class InviteForm(forms.Form):
    """Whom to invite: the people who were ticked."""

    user_ids = forms.TypedMultipleChoiceField(label=_("People"), coerce=int)

    def __init__(self, data: Any, *, offered: list[tuple[int, str]]) -> None:
        super().__init__(data)
        self.fields["user_ids"].choices = offered  # type: ignore[attr-defined]
        self.fields["user_ids"].error_messages = {
            "required": _("Choose at least one person."),
            "invalid_choice": _("Somebody you chose has a password meanwhile. Choose again."),
        }
