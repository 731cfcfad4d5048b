"""Forms of quotas, and what the attainment pages are narrowed by."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from catalog.models import Family
from common.forms import LineField, MoneyField, version_field
from common.http import BadQuery, a_period
from common.models import Period
from common.pickers import PickField
from common.selectors import running_quarter
from orders.forms.filters import ClockForm
from quotas.models import Quota
from quotas.selectors.offers import Assignees

MOST_BYTES = 1_000_000


def quarter_of(query: dict[str, str]) -> Period:
    """The quarter that the address asks for, or else the running one. Raises BadQuery for what is no quarter."""
    quarter = a_period(query) or running_quarter()
    if quarter.kind != Period.Kind.QUARTER:
        raise BadQuery(_("Ask for a quarter of the calendar, such as 2026-Q2."), path="period")
    return quarter


class TeamFilterForm(ClockForm):
    """The two clocks, and the family that the team's table is narrowed to."""

    family = forms.ChoiceField(label=_("Product family"), required=False)

    def __init__(self, query: Mapping[str, str], families: Mapping[int, str]) -> None:
        super().__init__(query)
        self.fields["family"].choices = [("", _("All families")), *families.items()]  # type: ignore[attr-defined]


class QuotaForm(forms.Form):
    """What is asked of one person or territory for a quarter; `version` is the quota that a change was read from."""

    assignee = PickField(label=_("Person or territory"), offer=Assignees(), coerce=str)
    period_id = forms.TypedChoiceField(label=_("Quarter"), coerce=int)
    family_id = forms.TypedChoiceField(
        label=_("Product family"),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("Empty: all families."),
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=Quota.Kind.choices,
        help_text=_("A manager's own selling quota stands beside the one assigned to the team."),
    )
    amount_minor = MoneyField(label=_("Amount"))
    reason = LineField(
        label=_("Reason"), max_length=200, required=False, help_text=_("Needed when a quota changes.")
    )
    version = version_field()

    def __init__(
        self,
        data: QueryDict | None,
        *,
        quota: Quota,
        periods: Iterable[Period],
        currency: str,
    ) -> None:
        super().__init__(data, initial=_initial(quota))
        fields: dict[str, Any] = self.fields
        fields["period_id"].choices = [(period.pk, period.code) for period in periods]
        fields["family_id"].choices = [("", _("All families")), *Family.objects.values_list("pk", "name")]
        fields["amount_minor"].currency = currency
        fields["amount_minor"].label = _("Amount in %(currency)s") % {"currency": currency}
        fields["version"].required = False
        if quota.pk:
            # Whoever left is not among those to choose from, and keeps what was asked of them.
            who = quota.person or quota.territory
            kept = forms.ChoiceField(choices=[(_assignee(quota), who.name if who else "")])
            kept.label, fields["assignee"] = fields["assignee"].label, kept
            for name in ("period_id", "assignee", "family_id", "kind"):
                fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        """The assignee as the ids that the service takes."""
        cleaned = super().clean() or {}
        kind, _separator, pk = cleaned.pop("assignee", "").partition(":")
        return {**cleaned, **({f"{kind}_id": int(pk)} if pk else {})}


class QuotaFileForm(forms.Form):
    """A file of quotas, and why those that stand change."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("Columns: person, territory, period, family, kind, amount. At most 1 MB, UTF-8."),
    )

    def clean_file(self) -> str:
        upload = self.cleaned_data["file"]
        if upload.size > MOST_BYTES:
            raise forms.ValidationError(
                _("The file is larger than 1 MB. Cut it into several."), code="too_large"
            )
        try:
            return str(upload.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            message = _("The file is not UTF-8 text (byte %(place)s). Save it as CSV UTF-8.")
            raise forms.ValidationError(message, code="encoding", params={"place": error.start}) from error


class QuotaApplyForm(forms.Form):
    """A file that was looked at, to be applied."""

    # A browser sends every line's end as two characters.
    content = forms.CharField(widget=forms.HiddenInput, strip=False, max_length=2 * MOST_BYTES)
    reason = LineField(
        label=_("Reason"), max_length=200, required=False, help_text=_("Needed when a quota changes.")
    )


def _assignee(quota: Quota) -> str:
    """The word that stands for whom a quota is for."""
    return f"person:{quota.person_id}" if quota.person_id else f"territory:{quota.territory_id}"


def _initial(quota: Quota) -> dict[str, Any]:
    return {
        **quota.key._asdict(),
        "assignee": _assignee(quota),
        "amount_minor": quota.amount_minor,
        "version": quota.pk,
    }
