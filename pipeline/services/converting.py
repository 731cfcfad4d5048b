"""A lead becomes an account that is here or a new one, a contact there, and a deal if there is one: in one act."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account, Contact
from accounts.services import create_account, create_contact
from common.access import seen
from common.checks import check_text
from common.errors import Refused
from common.selectors import today
from common.transaction import act, now, reach, widened
from pipeline.models import Activity, ActivityContact, Channel, Lead, Motion, Opportunity
from pipeline.services.leads import open_lead
from pipeline.services.opportunities import create_opportunity
from pipeline.services.ways import NEW


@dataclass(frozen=True)
class AccountInput:
    """The account of a converted lead: one that is here by its id, else a new one of that name.

    `anyway_reason` says why there is to be a new one although one like it is here.
    """

    id: int | None = None
    name: str = ""
    anyway_reason: str = ""


@dataclass(frozen=True)
class ContactInput:
    """The contact of a converted lead: one of the account by its id, else a new one of that name."""

    id: int | None = None
    name: str = ""


@dataclass(frozen=True)
class DealInput:
    """The deal of a converted lead, as a quick entry asks for it."""

    name: str
    amount_minor: int | None
    currency: str
    close_on: date
    stage_id: int
    motion: str = Motion.NEW


@act
def convert_lead(
    *,
    by: int,
    lead_id: int,
    version: int,
    account: AccountInput,
    contact: ContactInput | None = None,
    deal: DealInput | None = None,
) -> Lead:
    """Convert an open lead; whoever may update it, see the account, and make what is made. The deal is the owner's.

    Without a contact or a deal there is none. Its activities become those of the account, the contact and the deal,
    and go on knowing the lead. All of it happens or nothing. Raises NotInReach, Forbidden, Stale, Conflict for a lead
    that is closed, accounts.services.Exists for a new account that is here already, Refused on what is missing.
    """
    lead = open_lead(lead_id, version)
    customer = _account(by, lead, account)
    person = _contact(by, lead, customer, contact) if contact else None
    opened = _deal(by, lead, customer, deal) if deal else None
    _take_along(lead, customer, person, opened)
    ends = {"state": Lead.State.CONVERTED, "closed_on": today(), "touched_at": lead.touched_at or now()}
    Lead.objects.change(lead.pk, version, account=customer, contact=person, opportunity=opened, **ends)
    lead.refresh_from_db()
    return lead


def _account(by: int, lead: Lead, asked: AccountInput) -> Account:
    """The account, locked so that no move or merge comes between, or a new one with what is known of it."""
    if asked.id is None:
        known = {name: getattr(lead, name) for name in ("web_domain", "country", "region", "town")}
        check_text(asked.name, "account_name")
        try:
            return create_account(by=by, name=asked.name.strip(), anyway_reason=asked.anyway_reason, **known)
        except Refused as refusal:
            refusal.path = {"anyway_reason": "account_anyway", "name": "account_name"}.get(
                refusal.path, refusal.path
            )
            raise
    account: Account = seen(Account.objects.select_for_update(no_key=True), reach(), asked.id)
    if account.merged_into_id:
        message = _("%(name)s was merged into another account. Choose that one.") % {"name": account.name}
        raise Refused(message, path="account", code="merged")
    return account


def _contact(by: int, lead: Lead, account: Account, asked: ContactInput) -> Contact:
    """A contact of that account. Raises Refused for one of another, Forbidden who may not add one."""
    if asked.id is None:
        check_text(asked.name, "contact_name")
        known = {name: getattr(lead, name) for name in ("title", "email", "phone")}
        return create_contact(by=by, account_id=account.pk, name=asked.name.strip(), **known)
    contact: Contact | None = account.contacts.filter(pk=asked.id).first()
    if contact is None:
        raise Refused(_("Choose a contact of this account."), path="contact", code="unknown_contact")
    return contact


def _deal(by: int, lead: Lead, account: Account, asked: DealInput) -> Opportunity:
    values: dict[str, Any] = vars(asked)
    came: dict[str, Any] = {**NEW, "source": lead.source}
    if lead.partner_id:
        partner = {"partner_id": lead.partner_id, "partner_rep_id": lead.partner_rep_id}
        came |= {"channel": Channel.PARTNER, **partner}
    return create_opportunity(by=by, account_id=account.pk, owner_id=lead.owner_id, came=came, **values)


def _take_along(lead: Lead, account: Account, contact: Contact | None, deal: Opportunity | None) -> None:
    """The lead's activities, whosever they are, become those of the account, the contact and the deal."""
    with widened("activity", "activity_contact"):
        rows = Activity.objects.filter(lead=lead)
        rows.update(account=account, opportunity=deal, territory_id=account.territory_id)
        if contact:
            ids = rows.values_list("pk", flat=True)
            met = [ActivityContact(activity_id=pk, contact=contact) for pk in ids]
            ActivityContact.objects.bulk_create(met, ignore_conflicts=True)
