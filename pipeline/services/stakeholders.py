"""The people at the customer who have a part in a deal."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account, Contact
from accounts.services import create_contact
from common.checks import check_text, note_of, refuse_unknown
from common.errors import Forbidden, Refused
from common.transaction import act, reach
from pipeline.models import Opportunity, Stakeholder
from pipeline.services.around import change_row, make_row, row_of
from pipeline.services.checks import check_choice, hold_deal

STAKEHOLDER_FIELDS = ("role", "stance", "note")
MOST_NOTE = 300


@act
def add_stakeholder(
    *,
    by: int,
    opportunity_id: int,
    role: str,
    stance: str = Stakeholder.Stance.UNKNOWN,
    note: str = "",
    contact_id: int | None = None,
    name: str = "",
    **known: Any,
) -> Stakeholder:
    """Say which part a contact of the deal's account has in the deal.

    Without `contact_id` a contact of that `name` is made first, of whom `known` tells more, as of accounts' contacts.
    Whoever may edit the deal, while it is open; a new contact also asks who may update the account. Raises NotInReach,
    Forbidden, Conflict, Refused for a contact of another account or one who is a stakeholder already.
    """
    deal = hold_deal(opportunity_id)
    values = _checked({"role": role, "stance": stance, "note": note})
    contact = _new_contact(by, deal, name, known) if contact_id is None else _contact(deal, contact_id)
    if deal.stakeholders.filter(contact=contact, is_removed=False).exists():
        message = _("This contact is a stakeholder already.")
        raise Refused(message, path="contact_id", code="stakeholder_once")
    return make_row(Stakeholder, deal, contact=contact, **values)


@act
def edit_stakeholder(
    *, by: int, opportunity_id: int, stakeholder_id: int, version: int, **changes: Any
) -> Stakeholder:
    """Change fields of STAKEHOLDER_FIELDS; whoever may edit the deal, while it is open. Raises Stale, Refused."""
    refuse_unknown(changes, STAKEHOLDER_FIELDS)
    row = row_of(Stakeholder, hold_deal(opportunity_id), stakeholder_id)
    return change_row(row, version, _checked(changes))


@act
def remove_stakeholder(*, by: int, opportunity_id: int, stakeholder_id: int, version: int) -> Stakeholder:
    """Take a person off the deal; history keeps them. Whoever may edit the deal, while it is open. Raises Stale."""
    row = row_of(Stakeholder, hold_deal(opportunity_id), stakeholder_id)
    return change_row(row, version, {"is_removed": True})


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are kept. Raises Refused with the path of what is wrong."""
    kept = dict(values)
    if "role" in kept:
        check_choice(kept["role"], "role", Stakeholder.Role.values)
    if "stance" in kept:
        check_choice(kept["stance"], "stance", Stakeholder.Stance.values)
    if "note" in kept:
        kept["note"] = note_of(kept["note"], "note", MOST_NOTE)
    return kept


def _contact(deal: Opportunity, contact_id: int) -> Contact:
    there = Contact.objects.visible_to(reach()).filter(account=deal.account_id, account__isnull=False)
    contact: Contact | None = there.filter(pk=contact_id).first()
    if contact is None:
        raise Refused(_("Choose a contact of this account."), path="contact_id", code="unknown_contact")
    return contact


def _new_contact(by: int, deal: Opportunity, name: str, known: Mapping[str, Any]) -> Contact:
    """A new contact of the account. Raises Refused for one of a name that is there: it may well be the same person."""
    if not name.strip():
        message = _("Choose a contact of this account, or name a new one.")
        raise Refused(message, path="contact_id", code="contact_missing")
    mine = reach()
    account = Account.objects.visible_to(mine).filter(pk=deal.account_id).first()
    if account is None or not mine.allows("account", "update", account):
        message = _("You may not add contacts to this account. Choose one of those that are there.")
        raise Forbidden(message, path="name")
    check_text(name, "name")
    if account.contacts.filter(name__iexact=name.strip()).exists():
        message = _("%(name)s is a contact of this account already. Choose them from the list.")
        raise Refused(message % {"name": name.strip()}, path="name", code="contact_once")
    return create_contact(by=by, account_id=account.pk, name=name.strip(), **known)
