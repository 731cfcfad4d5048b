"""Input about people at customers."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact
from common.forms import EmailField, LineField, version_field
from workspace.forms.own import OwnForm


class ContactForm(OwnForm):
    """A person at a customer."""

    name = LineField(label=_("Name"), max_length=120)
    title = LineField(label=_("Job title"), required=False, max_length=120)
    seniority = forms.ChoiceField(
        label=_("Seniority"), required=False, choices=[("", "—"), *Contact.Seniority.choices]
    )
    email = EmailField(label=_("E-mail"), required=False)
    phone = LineField(label=_("Phone"), required=False, max_length=40)

    own_subject = "contact"


class ContactEditForm(ContactForm):
    """A person at a customer that somebody read at a version."""

    version = version_field()
