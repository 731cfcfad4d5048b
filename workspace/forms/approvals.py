"""Answers to what is asked, one or many, and the asking to close a period or to open it."""

from typing import Any

from django import forms
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from common.forms import LineField, version_field

DECISIONS = {"grant": True, "refuse": False}
MOST_CHOSEN = 50


def _decision(grant: Any, refuse: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=_("Answer"),
        choices=[("grant", grant), ("refuse", refuse)],
        coerce=DECISIONS.__getitem__,
        widget=forms.RadioSelect,
    )


class AnswerForm(forms.Form):
    """The answer to one thing that was read at a version."""

    version = version_field()
    is_granted = _decision(_("Approve"), _("Refuse"))
    answer = LineField(
        label=_("Note"), max_length=500, required=False, help_text=_("Needed when you refuse.")
    )

    def __init__(self, *args: Any, is_acceptance: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        if is_acceptance:
            choices = [("grant", _("Accept")), ("refuse", _("Don't accept"))]
            self.fields["is_granted"].choices = choices  # type: ignore[attr-defined]


class AnswerManyForm(forms.Form):
    """One answer to several things, each chosen with the version that was read: `12:1`."""

    chosen = forms.MultipleChoiceField(required=False)
    is_granted = _decision(_("Approve"), _("Refuse"))
    answer = AnswerForm.base_fields["answer"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # What was chosen may be answered by now, and is no choice any more: the act says so by name.
        self.fields["chosen"].valid_value = _is_row  # type: ignore[attr-defined]

    def clean_chosen(self) -> list[tuple[int, int]]:
        rows = [tuple(map(int, text.split(":"))) for text in dict.fromkeys(self.cleaned_data["chosen"])]
        if not rows:
            raise forms.ValidationError(now_("Choose what you want to answer."), code="nothing_chosen")
        if len(rows) > MOST_CHOSEN:
            message = now_("Choose at most %(most)d at once.") % {"most": MOST_CHOSEN}
            raise forms.ValidationError(message, code="too_many")
        return [(pk, version) for pk, version in rows]


def _is_row(value: str) -> bool:
    pk, _colon, version = value.partition(":")
    return all(part.isascii() and part.isdigit() and len(part) < 10 for part in (pk, version))


class WithdrawForm(forms.Form):
    """The taking back of what somebody asked for and read at a version."""

    version = version_field()


class PeriodForm(forms.Form):
    """Why a period should be closed, or opened again."""

    reason = LineField(
        label=_("Reason"), max_length=500, help_text=_("The other administrator reads it before they answer.")
    )
