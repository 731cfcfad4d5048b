"""Forms of an activity: quick entry and completion."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.selectors.offers import Contacts
from common.access import Reach
from common.forms import LineField, LocaleDateField, PickedField, TextField, WholeField, version_field
from common.pickers import PickField
from pipeline.forms.accounts import AccountForm
from pipeline.models import Activity, Lead, Opportunity
from pipeline.selectors.around import Offered, contacts_to_name

ID_DIGITS = 18


class WithForm(forms.Form):
    """Those with whom something was done: some contacts of the account to tick, and one more where it has many."""

    contact_ids = PickedField(label=_("With"), required=False)
    other_contact_id = PickField(label=_("Somebody else"), offer=Contacts(), required=False)

    account_id: int | None = None
    deal_id: int | None = None
    besides: Collection[int] = ()

    def at(self, account_id: int | None, deal_id: int | None = None, besides: Collection[int] = ()) -> None:
        """Offer the contacts of this account but for those that are named already."""
        self.account_id, self.deal_id, self.besides = account_id, deal_id, besides
        self.fields["other_contact_id"].offer = Contacts(account_id)  # type: ignore[attr-defined]

    @cached_property
    def offered(self) -> Offered:
        """Whom the form offers to tick."""
        return contacts_to_name(self.account_id, self.deal_id, self.besides)

    @property
    def ticked(self) -> set[str]:
        """The ids that came ticked, also where they were refused."""
        return {str(value) for value in self["contact_ids"].value() or ()}

    def with_whom(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """What was cleaned, with all contacts as one list."""
        other, ticked = cleaned.pop("other_contact_id", None), cleaned.get("contact_ids", [])
        return {**cleaned, "contact_ids": [*ticked, *([other] if other else [])]}


class ActivityForm(WithForm, AccountForm):
    """Quick entry of an activity: type, with whom, outcome, next step. On a deal's page the deal is given."""

    kind = forms.ChoiceField(label=_("Type"), choices=Activity.Kind.choices)
    subject = LineField(label=_("Subject"), max_length=160)
    outcome = TextField(
        label=_("Outcome"), max_length=4000, required=False, widget=forms.Textarea({"rows": 3})
    )
    done = forms.BooleanField(label=_("Already done"), required=False, initial=True)
    due_on = LocaleDateField(label=_("Due"), required=False, help_text=_("When it is still to be done."))
    next_step = LineField(label=_("Next step"), max_length=160, required=False)
    next_step_on = LocaleDateField(label=_("Next step due"), required=False)
    opportunity = WholeField(required=False, least=1, widget=forms.HiddenInput)
    lead = WholeField(required=False, least=1, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, mine: Reach, **options: Any) -> None:
        super().__init__(data, mine=mine, **options)
        said = {name: self._said(name) for name in ("opportunity", "lead", "account")}
        for name, model in (("opportunity", Opportunity), ("lead", Lead)):
            if said[name]:
                row = model.objects.visible_to(mine).filter(pk=said[name]).first()
                said["account"] = row.account_id if row else None
                break
        self.at(said["account"], said["opportunity"])

    def _said(self, name: str) -> int | None:
        """The id of what this is about, as it was sent or given."""
        text = str((self.data if self.is_bound else self.initial).get(name) or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) <= ID_DIGITS else None

    def clean(self) -> dict[str, Any]:
        """As the service takes it: about a deal, a lead, or an account."""
        self.cleaned_data = self.with_whom(self.cleaned_data)
        given = {f"{name}_id": self.cleaned_data.pop(name, None) for name in ("opportunity", "lead")}
        given = {name: pk for name, pk in given.items() if pk is not None}
        if not given:
            return super().clean()
        about = ("account", "account_name", "account_is_new")
        kept = {name: value for name, value in self.cleaned_data.items() if name not in about}
        return {**kept, **given}


class CompleteForm(WithForm):
    """An activity is done, and this came of it."""

    outcome = TextField(
        label=_("Outcome"), max_length=4000, required=False, widget=forms.Textarea({"rows": 3})
    )
    version = version_field()

    def clean(self) -> dict[str, Any]:
        """As the service takes it."""
        return self.with_whom(self.cleaned_data)
