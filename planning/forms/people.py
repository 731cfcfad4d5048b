"""Input about people who leave and come back."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.access import Role
from common.forms import LocaleDateField, version_field
from common.pickers import PickField
from territories.models import User
from territories.selectors.offers import People


class LeaveForm(forms.Form):
    """Who takes over from a person who leaves."""

    version = version_field()
    successor_id = PickField(
        label=_("Successor"),
        required=False,
        offer=People(),
        nothing=_("Nobody"),
        help_text=_("They get the open deals and activities, and the seats from today on."),
    )
    is_vacant = forms.BooleanField(label=_("Leave the seats vacant"), required=False)

    def __init__(self, *args: Any, person: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["successor_id"].offer = People(but=person.pk)  # type: ignore[attr-defined]


class ReturnForm(forms.Form):
    """The role of a person who comes back."""

    version = version_field()
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    starts_on = LocaleDateField(label=_("From"))
