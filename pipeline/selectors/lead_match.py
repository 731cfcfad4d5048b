"""What a lead may become: the accounts and contacts that the reader sees and that are like it; and what it became."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from accounts.models import Account, Contact
from accounts.rules.matching import domain_of
from accounts.selectors.duplicates import MOST_SHOWN, Alike, Typed, reached_by
from common.access import Reach
from pipeline.models import Lead, Opportunity

NEW, NOBODY = "new", "none"


@dataclass(frozen=True)
class Became:
    """What a lead was converted into, as far as the reader sees it."""

    account: Account | None
    contact: Contact | None
    deal: Opportunity | None


@dataclass(frozen=True)
class Match:
    """The accounts and contacts that are like a lead, of those that the reader sees."""

    lead: Lead
    alike: Alike
    contacts: Sequence[Contact]

    @property
    def initial(self) -> dict[str, Any]:
        """How the form of conversion starts: the one account that it is, else a new one of its name."""
        lead, one = self.lead, self.alike.seen[0] if len(self.alike.seen) == 1 else None
        name = lead.company or lead.name
        if one is None and self.contacts:
            one = self.contacts[0].account
        known = [contact for contact in self.contacts if one and contact.account_id == one.pk]
        account = (
            {"account": one.pk, "account_name": one.name} if one else {"account": NEW, "account_name": name}
        )
        contact = str(known[0].pk) if known else NEW if lead.name else NOBODY
        return {**account, "contact": contact, "contact_name": lead.name, "name": name, "has_deal": True}


def became(mine: Reach, lead: Lead) -> Became | None:
    """What a converted lead is now; None for any other."""
    if lead.account_id is None:
        return None
    return Became(
        Account.objects.visible_to(mine).filter(pk=lead.account_id).first(),
        Contact.objects.visible_to(mine).filter(pk=lead.contact_id).first(),
        Opportunity.objects.visible_to(mine).filter(pk=lead.opportunity_id).first(),
    )


def match_of(mine: Reach, lead: Lead) -> Match:
    """The accounts in reach by company, web domain or that of the e-mail address; contacts by how they are reached."""
    typed = Typed.of(lead.company, lead.web_domain)
    same = typed.matches()
    if domain := domain_of(lead.email.rpartition("@")[2]):
        same |= Q(web_domain=domain)
    accounts = Account.objects.visible_to(mine).standing().filter(same).select_related("territory")
    contacts = Contact.objects.visible_to(mine).filter(
        reached_by(lead.email, lead.phone), account__merged_into=None
    )
    return Match(
        lead,
        Alike(typed, list(accounts.order_by("pk")[:MOST_SHOWN])),
        list(contacts.select_related("account").order_by("pk")[:MOST_SHOWN]),
    )
