"""What is typed for a dispute: what is wrong, its answer, and the correction that grants it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.forms import TextField, version_field
from common.locale import format_date, format_money
from orders.forms.changing import CorrectForm, NewDateForm, NewSplitForm
from orders.models import MOST_SAID, BookingEvent, Dispute

REFUSE = "refuse"


def _said(**options: Any) -> TextField:
    return TextField(max_length=MOST_SAID, widget=forms.Textarea({"rows": 3}), **options)


class DisputeForm(forms.Form):
    """What is wrong with a credit, or why there should be one."""

    cause = forms.ChoiceField(
        label=_("What is wrong"), choices=Dispute.Cause.choices, widget=forms.RadioSelect
    )
    text = _said(label=_("Why"), help_text=_("Say what it should be. Whoever can answer is told."))


class AnswerForm(forms.Form):
    """The answer: refused, or granted by one of the entries that were posted since."""

    version = version_field()
    decision = forms.ChoiceField(label=_("Answer"), widget=forms.RadioSelect)
    answer = _said(label=_("Note"), required=False, help_text=_("Needed when you refuse."))

    def __init__(
        self, data: Any = None, *, entries: Sequence[BookingEvent], currency: str, **options: Any
    ) -> None:
        super().__init__(data, **options)
        choices = [(str(entry.pk), _entry(entry, currency)) for entry in entries]
        refuse = (REFUSE, gettext("Refuse: the credit stays as it is"))
        self.fields["decision"].choices = [*choices, refuse]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """As the service takes it."""
        cleaned = dict(self.cleaned_data)
        decision = cleaned.pop("decision", REFUSE)
        is_granted = decision != REFUSE
        return {**cleaned, "is_granted": is_granted, "event_id": int(decision) if is_granted else None}


def _entry(entry: BookingEvent, currency: str) -> str:
    words = {
        "kind": entry.get_kind_display(),
        "day": format_date(entry.booked_on),
        "amount": format_money(entry.amount_minor, currency),
        "reason": entry.reason or entry.source,
    }
    if words["reason"]:
        return gettext("Grant, put right by the %(kind)s of %(day)s: %(amount)s, %(reason)s") % words
    return gettext("Grant, put right by the %(kind)s of %(day)s: %(amount)s") % words


class WithdrawForm(forms.Form):
    """The taking back of a dispute that was read at a version."""

    version = version_field()


class GrantForm(forms.Form):
    """Whatever puts an order right may grant the dispute that it is about."""

    answer = _said(
        label=_("Answer to the dispute"), required=False, help_text=_("Whoever raised it reads this.")
    )


class DisputedCorrectForm(GrantForm, CorrectForm):
    """A correction that grants a dispute."""


class DisputedSplitForm(GrantForm, NewSplitForm):
    """A new split that grants a dispute."""


class DisputedDayForm(GrantForm, NewDateForm):
    """Another booking date that grants a dispute."""

    field_order = ("booked_on", "reason", "answer")
