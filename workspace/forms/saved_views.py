"""Forms of a view: how it is called, and who finds it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import LineField, version_field
from territories.models import Territory
from workspace.models import SavedView
from workspace.services.saved_views import MOST_NAME

Shared = SavedView.Shared


class ViewForm(forms.Form):
    """A view's name, with whom it is shared, and whether the page opens with it."""

    name = LineField(label=_("Name"), max_length=MOST_NAME)
    shared = forms.ChoiceField(label=_("Who else finds it"), choices=Shared.choices, initial=Shared.NOBODY)
    is_usual = forms.BooleanField(label=_("Open the page with it, for me"), required=False)

    def __init__(self, *args: Any, team: Territory | None, **options: Any) -> None:
        super().__init__(*args, **options)
        named = _("my team (%(team)s)") % {"team": team.name} if team else ""
        labels = {**dict(Shared.choices), Shared.TEAM: named}
        offered = [(key, label) for key, label in labels.items() if label]
        self.fields["shared"].choices = offered  # type: ignore[attr-defined]


class NewViewForm(ViewForm):
    """A view of a page as it stands."""

    page = forms.CharField(widget=forms.HiddenInput)
    query = forms.CharField(required=False, widget=forms.HiddenInput)


class ViewEditForm(ViewForm):
    """A view that somebody read at a version."""

    version = version_field()


class ViewVersionForm(forms.Form):
    """A view as somebody read it."""

    version = version_field()


class ViewQueryForm(ViewVersionForm):
    """And what its page asks for now."""

    query = forms.CharField(required=False, widget=forms.HiddenInput)
