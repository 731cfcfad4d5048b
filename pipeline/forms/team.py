"""Forms of a deal's team and of who gets its credit."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.errors import Refused
from common.forms import LineField, LocaleDateField, ShareField, version_field
from common.pickers import PickField
from common.selectors import today
from pipeline.models import Opportunity
from pipeline.rules.splits import MOST_PARTS, Shares
from pipeline.selectors.team import credit_on, credits_of
from pipeline.services import PartInput
from territories.selectors.offers import People

MOST_ROLE = 80
ROW = re.compile(r"(revenue|overlay)\.(\d+)\.(\w+)")


class RoleField(LineField):
    """A role in a deal's team: any, with those of the list suggested."""

    def __init__(self, **options: Any) -> None:
        super().__init__(label=_("Role"), max_length=MOST_ROLE, required=False, **options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "list": "team-roles", "autocomplete": "off"}


class AddForm(forms.Form):
    """Who comes to a deal's team, in which role and from which day on."""

    person_id = PickField(label=_("Person"), offer=People())
    role = RoleField()
    starts_on = LocaleDateField(label=_("From"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"starts_on": today()})


class RoleForm(forms.Form):
    """Which role somebody of the team has from a day on."""

    role = RoleField()
    starts_on = LocaleDateField(label=_("From"))


class EndForm(forms.Form):
    """From which day on somebody works on a deal no longer."""

    stops_on = LocaleDateField(label=_("First day without them"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"stops_on": today()})


class PercentField(ShareField):
    """A share, which the page adds up while it is typed."""

    attrs = {**ShareField.attrs, "data-amount": ""}


class PartForm(forms.Form):
    """One person's share."""

    person_id = PickField(
        label=_("Person"), offer=People(), error_messages={"required": _("Say whose share this is.")}
    )
    percent = PercentField(
        label=_("Share %"), error_messages={"required": _("Say how many percent this person gets.")}
    )


ROWS: Any = {"can_delete": True, "max_num": MOST_PARTS, "absolute_max": MOST_PARTS + 1, "validate_max": True}
PartFormSet = forms.formset_factory(PartForm, **ROWS)


class SplitForm(forms.Form):
    """Who gets the credit of a deal from a day on: shares of its revenue, and shares of overlay beside them."""

    starts_on = LocaleDateField(label=_("From"))
    reason = LineField(label=_("Reason"), max_length=200, required=False)
    version = version_field()

    def __init__(self, data: Any = None, *, deal: Opportunity) -> None:
        day = max(today(), deal.created_on)
        super().__init__(data, initial={"starts_on": day, "version": deal.version})
        now = credit_on(credits_of(deal), day)
        self.revenue = PartFormSet(data, initial=_rows(now.revenue), prefix="revenue")
        self.overlay = PartFormSet(data, initial=_rows(now.overlay), prefix="overlay")

    def clean(self) -> dict[str, Any]:
        """As the service takes it."""
        if not (self.revenue.is_valid() and self.overlay.is_valid()):
            self.add_error(None, _("Look at the shares: something there is missing or wrong."))
            return self.cleaned_data
        shares = {
            name: [PartInput(row["person_id"], row["percent"]) for row in _kept(rows)]
            for name, rows in (("revenue", self.revenue), ("overlay", self.overlay))
        }
        return {**self.cleaned_data, **shares}

    def place(self, refused: Refused) -> None:
        """Say what the act refused beside the row, or the group of rows, that it is about."""
        groups = {"revenue": self.revenue, "overlay": self.overlay}
        if refused.path in groups:
            groups[refused.path].non_form_errors().append(str(refused.message))
        elif match := ROW.fullmatch(refused.path):
            rows = [
                one for one in groups[match[1]].forms if one.cleaned_data and not one.cleaned_data["DELETE"]
            ]
            rows[int(match[2])].add_error(match[3], str(refused.message))


def _rows(shares: Shares) -> list[dict[str, int]]:
    return [{"person_id": person, "percent": share} for person, share in shares.items()]


def _kept(formset: Any) -> list[dict[str, Any]]:
    """What the rows clean to, without those that are empty or were removed."""
    return [row for row in formset.cleaned_data if row and not row["DELETE"]]
