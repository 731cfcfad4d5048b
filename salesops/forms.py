"""The company of an empty installation."""

from typing import Any

from babel import Locale
from babel.numbers import get_territory_currencies
from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.forms import CompanyForm, LineField, LocaleDateField, WholeField, weekday_choices
from common.policies import Kind, Policy
from territories.models import User


class SetUpForm(CompanyForm):
    """The company, and since when its books are kept."""

    first_year = WholeField(
        label=_("First fiscal year"),
        required=False,
        least=1990,
        most=2200,
        help_text=_(
            "Orders, quotas and people are dated from its first day on. Empty: the last fiscal year."
        ),
    )


def guessed(person: User) -> dict[str, Any]:
    """What is proposed of a company, from how its first administrator writes figures and days."""
    style = Locale.parse(person.locale.replace("-", "_"))
    spent = get_territory_currencies(style.territory) if style.territory else []
    return {
        "time_zone": person.time_zone,
        "locale": person.locale,
        "reporting_currency": spent[0] if spent else "EUR",
        "first_weekday": style.first_week_day,
    }


class PolicyForm(forms.Form):
    """What a setting is to be: its value, for a dated one the day from which it holds, and why."""

    version = WholeField(widget=forms.HiddenInput)
    reason = LineField(label=_("Reason"), required=False, max_length=200)
    field_order = ("version", "value", "starts_on", "reason")

    def __init__(self, data: Any, *, policy: Policy, **options: Any) -> None:
        super().__init__(data, **options)
        told = ["value", *(["starts_on"] if policy.is_dated else [])]
        self.fields["value"] = _value_field(policy)
        if policy.is_dated:
            help_text = _("What lies before keeps its value. A change that was to come is withdrawn.")
            if policy.is_yearly:
                help_text = _(
                    "The first day of a fiscal year in which nothing is closed; it may be the running one."
                )
            self.fields["starts_on"] = LocaleDateField(label=_("From"), help_text=help_text)
        asks = {
            "hx-get": reverse("policy_effect", args=[policy.name]),
            "hx-target": "#policy-effect",
            "hx-include": ", ".join(f"[name={name}]" for name in told),
            "hx-trigger": "input changed delay:200ms",
        }
        for name in told:
            self.fields[name].widget.attrs |= asks
        self.order_fields(self.field_order)


def _value_field(policy: Policy) -> forms.Field:
    """A number within the setting's limits, or one of its choices."""
    if not policy.choices:
        return WholeField(label=policy.kind.label, least=policy.least, most=policy.most)
    choices: Any = weekday_choices() if policy.kind == Kind.WEEKDAY else list(policy.choices.items())
    return forms.TypedChoiceField(label=policy.kind.label, coerce=type(policy.default), choices=choices)
