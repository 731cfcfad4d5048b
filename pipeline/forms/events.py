"""Forms of an event's list of guests."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import version_field
from common.pickers import PickField
from pipeline.models import Attendance
from pipeline.selectors.attendance import GuestContacts, GuestLeads


class GuestForm(forms.Form):
    """Who is put onto the list: a contact or a lead, and whether they came."""

    contact_id = PickField(label=_("Contact"), offer=GuestContacts(), required=False)
    lead_id = PickField(label=_("Lead"), offer=GuestLeads(), required=False)
    state = forms.ChoiceField(
        label=_("State"),
        choices=[("", _("invited; as it is of who is on the list")), *Attendance.State.choices],
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """As the service takes it: one of both."""
        cleaned = dict(self.cleaned_data)
        cleaned["state"] = cleaned.get("state") or None
        asked = [
            (who, pk) for who in ("contact", "lead") if (pk := cleaned.pop(f"{who}_id", None)) is not None
        ]
        if len(asked) != 1 and not self.errors:
            self.add_error("contact_id", _("Choose a contact or a lead."))
        if len(asked) == 1:
            cleaned["who"], cleaned["guest_id"] = asked[0]
        return cleaned


class GuestStateForm(forms.Form):
    """Whether somebody is invited, came or stayed away."""

    state = forms.ChoiceField(label=_("State"), choices=Attendance.State.choices)
    version = version_field()


class GuestRemoveForm(forms.Form):
    """Somebody who was read at a version and goes off the list."""

    version = version_field()
