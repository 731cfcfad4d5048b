"""The filter of a history."""

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise


class HistoryFilterForm(forms.Form):
    """Of what the changes are told; never bound, because the address is read strictly."""

    field = forms.ChoiceField(label=_("What changed"), required=False)

    def __init__(self, names: Mapping[str, StrOrPromise], of: str) -> None:
        super().__init__(initial={"field": of}, auto_id="filter_%s")
        self.fields["field"].choices = [("", _("everything")), *names.items()]  # type: ignore[attr-defined]
