"""Input about customers."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Coverage
from accounts.selectors import industries, named
from accounts.selectors.duplicates import Alike
from accounts.selectors.offers import Places
from accounts.services import Exists
from common.forms import LineField, MoneyField, TextField, WholeField, version_field
from common.selectors import the_organisation
from common.transaction import reach
from territories.forms import TerritoryField
from workspace.forms.own import OwnForm
from workspace.models import ListValue
from workspace.selectors.lists import offered


class AccountForm(OwnForm):
    """A customer's profile. The parent is picked from what was found; without a script its full name finds it."""

    name = LineField(label=_("Name"), max_length=160)
    industry = LineField(label=_("Industry"), required=False, max_length=80)
    employees = WholeField(label=_("Employees"), required=False)
    annual_revenue_minor = MoneyField(label=_("Annual revenue"), required=False)
    town = LineField(label=_("Town"), required=False, max_length=80)
    region = LineField(label=_("State or region"), required=False, max_length=80)
    country = LineField(label=_("Country"), required=False, max_length=80)
    postcode = LineField(label=_("Postcode"), required=False, max_length=16)
    web_domain = LineField(label=_("Web domain"), required=False, max_length=120)
    tax_number = LineField(label=_("Tax number"), required=False, max_length=40)
    parent_id = WholeField(label=_("Parent account"), required=False, least=1, widget=forms.HiddenInput)
    parent_name = LineField(label=_("Parent account"), required=False, max_length=160)

    own_subject = "account"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["annual_revenue_minor"].currency = the_organisation().reporting_currency  # type: ignore[attr-defined]
        self.fields["industry"].widget.attrs["list"] = "industry_options"

    def industries(self) -> list[str]:
        """What is proposed as industry: the values on offer, or where there are none what accounts have."""
        return offered(ListValue.List.INDUSTRY) or industries(reach())

    def clean(self) -> dict[str, Any]:
        cleaned = dict(self.cleaned_data)
        typed, picked = cleaned.pop("parent_name", ""), cleaned.get("parent_id")
        if typed:
            return {**cleaned, "parent_id": self._named(typed, picked)}
        hidden = self.initial.get("parent_id") if not self.initial.get("parent_name") else None
        return {**cleaned, "parent_id": hidden}

    def _named(self, name: str, picked: int | None) -> int | None:
        """The account of that name; the picked one among several. A parent out of reach stays as it is."""
        found = named(reach(), name)
        if picked in found or len(found) == 1:
            return picked if picked in found else found[0]
        refusal = _("Pick an account from the list.") if found else _("You see no account of that name.")
        self.add_error("parent_id", refusal)
        return None


class AccountCreateForm(AccountForm):
    """A new customer, and where it goes."""

    number = LineField(
        label=_("Number"), required=False, max_length=40, help_text=_("Left empty, one is given.")
    )
    territory_id = TerritoryField(
        label=_("Territory"),
        required=False,
        offer=Places(act="create", coverage=Coverage.FIELD),
        nothing=_("Where I sit, else Unassigned"),
    )
    anyway_reason = LineField(label=_("Why is it another account?"), required=False, max_length=120)

    @property
    def found(self) -> Alike | None:
        """The accounts that are like the one that was typed, where it was refused because of them."""
        refusal = getattr(self, "refusal", None)
        return refusal.found if isinstance(refusal, Exists) else None


class AccountEditForm(AccountForm):
    """A customer that somebody read at a version."""

    version = version_field()
    number = LineField(label=_("Number"), max_length=40)


class AccessForm(forms.Form):
    """Which account somebody asks to read, as they know it, and why."""

    name = LineField(label=_("Name"), required=False, max_length=160)
    web_domain = LineField(label=_("Web domain"), required=False, max_length=120)
    tax_number = LineField(label=_("Tax number"), required=False, max_length=40)
    reason = TextField(label=_("Reason"), max_length=500, help_text=_("Whoever answers reads it."))
