"""How one wants to hear of what."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from workspace.models import Event
from workspace.selectors.choices import CHOOSABLE, default, ways


class ChoicesForm(forms.Form):
    """One field for every event, named as the event; cleans to `deliveries`."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields |= {event.value: _field(event) for event in CHOOSABLE}

    def clean(self) -> dict[str, Any]:
        return {"deliveries": self.cleaned_data}


def _field(event: Event) -> forms.ChoiceField:
    choices = [(way.value, way.label) for way in ways(event)]
    usual = _("Where you choose nothing: %(way)s.") % {"way": default(event).label}
    return forms.ChoiceField(label=event.label, choices=choices, help_text=usual)
