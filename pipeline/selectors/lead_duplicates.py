"""Who is like a lead that somebody is about to add: open leads, contacts, accounts; also those that they do not see."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, Value

from accounts.models import Contact, match_key
from accounts.selectors.duplicates import MOST_SHOWN, Alike, Typed, alike, contacts_alike, reached_by
from common.access import Reach
from common.transaction import widened
from pipeline.models import Lead


@dataclass(frozen=True)
class LeadTyped:
    """What was typed of a lead, as far as it is compared."""

    company: str = ""
    email: str = ""
    phone: str = ""
    web_domain: str = ""

    @property
    def of_account(self) -> Typed:
        return Typed.of(self.company, self.web_domain)

    @property
    def in_words(self) -> Typed:
        """As it is kept on record that somebody asked."""
        return Typed.of(self.company or self.email or self.phone, self.web_domain)


@dataclass(frozen=True)
class LeadAlike:
    """What is like the lead, as far as it is seen; `hidden`: there is more that this person does not see."""

    leads: Sequence[Lead]
    contacts: Sequence[Contact]
    accounts: Alike
    hidden: bool

    def __bool__(self) -> bool:
        return bool(self.leads or self.contacts or self.accounts.seen or self.hidden)

    @property
    def names(self) -> list[str]:
        """What is seen of it, by name and number."""
        leads = [f"{one} ({one.number})" for one in self.leads]
        contacts = [f"{one.name}, {one.account.name}" for one in self.contacts]
        return leads + contacts + [f"{one.name} ({one.number})" for one in self.accounts.seen]


def leads_alike(mine: Reach, typed: LeadTyped, besides: int = 0) -> tuple[Sequence[Lead], bool]:
    """The open leads in reach of that e-mail address, phone number or company, and whether there are others."""
    same = reached_by(typed.email, typed.phone)
    if typed.company.strip():
        same |= Q(company_key=match_key(Value(typed.company))) & ~Q(company_key="")
    with widened("lead"):
        rows = Lead.objects.open().filter(same).exclude(pk=besides).order_by("pk")
        ids = list(rows.values_list("pk", flat=True)[:MOST_SHOWN])
    seen = list(Lead.objects.visible_to(mine).filter(pk__in=ids).select_related("owner").order_by("pk"))
    return seen, len(seen) < len(ids)


def lead_alike(mine: Reach, typed: LeadTyped) -> LeadAlike:
    """Open leads, contacts and accounts that are the same by e-mail address, phone number, name or web domain."""
    leads, more_leads = leads_alike(mine, typed)
    contacts, more_contacts = contacts_alike(mine, typed.email, typed.phone)
    accounts = alike(mine, typed.of_account)
    return LeadAlike(leads, contacts, accounts, more_leads or more_contacts or bool(accounts.hidden))
