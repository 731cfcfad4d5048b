"""Input about the tree."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from common.forms import (
    LocaleDateField,
    NamedForm,
)
from territories.selectors import coming_choices

ROOT = _("Nothing: a root of the tree")


class TerritoryField(forms.TypedChoiceField):
    """A territory that is in the tree today, or joins it later."""

    def __init__(self, *, nothing: StrOrPromise = "—", **options: Any) -> None:
        def offered() -> list[tuple[Any, StrOrPromise]]:
            return [("", nothing), *coming_choices()]

        super().__init__(coerce=int, empty_value=None, choices=offered, **options)


class TerritoryForm(NamedForm):
    """A new territory and where it lies."""

    parent_id = TerritoryField(label=_("Lies below"), required=False, nothing=ROOT)
    starts_on = LocaleDateField(label=_("From"))


class MoveForm(forms.Form):
    """Where a territory lies from a day on."""

    parent_id = TerritoryField(label=_("Lies below"), required=False, nothing=ROOT)
    on = LocaleDateField(label=_("From"), help_text=_("Earlier days keep the tree that they had."))
