"""What lists of orders and of credits are narrowed by."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Family
from common.access import Reach
from common.forms import LocaleDateField
from orders.models import Basis, Credit, Order
from workspace.forms.own import OwnFilterForm

INTAKE = [
    ("intake", _("all order intake")),
    ("new", _("order intake of new customers")),
    ("existing", _("order intake of existing customers")),
]


class Clocks(forms.Form):
    """The two clocks of a figure."""

    valid = LocaleDateField(label=_("Booked up to"), required=False)
    known = LocaleDateField(label=_("As known on"), required=False)


class ClockForm(Clocks):
    """The clocks of a page; the rest of the address goes along unseen."""

    def __init__(self, query: Mapping[str, str]) -> None:
        super().__init__(initial=dict(query))
        for name in query.keys() - self.fields.keys():
            self.fields[name] = forms.CharField(widget=forms.HiddenInput)


class OrderFilterForm(Clocks):
    """What the list of orders is narrowed by."""

    q = forms.CharField(label=_("Number, purchase order or account"), required=False)
    state = forms.ChoiceField(
        label=_("State"), choices=[("", _("all")), *Order.State.choices], required=False
    )
    waiting = forms.ChoiceField(
        label=_("Waiting"), choices=[("", _("all")), ("1", _("without purchase order"))], required=False
    )

    without = forms.ChoiceField(
        label=_("On its way"),
        choices=[
            ("", _("all")),
            ("delivered", _("not delivered")),
            ("invoiced", _("not invoiced")),
            ("paid", _("not paid")),
        ],
        required=False,
    )

    def __init__(self, query: dict[str, str], mine: Reach) -> None:
        super().__init__(initial=query)
        self.own = OwnFilterForm(query, mine, "order")


class PeriodForm(forms.Form):
    """The period of which a page tells."""

    period = forms.ChoiceField(label=_("Period"))

    def __init__(self, codes: Sequence[str], **options: Any) -> None:
        super().__init__(auto_id="filter_%s", **options)
        self.fields["period"].choices = [(code, code) for code in codes]  # type: ignore[attr-defined]


class CreditFilterForm(Clocks):
    """What the list of credits is narrowed by; a person, an owner and a node come from the figure that was clicked."""

    person = forms.CharField(required=False, widget=forms.HiddenInput)
    owner = forms.CharField(required=False, widget=forms.HiddenInput)
    node = forms.CharField(required=False, widget=forms.HiddenInput)
    alone = forms.CharField(required=False, widget=forms.HiddenInput)
    days = forms.CharField(required=False, widget=forms.HiddenInput)
    tree = forms.CharField(required=False, widget=forms.HiddenInput)
    period = forms.ChoiceField(label=_("Period"), required=False)
    family = forms.ChoiceField(label=_("Product family"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=[*INTAKE, *Credit.Kind.choices], required=False)
    place = forms.ChoiceField(
        label=_("Place"), choices=[("", _("all")), ("out", _("out of territory"))], required=False
    )
    basis = forms.ChoiceField(label=_("Basis"), choices=Basis.choices)
    show = forms.ChoiceField(
        label=_("Columns"),
        choices=[("", _("order intake alone")), ("measures", _("every measure"))],
        required=False,
    )

    def __init__(self, *, periods: Sequence[str], **options: Any) -> None:
        super().__init__(**options)
        families = [(str(pk), name) for pk, name in Family.objects.values_list("pk", "name")]
        self.fields["period"].choices = [(code, code) for code in periods]  # type: ignore[attr-defined]
        self.fields["family"].choices = [("", _("all")), *families]  # type: ignore[attr-defined]
        if not self.initial.get("node"):
            del self.fields["basis"]
