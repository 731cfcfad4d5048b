"""Choosing a password, and the first administrator, who does."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import EmailField, LineField, locale_choices, zone_choices


def _password(label: Any, help_text: Any = "") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(label=label, max_length=128, strip=False, widget=widget, help_text=help_text)


class PasswordForm(forms.Form):
    """A password, typed twice."""

    password = _password(_("Password"), _("At least 12 characters, nothing common, not your name."))
    again = _password(_("Password, again"))

    def clean(self) -> dict[str, Any]:
        typed = self.cleaned_data
        if (again := typed.pop("again", None)) and again != typed.get("password", again):
            self.add_error("again", _("This is not the same as the password above. Type both again."))
        return typed


class FirstAdminForm(PasswordForm):
    """The first administrator; zone and style are guessed from the browser until somebody chooses."""

    name = LineField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = EmailField(
        label=_("E-mail"), max_length=254, help_text=_("You sign in with it."),
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )  # fmt: skip
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=zone_choices, widget=forms.Select(attrs={"data-guess": "zone"})
    )
    locale = forms.ChoiceField(
        label=_("Figures and days"),
        choices=locale_choices,
        widget=forms.Select(attrs={"data-guess": "locale"}),
    )
    field_order = ("name", "email", "password", "again", "time_zone", "locale")
