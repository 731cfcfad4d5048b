"""Input about people who leave and come back."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.access import Role
from common.forms import LocaleDateField, version_field


class LeaveForm(forms.Form):
    """Who takes over from a person who leaves."""

    version = version_field()
    successor_id = forms.TypedChoiceField(
        label=_("Successor"),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("They get the open deals and activities, and the seats from today on."),
    )
    is_vacant = forms.BooleanField(label=_("Leave the seats vacant"), required=False)

    def __init__(self, *args: Any, people: list[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["successor_id"].choices = [("", _("Nobody")), *people]  # type: ignore[attr-defined]


class ReturnForm(forms.Form):
    """The role of a person who comes back."""

    version = version_field()
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    starts_on = LocaleDateField(label=_("From"))
