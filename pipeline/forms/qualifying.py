"""Input about how well a deal is qualified."""

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import TextField, WholeField
from pipeline.models import Answer
from pipeline.services.qualifying import MOST_ANSWER


def version_or_none() -> WholeField:
    """The version that was read, 0 where there was nothing yet."""
    return WholeField(widget=forms.HiddenInput)


class TickForm(forms.Form):
    """A criterion that somebody found to be met, or not any more."""

    version = version_or_none()
    is_met = forms.BooleanField(required=False)


class AnswerForm(forms.Form):
    """What is known to a question, and how sure it is."""

    state = forms.ChoiceField(label=_("How sure is it?"), choices=Answer.State.choices)
    text = TextField(
        label=_("What is known"),
        max_length=MOST_ANSWER,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    version = version_or_none()
