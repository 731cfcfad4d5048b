"""Forms of partners and their people."""

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import EmailField, LineField, version_field


class PartnerForm(forms.Form):
    """A company through which we sell."""

    name = LineField(label=_("Name"), max_length=120)


class PartnerEditForm(PartnerForm):
    """A partner that somebody read at a version."""

    is_active = forms.BooleanField(
        label=_("Offered in forms"), required=False, help_text=_("What names it already keeps it.")
    )
    version = version_field()


class PartnerRepForm(forms.Form):
    """Somebody in the field who works for a partner."""

    name = LineField(label=_("Name"), max_length=120)
    email = EmailField(label=_("E-mail"), required=False)
    phone = LineField(label=_("Phone"), required=False, max_length=40)


class PartnerRepEditForm(PartnerRepForm):
    """A partner's representative that somebody read at a version."""

    is_active = forms.BooleanField(label=_("Offered in forms"), required=False)
    version = version_field()
