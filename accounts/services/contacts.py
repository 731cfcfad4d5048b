"""Acts on the people at customers."""

from typing import Any

from accounts.models import (
    Account,
    Contact,
)
from accounts.services.merged import refuse_merged
from common.access import seen
from common.checks import refuse_unknown
from common.transaction import act, reach

CONTACT_FIELDS = frozenset({"name", "title", "email", "phone"})


@act
def create_contact(
    *, by: int, account_id: int, name: str, title: str = "", email: str = "", phone: str = ""
) -> Contact:
    """Add a person to a customer; for those who may update the account."""
    account = seen(Account.objects.all(), reach(), account_id)
    reach().require("account", "update", account)
    refuse_merged([account])
    return Contact.objects.create(account=account, name=name, title=title, email=email, phone=phone)


@act
def edit_contact(*, by: int, contact_id: int, version: int, **changes: Any) -> None:
    """Change a person at a customer; for those who may update the account. Raises Stale."""
    refuse_unknown(changes, CONTACT_FIELDS)
    contact = seen(Contact.objects.select_related("account"), reach(), contact_id)
    reach().require("account", "update", contact.account)
    Contact.objects.change(contact_id, version, **changes)
