"""Forms of an activity: quick entry and completion."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import LineField, LocaleDateField, TextField, WholeField, version_field
from pipeline.forms.accounts import AccountForm
from pipeline.models import Activity


class ActivityForm(AccountForm):
    """Quick entry of an activity: type, with whom, outcome, next step. On a deal's page the deal is given."""

    kind = forms.ChoiceField(label=_("Type"), choices=Activity.Kind.choices)
    subject = LineField(label=_("Subject"), max_length=160)
    outcome = TextField(
        label=_("Outcome"), max_length=4000, required=False, widget=forms.Textarea({"rows": 3})
    )
    done = forms.BooleanField(label=_("Already done"), required=False, initial=True)
    due_on = LocaleDateField(label=_("Due"), required=False, help_text=_("When it is still to be done."))
    next_step = LineField(label=_("Next step"), max_length=160, required=False)
    next_step_on = LocaleDateField(label=_("Next step due"), required=False)
    opportunity = WholeField(required=False, least=1, widget=forms.HiddenInput)
    lead = WholeField(required=False, least=1, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """As the service takes it: about a deal, a lead, or an account."""
        given = {f"{name}_id": self.cleaned_data.pop(name, None) for name in ("opportunity", "lead")}
        given = {name: pk for name, pk in given.items() if pk is not None}
        if not given:
            return super().clean()
        about = ("account", "account_name", "account_is_new")
        kept = {name: value for name, value in self.cleaned_data.items() if name not in about}
        return {**kept, **given}


class CompleteForm(forms.Form):
    """An activity is done, and this came of it."""

    outcome = TextField(
        label=_("Outcome"), max_length=4000, required=False, widget=forms.Textarea({"rows": 3})
    )
    version = version_field()
