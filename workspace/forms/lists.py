"""Input about the values that forms offer."""

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import LineField, version_field


class ListValueForm(forms.Form):
    """One more value of a list."""

    value = LineField(label=_("Value"), max_length=80)


class ListValueEditForm(ListValueForm):
    """A value that somebody read at a version."""

    version = version_field()


class ListValueMoveForm(forms.Form):
    """Where a value goes in its list."""

    version = version_field()
    is_up = forms.BooleanField(required=False)


class ListValueOfferForm(forms.Form):
    """Whether a value is offered."""

    version = version_field()
    is_offered = forms.BooleanField(required=False)
