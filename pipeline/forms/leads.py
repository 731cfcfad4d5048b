"""Forms of leads: quick capture, edit, giving, ending, converting; and of events."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact
from common.access import Reach
from common.forms import EmailField, LineField, LocaleDateField, MoneyField, version_field
from common.http import a_day, chosen, whole
from common.selectors import currencies, today
from pipeline.forms.accounts import NEW
from pipeline.forms.opportunities import OpportunityForm
from pipeline.models import Lead, SalesEvent
from pipeline.selectors.leads import (
    MOST_OFFERED,
    LeadFilters,
    lead_owners,
    offered_events,
    offered_partners,
    offered_reps,
)
from pipeline.services import AccountInput, ContactInput, DealInput
from workspace.forms.own import OwnFilterForm, OwnForm
from workspace.models import ListValue
from workspace.selectors.lists import offered
from workspace.selectors.own import Asked

NOBODY = "none"
STATES = {**dict(Lead.State.choices), "all": _("all")}
LEAD_FILTERS = ("state", "owner", "origin", "source", "tactic", "untouched", "event", "from", "to", "q")
HIDDEN = ("event", "from", "to")


class LeadForm(OwnForm):
    """Quick capture of a lead: who it is and one way to reach them; the rest can wait."""

    name = LineField(label=_("Name"), required=False, max_length=120)
    company = LineField(label=_("Company"), required=False, max_length=160)
    email = EmailField(label=_("E-mail"), required=False, max_length=254)
    phone = LineField(label=_("Phone"), required=False, max_length=40)
    origin = forms.ChoiceField(label=_("Origin"), choices=Lead.Origin.choices, initial=Lead.Origin.SELF)
    source: forms.Field = LineField(label=_("Source"), required=False, max_length=80)
    tactic: forms.Field = LineField(label=_("Tactic"), required=False, max_length=80)
    partner_id = forms.TypedChoiceField(label=_("Partner"), required=False, coerce=int, empty_value=None)
    partner_rep_id = forms.TypedChoiceField(
        label=_("Their representative"), required=False, coerce=int, empty_value=None
    )
    event_id = forms.TypedChoiceField(label=_("Event"), required=False, coerce=int, empty_value=None)
    interest = LineField(label=_("Interested in"), required=False, max_length=500)
    title = LineField(label=_("Job title"), required=False, max_length=120)
    web_domain = LineField(label=_("Web domain"), required=False, max_length=120)
    town = LineField(label=_("Town"), required=False, max_length=80)
    region = LineField(label=_("State or region"), required=False, max_length=80)
    country = LineField(label=_("Country"), required=False, max_length=80)

    own_subject = "lead"
    FIRST = ("name", "company", "email", "phone")
    LAST = ("anyway_reason", "version")
    is_edit = False

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        now = self.initial
        _offer_listed(self, "source", ListValue.List.LEAD_SOURCE)
        _offer_listed(self, "tactic", ListValue.List.TACTIC)
        partners = offered_partners(now.get("partner_id"))
        reps = offered_reps(now.get("partner_rep_id"))
        events = offered_events(today(), now.get("event_id"))
        _offer(self, "partner_id", ((row.pk, row.name) for row in partners))
        _offer(self, "partner_rep_id", ((row.pk, f"{row.name}, {row.partner.name}") for row in reps))
        _offer(self, "event_id", ((row.pk, row.name) for row in events))

    def first(self) -> list[forms.BoundField]:
        """What is asked first."""
        return [self[name] for name in self.FIRST]

    def rest(self) -> list[forms.BoundField]:
        """What can wait, folded."""
        return [self[name] for name in self.fields if name not in (*self.FIRST, *self.LAST)]

    def is_rest_open(self) -> bool:
        """Whether what is folded is shown: in an edit, and where some of it is wrong."""
        return self.is_edit or any(field.errors for field in self.rest())


class LeadCreateForm(LeadForm):
    """A new lead; another one although one like it is here says why."""

    is_quick = True
    owner_id = forms.TypedChoiceField(label=_("Owner"), coerce=int, required=False, empty_value=None)
    anyway_reason = LineField(label=_("Why is it another lead?"), required=False, max_length=120)

    def __init__(self, data: Any = None, *, mine: Reach, **options: Any) -> None:
        super().__init__(data, **options)
        _offer_owners(self, mine)

    @property
    def found(self) -> Any:
        """Who is like it, where it was refused because of them."""
        return getattr(getattr(self, "refusal", None), "found", None)


class LeadEditForm(LeadForm):
    """What is known of a lead that somebody read at a version."""

    is_edit = True
    version = version_field()


class GiveForm(forms.Form):
    """To whom a lead goes, and why."""

    owner_id = forms.TypedChoiceField(label=_("New owner"), coerce=int)
    reason = LineField(label=_("Reason"), required=False, max_length=200)
    version = version_field()

    def __init__(self, data: Any = None, *, mine: Reach, lead: Lead, **options: Any) -> None:
        super().__init__(data, **options)
        _offer_owners(self, mine, first=_("Choose a person"), besides=lead.owner_id)


class DisqualifyForm(forms.Form):
    """Why a lead comes to nothing."""

    reason: forms.Field = LineField(label=_("Reason"), max_length=80)
    version = version_field()

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        _offer_listed(self, "reason", ListValue.List.DISQUALIFIED)


class ReopenForm(forms.Form):
    """A disqualified lead that somebody read at a version."""

    version = version_field()


class ConvertForm(OpportunityForm):
    """What becomes of a lead: an account, a contact or none, a deal or none."""

    contact = forms.ChoiceField(label=_("Contact"))
    contact_name = LineField(label=_("Name of the new contact"), required=False, max_length=120)
    has_deal = forms.BooleanField(label=_("Open a deal"), required=False)
    version = version_field()

    DEAL = ("name", "amount_minor", "currency", "close_on", "stage_id")

    def __init__(
        self, data: Any = None, *, mine: Reach, contacts: Iterable[Contact], may_meet: bool, **options: Any
    ) -> None:
        super().__init__(data, mine=mine, **options)
        here = [(str(one.pk), f"{one.name}, {one.account.name}") for one in contacts]
        new = [(NEW, _("A new contact"))] if may_meet else []
        self.fields["contact"].choices = [*here, *new, (NOBODY, _("No contact"))]  # type: ignore[attr-defined]
        if self.is_bound and not self.data.get("has_deal"):
            for name in self.DEAL:
                self.fields[name].required = False
        self.may_open = bool(mine.relations("opportunity", "create"))
        if not self.may_open:
            self.fields["has_deal"].disabled = True
            self.initial["has_deal"] = False

    def clean(self) -> dict[str, Any]:
        """As the service takes it."""
        cleaned = super().clean()
        account = AccountInput(
            cleaned.get("account_id"), cleaned.get("account_name", ""), cleaned.get("account_anyway", "")
        )
        has_deal = cleaned.get("has_deal") and not any(name in self.errors for name in self.DEAL)
        deal = DealInput(**{name: cleaned[name] for name in self.DEAL}) if has_deal else None
        contact, name = cleaned.get("contact"), cleaned.get("contact_name", "")
        picked = (
            None
            if contact in (None, NOBODY)
            else ContactInput(None if contact == NEW else int(contact), name)
        )
        return {"account": account, "contact": picked, "deal": deal, "version": cleaned.get("version")}


class EventForm(forms.Form):
    """An event: what, when, where, what it cost, whose it is."""

    name = LineField(label=_("Name"), max_length=120)
    starts_on = LocaleDateField(label=_("First day"))
    ends_on = LocaleDateField(label=_("Last day"))
    place = LineField(label=_("Place"), required=False, max_length=120)
    cost_minor = MoneyField(label=_("Cost"), required=False)
    currency = forms.ChoiceField(label=_("Currency"))
    owner_id = forms.TypedChoiceField(label=_("Owner"), coerce=int, required=False, empty_value=None)

    def __init__(self, data: Any = None, *, mine: Reach, **options: Any) -> None:
        super().__init__(data, **options)
        known = currencies()
        now = self.initial.setdefault("currency", known[0])
        codes = list(dict.fromkeys([*known, now]))
        self.fields["currency"].choices = [(code, code) for code in codes]  # type: ignore[attr-defined]
        asked = self.data.get("currency", now)
        self.fields["cost_minor"].currency = asked if asked in codes else now  # type: ignore[attr-defined]
        _offer_owners(self, mine)


class EventEditForm(EventForm):
    """An event that somebody read at a version."""

    version = version_field()

    def __init__(self, data: Any = None, *, mine: Reach, event: SalesEvent) -> None:
        names = ("name", "starts_on", "ends_on", "place", "cost_minor", "currency", "owner_id", "version")
        super().__init__(data, mine=mine, initial={name: getattr(event, name) for name in names})
        self.fields["owner_id"].required = True


# ---- the filters of the list ----


def lead_filters_of(query: dict[str, str], own: Sequence[Asked] = ()) -> LeadFilters:
    """The filters that an address asks for, and those by own fields. Raises BadQuery on a value that is not known."""
    state = chosen(query, "state", tuple(STATES), Lead.State.OPEN.value)
    asked = {
        "state": "" if state == "all" else state,
        "owner_id": whole(query, "owner"),
        "event_id": whole(query, "event"),
        "origin": chosen(query, "origin", ["", *Lead.Origin.values], ""),
        "source": query.get("source", ""),
        "tactic": query.get("tactic", ""),
        "created_on__gte": a_day(query, "from"),
        "created_on__lte": a_day(query, "to"),
    }
    columns = {name: value for name, value in asked.items() if value not in (None, "")}
    is_untouched = chosen(query, "untouched", ["", "1"], "") == "1"
    return LeadFilters(columns, is_untouched, query.get("q", "").strip(), own)


class LeadFilterForm(forms.Form):
    """The filters as a reader sets them; never bound, because the address is read strictly."""

    q = forms.CharField(label=_("Name, company, e-mail or number"), required=False, max_length=200)
    state = forms.ChoiceField(label=_("State"), required=False, choices=list(STATES.items()))
    owner = forms.ChoiceField(label=_("Owner"), required=False)
    origin = forms.ChoiceField(
        label=_("Origin"), required=False, choices=[("", _("all")), *Lead.Origin.choices]
    )
    source = forms.ChoiceField(label=_("Source"), required=False)
    tactic = forms.ChoiceField(label=_("Tactic"), required=False)
    untouched = forms.ChoiceField(
        label=_("Touched"), required=False, choices=[("", _("all")), ("1", _("untouched"))]
    )

    def __init__(self, query: dict[str, str], mine: Reach) -> None:
        super().__init__(initial=query, auto_id="filter_%s")
        self.own = OwnFilterForm(query, mine, "lead")
        for name, kept in (("source", ListValue.List.LEAD_SOURCE), ("tactic", ListValue.List.TACTIC)):
            values = dict.fromkeys([*offered(kept), *filter(None, [query.get(name)])])
            _offer(self, name, ((value, value) for value in values), _("all"))
        for name in filter(query.get, HIDDEN):
            self.fields[name] = forms.CharField(widget=forms.HiddenInput)
        people = list(lead_owners(mine)[: MOST_OFFERED + 1])
        if 1 < len(people) <= MOST_OFFERED:
            _offer(self, "owner", ((row.pk, row.name) for row in people), _("all"))
        else:
            del self.fields["owner"]


class YieldForm(forms.Form):
    """The days of the cohort, and by what it is told apart; never bound."""

    def __init__(self, query: dict[str, str], start: date, stop: date) -> None:
        super().__init__(initial={**query, "from": start, "to": stop}, auto_id="filter_%s")
        for name, label in (("from", _("Created from")), ("to", _("Created to"))):
            self.fields[name] = LocaleDateField(label=label, required=False)


def _offer_owners(form: forms.Form, mine: Reach, *, first: Any = None, besides: int | None = None) -> None:
    """Whom it may be given to, oneself first; `first`: what stands above them where nobody is chosen yet."""
    people = {row.pk: row.name for row in lead_owners(mine)[:MOST_OFFERED] if row.pk != besides}
    if mine.user_id and mine.user_id != besides:
        people = {
            mine.user_id: str(_("me")),
            **{pk: name for pk, name in people.items() if pk != mine.user_id},
        }
    above = [("", first)] if first else []
    form.fields["owner_id"].choices = [*above, *people.items()]  # type: ignore[attr-defined]


def _offer_listed(form: forms.Form, name: str, kept: str) -> None:
    """The values of a list, and the one that is there; any text where the list is empty."""
    values = offered(kept)
    now = form.initial.get(name)
    if values:
        field = form.fields[name]
        known = dict.fromkeys([*values, *filter(None, [now])])
        choices = [
            ("", _("—") if not field.required else _("Choose a reason")),
            *((one, one) for one in known),
        ]
        form.fields[name] = forms.ChoiceField(label=field.label, required=field.required, choices=choices)


def _offer(form: forms.Form, name: str, choices: Iterable[tuple[Any, Any]], empty: Any = "—") -> None:
    form.fields[name].choices = [("", empty), *choices]  # type: ignore[attr-defined]
