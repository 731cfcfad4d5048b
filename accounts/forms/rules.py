"""Input about rules: conditions as lines, each joined to the one before by *and* or *or*."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from accounts.forms.places import CoverageField
from accounts.models import Coverage
from accounts.rules import conditions
from accounts.rules.conditions import Condition, Faulty, Groups
from accounts.selectors.offers import Places
from accounts.selectors.rule_words import KINDS
from accounts.selectors.rules import account_ids, account_numbers
from accounts.services.rules import in_words
from common.errors import Refused
from common.forms import LineField, LocaleDateField, TextField, WholeField, version_field
from common.locale import format_amount, format_number, parse_units
from common.money import exponent
from common.selectors import the_organisation
from territories.forms import TerritoryField

MOST_LINES = 100
AND, OR = "and", "or"
JOINS = ((AND, _("and")), (OR, _("or")))


class ValuesField(TextField):
    """Values one to a line, or several on a line with semicolons between, else commas; cleans to a list."""

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        parts = re.split(r"[\n;]" if re.search(r"[\n;]", text) else ",", text)
        return [part.strip() for part in parts if part.strip()]


def written(values: tuple[str, ...]) -> str:
    """Values as the field takes them."""
    return "; ".join(values) + (";" if len(values) == 1 and "," in values[0] else "")


class ConditionForm(forms.Form):
    """One condition. Which of the other fields counts depends on what it looks at."""

    joins = forms.ChoiceField(label=_("Joined by"), choices=JOINS, required=False)
    kind = forms.ChoiceField(label=_("Looks at"), required=False)
    values = ValuesField(
        label=_("Values"),
        required=False,
        max_length=500_000,
        widget=forms.Textarea(attrs={"rows": 1}),
        help_text=_("Several with commas or one to a line. Accounts by their numbers."),
    )
    least = LineField(label=_("From"), required=False, max_length=40)
    most = LineField(label=_("To"), required=False, max_length=40)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        nothing: tuple[str, StrOrPromise] = ("", _("Choose what to look at"))
        self.fields["kind"].choices = [nothing, *KINDS.items()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = dict(self.cleaned_data)
        has_more = any(cleaned.get(name) for name in ("values", "least", "most"))
        if has_more and not cleaned.get("kind"):
            self.add_error("kind", _("Choose what to look at, or empty the line."))
        if not self.errors and cleaned["kind"]:
            try:
                cleaned["condition"] = self._condition(cleaned)
            except Refused as refusal:
                self.add_error(refusal.path or "values", forms.ValidationError(str(refusal.message)))
        return cleaned

    def _condition(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """The condition as JSON. Raises Refused at the field that can't be read."""
        kind = cleaned["kind"]
        if kind == conditions.POSTCODE_RANGE:
            return {"kind": kind, "from": cleaned["least"], "to": cleaned["most"]}
        if kind in conditions.SIZES:
            return {"kind": kind, **{key: _number(kind, cleaned[name], name) for key, name in ENDS.items()}}
        values = cleaned["values"]
        if kind in (conditions.PARENT, conditions.ACCOUNT):
            values = _accounts(values)
        return {"kind": kind, "values": values}


ENDS = {"from": "least", "to": "most"}


def _number(kind: str, text: str, path: str) -> int | None:
    if not text:
        return None
    places = exponent(the_organisation().reporting_currency) if kind == "annual_revenue" else 0
    try:
        return parse_units(text, places)
    except Refused as refusal:
        raise Refused(refusal.message, path=path) from refusal


def _accounts(numbers: list[str]) -> list[int]:
    """The ids of the accounts with these numbers. Raises Refused that names those that there are not."""
    if len(numbers) > conditions.MOST_ACCOUNTS:
        words = _now("More than %(most)s accounts are named. Make two rules of it.")
        raise Refused(words % {"most": format_number(conditions.MOST_ACCOUNTS)})
    known = account_ids(numbers)
    if missing := [number for number in numbers if number not in known]:
        words = _now("There is no account %(numbers)s. Look the number up on the account's page.")
        more = "…" if len(missing) > 5 else ""
        raise Refused(words % {"numbers": ", ".join(missing[:5]) + more})
    return [known[number] for number in numbers]


ROWS: Any = {"can_delete": True, "max_num": MOST_LINES, "absolute_max": MOST_LINES + 1, "validate_max": True}
ConditionFormSet: Any = forms.formset_factory(ConditionForm, extra=2, **ROWS)


