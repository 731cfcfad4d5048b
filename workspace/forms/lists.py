"""Input about the values that forms offer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import LineField, WholeField, version_field
from workspace.models import ListValue
from workspace.selectors.lists import values_of

MOST_PLACES = 10_000


class ListValueForm(forms.Form):
    """One more value of a list."""

    value = LineField(label=_("Value"), max_length=80)


class ListValueEditForm(ListValueForm):
    """A value that somebody read at a version, and its place in the list."""

    place = WholeField(label=_("Place in the list"), least=1, most=MOST_PLACES)
    version = version_field()


class ListValueMoveForm(forms.Form):
    """Where a value goes in its list."""

    version = version_field()
    place = WholeField(least=1, most=MOST_PLACES)


class ListValueMergeForm(forms.Form):
    """The value that one is merged into."""

    into_id = forms.TypedChoiceField(label=_("Into"), coerce=int)
    version = version_field()

    def __init__(self, data: Any = None, *, row: ListValue) -> None:
        super().__init__(data, initial={"version": row.version})
        others = values_of(row.list).filter(is_offered=True).exclude(pk=row.pk)
        choices = [("", _("Choose a value")), *((one.pk, one.value) for one in others)]
        self.fields["into_id"].choices = choices  # type: ignore[attr-defined]


class ListValueOfferForm(forms.Form):
    """Whether a value is offered."""

    version = version_field()
    is_offered = forms.BooleanField(required=False)
