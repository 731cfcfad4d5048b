"""An account that was merged into another one takes nothing new."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from accounts.selectors.placing import some_of
from common.access import ScopedQuerySet, seen
from common.errors import Refused
from common.transaction import reach


def refuse_merged(accounts: Iterable[Account]) -> None:
    """Raises Refused for accounts that were merged into another one, by name. For acts on accounts in reach."""
    names = [account.name for account in accounts if account.merged_into_id]
    if names:
        message = ngettext(
            "%(names)s was merged into another account. Take the one that stayed.",
            "%(names)s were merged into other accounts. Take those that stayed.",
            len(names),
        )
        raise Refused(message % {"names": some_of(names)}, code="merged")


def standing_account(rows: ScopedQuerySet, account_id: int) -> Account:
    """The account of these rows, for what is to be new on it. Raises NotInReach, Refused for one that was merged."""
    account: Account = seen(rows, reach(), account_id)
    if account.merged_into_id:
        message = _("%(name)s was merged into another account. Choose that one.") % {"name": account.name}
        raise Refused(message, path="account_id", code="merged")
    return account