class ConditionsForm(forms.Form):
    """A form with conditions below it; they are part of what it starts with and of what it cleans to.

    `groups` are there where they can be meant.
    """

    groups: Groups | None = None
    conditions = forms.Field(required=False, disabled=True, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        lines = as_lines(self.initial.get("conditions") or [])
        self.lines = ConditionFormSet(self.data if self.is_bound else None, initial=lines, prefix="lines")

    def clean(self) -> dict[str, Any]:
        cleaned = dict(self.cleaned_data)
        if not self.lines.is_valid():
            self.add_error(None, _("Look at the conditions: something there is missing or wrong."))
            return cleaned
        rows = [row for row in self.lines.cleaned_data if row.get("condition") and not row["DELETE"]]
        cleaned["conditions"] = grouped(rows)
        try:
            self.groups = conditions.read_new(cleaned["conditions"])
        except Faulty as fault:
            self._refuse(fault)
        return cleaned

    def _refuse(self, fault: Faulty) -> None:
        """Say what is wrong beside its line, where it is one line's fault."""
        standing = [
            line
            for line in self.lines
            if line.cleaned_data.get("condition") and not line.cleaned_data["DELETE"]
        ]
        sizes = [len(group) for group in self._sizes(standing)]
        if not fault.place:
            self.add_error(None, in_words(fault))
            return
        line = standing[sum(sizes[: fault.group - 1]) + fault.place - 1]
        line.add_error(None, _now(fault.text) % fault.values)
        self.add_error(None, _("Look at the conditions: something there is missing or wrong."))

    def _sizes(self, standing: list[Any]) -> list[list[Any]]:
        return grouped([line.cleaned_data for line in standing])


def grouped(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The conditions of lines as groups: *or* begins another one."""
    groups: list[list[dict[str, Any]]] = []
    for row in rows:
        if not groups or row["joins"] == OR:
            groups.append([])
        groups[-1].append(row["condition"])
    return groups


def as_lines(written_groups: Any) -> list[dict[str, str]]:
    """Conditions as the lines that make them."""
    groups = conditions.read(written_groups) if written_groups else ()
    named = {
        pk for group in groups for one in group if one.kind in ("parent", "account") for pk in one.values
    }
    numbers = account_numbers(named) if named else {}
    return [
        {"joins": AND if place else OR, **_line(one, numbers)}
        for group in groups
        for place, one in enumerate(group)
    ]


def _line(one: Condition, numbers: dict[int, str]) -> dict[str, str]:
    values = tuple(numbers.get(pk, "") if isinstance(pk, int) else pk for pk in one.values)
    ends = {name: _end(one, end) for name, end in (("least", one.least), ("most", one.most))}
    return {"kind": one.kind, "values": written(values), **ends}


def _end(one: Condition, end: Any) -> str:
    if end is None or isinstance(end, str):
        return end or ""
    if one.kind == "annual_revenue":
        return format_amount(end, the_organisation().reporting_currency)
    return str(end)


class RuleForm(ConditionsForm):
    """A rule: where its accounts belong, and which they are."""

    name = LineField(label=_("Name"), max_length=120)
    territory_id = TerritoryField(label=_("Territory"))
    coverage = CoverageField()
    priority = WholeField(
        label=_("Priority"),
        least=1,
        most=1_000_000,
        help_text=_("Of several rules that match, the lowest number decides."),
    )
    spares_placed = forms.BooleanField(
        label=_("Leave alone what a person placed"), required=False, initial=True
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["territory_id"].offer = Places(coverage=self.offered)  # type: ignore[attr-defined]

    @property
    def offered(self) -> str:
        """For which coverage territories are offered: another list is needed where the page shows that of another."""
        coverage = str(self["coverage"].value() or "")
        return coverage if coverage in Coverage.values else ""


class RuleEditForm(RuleForm):
    """A rule that somebody read at a version."""

    version = version_field()
    is_active = forms.BooleanField(
        label=_("In use"), required=False, help_text=_("Out of use it decides about no account.")
    )


class RunForm(forms.Form):
    """From which day on the rules are run, or a run is taken back, and the preview that was looked at."""

    starts_on = LocaleDateField(label=_("From"))
    digest = LineField(max_length=64, min_length=64, widget=forms.HiddenInput)
    takes_back_id = WholeField(required=False, least=1, widget=forms.HiddenInput)
    reason = LineField(
        label=_("Reason"), required=False, max_length=200, help_text=_("Who approves it reads this.")
    )
