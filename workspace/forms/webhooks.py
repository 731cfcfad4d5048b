"""A webhook: its name, its address, and what it is told of."""

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import LineField, version_field
from workspace.models import Happening
from workspace.models.webhooks import MOST_ADDRESS


class WebhookForm(forms.Form):
    """A new webhook."""

    name = LineField(label=_("Name"), max_length=80)
    address = LineField(
        label=_("Address"),
        max_length=MOST_ADDRESS,
        help_text=_("Where we send it, such as https://example.com/hook."),
    )
    happenings = forms.MultipleChoiceField(
        label=_("Told of"), choices=Happening.choices, widget=forms.CheckboxSelectMultiple
    )


class WebhookEditForm(WebhookForm):
    """The same at the version that was read."""

    version = version_field()


class WebhookVersionForm(forms.Form):
    """The version that was read, for what is done at a press."""

    version = version_field()
