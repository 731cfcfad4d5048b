"""Input about what is known around a deal: stakeholders, competitors, requirements, concessions."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.forms.contacts import ContactForm
from accounts.models import Account
from accounts.selectors.offers import Contacts
from common.forms import LineField, LocaleDateField, MoneyField, TextField, version_field
from common.models import Editable
from common.pickers import PickField
from common.selectors import today
from common.transaction import reach
from pipeline.models import Competitor, Concession, Opportunity, Requirement, Stakeholder
from pipeline.services.competitors import MOST_NAME, MOST_STRATEGY
from pipeline.services.concessions import MOST_WORDS
from pipeline.services.requirements import MOST_REQUIREMENT
from pipeline.services.stakeholders import MOST_NOTE
from workspace.models import ListValue
from workspace.selectors.lists import offered


class AroundForm(forms.Form):
    """Something known around a deal: filled from its row, or for a new one, which has no version yet."""

    def __init__(self, data: Any = None, *, deal: Opportunity, row: Editable | None = None) -> None:
        names = [*self.base_fields, "version"]
        super().__init__(data, initial={name: getattr(row, name, None) for name in names} if row else None)
        if row:
            self.fields["version"] = version_field()


class StakeholderForm(AroundForm):
    """Which part somebody has in a deal."""

    role = forms.ChoiceField(label=_("Role"), choices=Stakeholder.Role.choices)
    stance = forms.ChoiceField(label=_("Stance"), choices=Stakeholder.Stance.choices)
    note = LineField(label=_("Note"), required=False, max_length=MOST_NOTE)


class NewStakeholderForm(StakeholderForm, ContactForm):
    """Which part a contact of the account has in a deal, or a new one; who may add no contacts chooses one."""

    contact_id = PickField(
        label=_("Contact"), offer=Contacts(), nothing=_("Choose a contact"), required=False
    )
    name = LineField(label=_("Name"), required=False, max_length=120)
    role = forms.ChoiceField(label=_("Role"), choices=[("", _("Choose a role")), *Stakeholder.Role.choices])

    NEW = ("name", "title", "seniority", "email")
    """What is said of a new contact."""

    def __init__(self, data: Any = None, *, deal: Opportunity) -> None:
        super().__init__(data, deal=deal)
        mine = reach()
        account = Account.objects.visible_to(mine).filter(pk=deal.account_id).first()
        self.fields["contact_id"].offer = Contacts(deal.account_id)  # type: ignore[attr-defined]
        del self.fields["phone"]  # asked for on the account's page
        self.may_add = account is not None and mine.allows("account", "update", account)
        if not self.may_add:
            self.fields["contact_id"].required = True
            for name in self.NEW:
                del self.fields[name]

    @property
    def is_new(self) -> bool:
        """Whether something was typed of a new contact."""
        return self.may_add and any(self[name].value() for name in self.NEW)

    def clean(self) -> dict[str, Any]:
        """As the service takes it: a contact that is there, or what is known of a new one."""
        cleaned = dict(self.cleaned_data)
        if cleaned.get("contact_id") is None:
            return cleaned
        typed = [cleaned.pop(name, "") for name in self.NEW]
        if any(typed):
            self.add_error("contact_id", _("Choose a contact or name a new one, not both."))
        return cleaned


class CompetitorForm(AroundForm):
    """Who else wants the deal: one of those on offer, or any where none is."""

    name: forms.Field = LineField(label=_("Competitor"), max_length=MOST_NAME)
    strategy = TextField(
        label=_("Strategy against it"),
        required=False,
        max_length=MOST_STRATEGY,
        widget=forms.Textarea({"rows": 4}),
    )
    is_incumbent = forms.BooleanField(
        label=_("The incumbent: the customer buys from it today"), required=False
    )

    def __init__(self, data: Any = None, *, deal: Opportunity, row: Competitor | None = None) -> None:
        super().__init__(data, deal=deal, row=row)
        if values := offered(ListValue.List.COMPETITOR):
            names = dict.fromkeys([*([row.name] if row else []), *values])
            choices = [("", _("Choose a competitor")), *((name, name) for name in names)]
            self.fields["name"] = forms.ChoiceField(label=self.fields["name"].label, choices=choices)


class RequirementForm(AroundForm):
    """What the customer needs, and whether what is offered meets it."""

    text = LineField(label=_("Requirement"), max_length=MOST_REQUIREMENT)
    kind = forms.ChoiceField(label=_("Kind"), choices=Requirement.Kind.choices)
    state = forms.ChoiceField(label=_("State"), choices=Requirement.State.choices)


class StateForm(forms.Form):
    """Another state of a requirement, by one press."""

    state = forms.ChoiceField(choices=Requirement.State.choices)
    version = version_field()


class ConcessionForm(AroundForm):
    """What was given, why, and what was got in return."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Concession.Kind.choices)
    given_on = LocaleDateField(label=_("Given on"), initial=today)
    text = LineField(label=_("What was given"), max_length=MOST_WORDS)
    reason = LineField(label=_("Why"), max_length=MOST_WORDS)
    in_return = LineField(label=_("What was got in return"), required=False, max_length=MOST_WORDS)
    worth_minor = MoneyField(label=_("Worth"), required=False)

    def __init__(self, data: Any = None, *, deal: Opportunity, row: Concession | None = None) -> None:
        super().__init__(data, deal=deal, row=row)
        worth = self.fields["worth_minor"]
        worth.currency = deal.currency  # type: ignore[attr-defined]
        worth.label = gettext("Worth in %(currency)s") % {"currency": deal.currency}


class RemoveForm(forms.Form):
    """The removal of a row that somebody read at a version."""

    version = version_field()
