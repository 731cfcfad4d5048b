"""Input about what is known of a customer."""

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import LocaleDateField, TextField


class ProfileForm(forms.Form):
    """What is known of one topic, and of which day that is true."""

    text = TextField(label=_("What is known"), max_length=4000)
    as_of = LocaleDateField(label=_("As of"))
