"""Acts on the people at customers."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import (
    Account,
    Contact,
)
from accounts.services.merged import refuse_merged
from common.access import seen
from common.checks import check_email, check_text, refuse_unknown
from common.errors import Refused
from common.transaction import act, reach
from workspace.services import own_values

CONTACT_FIELDS = frozenset({"name", "title", "seniority", "email", "phone"})


@act
def create_contact(
    *, by: int, account_id: int, name: str, own: Mapping[str, Any] | None = None, **known: Any
) -> Contact:
    """Add a person to a customer, with what is known of them: fields of CONTACT_FIELDS.

    For those who may update the account. Raises Refused with the field that is wrong.
    """
    refuse_unknown(known, CONTACT_FIELDS)
    _check({"name": name, **known})
    account = seen(Account.objects.all(), reach(), account_id)
    reach().require("account", "update", account)
    refuse_merged([account])
    return Contact.objects.create(account=account, name=name, own=own_values("contact", own, {}), **known)


@act
def edit_contact(
    *, by: int, contact_id: int, version: int, own: Mapping[str, Any] | None = None, **changes: Any
) -> None:
    """Change a person at a customer; for those who may update the account. Raises Stale, Refused."""
    refuse_unknown(changes, CONTACT_FIELDS)
    _check(changes)
    contact = seen(Contact.objects.select_related("account"), reach(), contact_id)
    reach().require("account", "update", contact.account)
    changes["own"] = own_values("contact", own, contact.own)
    Contact.objects.change(contact_id, version, **changes)


def _check(values: Mapping[str, Any]) -> None:
    """Each value that is there is in order. Raises Refused with its path."""
    if "name" in values:
        check_text(values["name"], "name")
    if values.get("email"):
        check_email(values["email"])
    if values.get("seniority", "") not in ("", *Contact.Seniority.values):
        message = _("One of: %(known)s.") % {"known": ", ".join(Contact.Seniority.values)}
        raise Refused(message, path="seniority", code="unknown_seniority")
