"""Input about people, their roles and keys."""

from django import forms
from django.utils.translation import gettext_lazy as _

from common.access import Role
from common.errors import Refused
from common.forms import (
    LineField,
    LocaleDateField,
    WholeField,
    locale_choices,
    version_field,
    zone_choices,
)
from common.pictures import MOST_BYTES, square_jpeg
from territories.forms.seats import UNTIL


class RoleForm(forms.Form):
    """A role of a person."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    starts_on = LocaleDateField(label=_("From"))
    stops_on = LocaleDateField(label=_("Until"), required=False, help_text=UNTIL)


class ChangeRoleForm(forms.Form):
    """The role that takes the place of another."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    starts_on = LocaleDateField(label=_("From"), help_text=_("The old role ends the day before."))


class EndRoleForm(forms.Form):
    """The end of a role."""

    stops_on = LocaleDateField(label=_("First day without the role"))


class ProfileForm(forms.Form):
    """What a person sets for themself."""

    version = version_field()
    name = LineField(label=_("Name"), max_length=120)
    work_location = LineField(
        label=_("Work location"),
        required=False,
        max_length=120,
        help_text=_("The town or office you work from."),
    )
    locale = forms.ChoiceField(label=_("Figures and days"), choices=locale_choices)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)


class PhotoForm(forms.Form):
    """A photo of oneself; cleans to the picture that is kept of it."""

    photo = forms.FileField(
        label=_("Photo"),
        help_text=_("A JPEG, PNG or WebP picture of at most 5 MB. Its middle is cut out as a square."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )

    def clean_photo(self) -> bytes:
        upload = self.cleaned_data["photo"]
        if upload.size > MOST_BYTES:
            raise forms.ValidationError(_("This picture is larger than 5 MB. Choose a smaller one."))
        try:
            return square_jpeg(upload)
        except Refused as refused:
            raise forms.ValidationError(str(refused.message), code=refused.code) from refused


class TokenForm(forms.Form):
    """A key to the API."""

    name = LineField(label=_("Name"), max_length=80, help_text=_("What uses it, such as the monthly report."))
    scopes = forms.TypedChoiceField(
        label=_("It may"),
        choices=[("read", _("read")), ("read write", _("read and write"))],
        coerce=str.split,
        help_text=_("Never more than you may yourself."),
    )
    days = WholeField(label=_("Days until it ends"), least=1)
