"""Who stands in for somebody, and when."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import LineField, LocaleDateField
from territories.models import User
from territories.selectors import as_choices


class StandInForm(forms.Form):
    """A colleague, and the days on which they answer."""

    stand_in_id = forms.TypedChoiceField(label=_("Colleague"), coerce=int)
    starts_on = LocaleDateField(label=_("From"))
    stops_on = LocaleDateField(label=_("Until"), help_text=_("The first day on which it no longer holds."))
    reason = LineField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, colleagues: Iterable[User], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [("", _("Choose a colleague")), *as_choices(colleagues)]
        self.fields["stand_in_id"].choices = choices  # type: ignore[attr-defined]
