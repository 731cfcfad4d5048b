"""What becomes of an order: taken back, put right, amended, shared anew, put on another day."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import LineField, LocaleDateField, MoneyField, version_field
from orders.forms.entry import NO_LINE, LinesAndShares, Shares, rows_of
from orders.models import BookingEvent
from orders.selectors.orders import Terms
from orders.selectors.people import typed_name
from orders.services import ShareInput


class CancelForm(forms.Form):
    """Taking back an order, or a part of it."""

    booked_on = LocaleDateField(
        label=_("Date of the cancellation"), help_text=_("It counts in the period of this day.")
    )
    amount_minor = MoneyField(
        label=_("Amount to take back"), required=False, help_text=_("Empty: all that is left.")
    )
    reason = LineField(label=_("Reason"), max_length=200)
    version = version_field()

    def __init__(self, data: Any = None, *, currency: str, **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["amount_minor"].currency = currency  # type: ignore[attr-defined]


class StandingForm(LinesAndShares):
    """An order's lines and split as they are, to be changed from a day on."""

    booked_on = LocaleDateField()
    reason = LineField(label=_("Reason"), max_length=200)
    version = version_field()

    def __init__(self, data: Any = None, *, terms: Terms, **options: Any) -> None:
        super().__init__(data, **options)
        kept, is_renewal = [line.product_id for line in terms.lines], terms.order.renews_id is not None
        self.attach(terms.order.currency, kept, is_renewal=is_renewal, is_new=False)


class CorrectForm(StandingForm):
    """Putting an order right: the lines and the split as they should be."""

    booked_on = LocaleDateField(
        label=_("Date of the correction"), help_text=_("It counts in the period of this day.")
    )
    cause = forms.ChoiceField(
        label=_("Cause"),
        choices=[("", _("Choose a cause")), *BookingEvent.Cause.choices],
        error_messages={"required": _("Say what was wrong; entry accuracy counts by it.")},
    )


class AmendForm(StandingForm):
    """What the customer has from a day on: all lines, and who shares what comes."""

    booked_on = LocaleDateField(
        label=_("Date of the amendment"), help_text=_("What is added or taken counts in its period.")
    )
    reason = LineField(label=_("What the customer wants"), max_length=200)


class NewSplitForm(forms.Form):
    """How the credit of an order is shared from a day on."""

    booked_on = LocaleDateField(
        label=_("Date of the new split"), help_text=_("Credit moves in the period of this day.")
    )
    reason = LineField(label=_("Reason"), max_length=200)
    version = version_field()

    def __init__(self, data: Any = None, *, terms: Terms, **options: Any) -> None:
        super().__init__(data, **options)
        self.split = Shares(data, self.initial)
        self.number = len(terms.lines)

    def clean(self) -> dict[str, Any]:
        """As the service takes it."""
        if not self.split.is_valid():
            self.add_error(None, _("Look at the shares: something there is missing or wrong."))
            return self.cleaned_data
        numbers = range(1, self.number + 1)
        if stray := self.split.stray(numbers):
            self.add_error(None, NO_LINE % {"number": stray})
        own = [self.split.of_line(number) for number in numbers]
        return {**self.cleaned_data, "shares": self.split.common, "line_shares": own}


class NewDateForm(forms.Form):
    """The day on which an order was really signed."""

    booked_on = LocaleDateField(
        label=_("Booking date"), help_text=_("When the customer committed. Both months must be open.")
    )
    reason = LineField(label=_("Why the day was wrong"), max_length=200)
    version = version_field()


def from_terms(terms: Terms) -> dict[str, Any]:
    """What a correction starts with: what is left of each line, and the split."""
    return {
        "version": terms.order.version,
        "lines": [
            {
                "product": line.product_id,
                "quantity": line.quantity,
                "amount": line.renewed_minor + left,
                "renewed": line.renewed_minor,
                "months": line.term_months,
                "origin": line.root_id,
            }
            for line, left in terms.left()
        ],
        **shared(terms),
    }


def shared(terms: Terms) -> dict[str, Any]:
    """What a new split starts with: how the credit is shared now."""
    held = [(number, share) for number, line in enumerate(terms.lines, 1) for share in terms.own_shares(line)]
    people = {share.person_id: share.person for share in (*terms.shares, *(one for _n, one in held))}
    own = [
        {"line": number, "person": typed_name(share.person), "percent": share.weight, "kind": share.kind}
        for number, share in held
    ]
    common = [ShareInput(share.person_id, share.weight, share.kind) for share in terms.shares]
    return {**rows_of(common, people), "own": own}
