"""Acts on customers: who they are."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts.bulk import note_first_days
from accounts.models import (
    PROFILE,
    Account,
    AccountTerritory,
    Coverage,
    Participant,
)
from accounts.rules.matching import domain_of, tax_number_of
from accounts.selectors.duplicates import Typed
from accounts.selectors.rules import misfit
from accounts.services.duplicates import refuse_duplicate
from accounts.services.merged import refuse_merged
from accounts.services.telling import tell_owners
from accounts.services.turns import lock_families
from common.access import seen
from common.checks import refuse_unknown
from common.errors import Forbidden, Refused
from common.history import with_reason
from common.numbers import next_number
from common.selectors import today
from common.transaction import act, reach, widened
from territories.models import Seat
from territories.selectors import unassigned
from territories.services.tree import check_stays
from workspace.models import ListValue
from workspace.services import listed, own_values

ACCOUNT_FIELDS = (*PROFILE, "parent_id")


NUMBERS = "accounts_account_id_seq"


@act
def create_account(
    *,
    by: int,
    name: str,
    territory_id: int | None = None,
    anyway_reason: str = "",
    own: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Account:
    """Add a customer to a territory from today on; for those who may create accounts there.

    Without a territory it goes into the first one that the person owns or leads, else into *Unassigned*, where the
    person who made it still sees it. Raises Exists where one of that name, web domain or tax number is here, unless
    `anyway_reason` says why there is to be another one.
    """
    refuse_unknown(fields, ACCOUNT_FIELDS)
    place = _new_place(by, territory_id)
    _check_parent(None, fields.get("parent_id"))
    fields |= _industry(fields, "") | _spelled(fields) | {"own": own_values("account", own, {})}
    typed = Typed.of(name, fields.get("web_domain", ""), fields.get("tax_number", ""))
    refuse_duplicate(by, typed, anyway_reason)
    reason = with_reason(_("new account"), anyway_reason.strip())
    with widened("account", "account_territory", "account_participant"):
        number = fields.pop("number", "") or next_number(Account.objects.all(), NUMBERS, "A-{:06}")
        account = Account.objects.create(name=name, number=number, territory_id=place, **fields)
        AccountTerritory.objects.create(
            account=account, territory_id=place, starts_on=today(), reason=reason, recorded_by_id=by
        )
        if not reach().allows("account", "read", account):
            Participant.objects.create(account=account, user_id=by, reason="made it")
        tell_owners({account.pk: place}, by)
    return account


def _new_place(by: int, territory_id: int | None) -> int:
    """Where a new account goes: without a territory, to what the person owns today, else leads, else *Unassigned*.

    Raises Forbidden where the person may not create accounts there, Refused for a territory outside of the tree and for
    an overlay, which no account belongs to.
    """
    if territory_id is None:
        sitting = Seat.objects.on(today()).filter(user_id=by, kind__in=("owner", "lead"))
        seats = sitting.exclude(territory__kind="overlay")
        own = seats.order_by("-kind", "territory_id").values_list("territory_id", flat=True)
        territory_id = own.first()
    if territory_id is not None:
        territory = check_stays(territory_id, today())
        reach().require("account", "create", {"territory_id": territory_id})
        if wrong := misfit(Coverage.FIELD, territory):
            raise Refused(wrong, path="territory_id", code="overlay")
    elif not reach().relations("account", "create"):
        raise Forbidden(_("You may not add accounts."))
    return territory_id or unassigned().pk


def _check_parent(account_id: int | None, parent_id: int | None) -> None:
    """Raises Refused for a parent that is not in reach, or that lies below the account."""
    if parent_id is None:
        return
    lock_families()
    if not Account.objects.visible_to(reach()).filter(pk=parent_id).exists():
        raise Refused(_("Choose an account that you may see."), path="parent_id")
    with widened("account"):
        above: int | None = parent_id
        passed: set[int] = set()
        while above is not None and above not in passed:
            if above == account_id:
                raise Refused(_("An account can't lie below itself."), path="parent_id", code="account_cycle")
            passed.add(above)
            above = Account.objects.values_list("parent_id", flat=True).get(pk=above)


@act
def edit_account(
    *, by: int, account_id: int, version: int, own: Mapping[str, Any] | None = None, **changes: Any
) -> None:
    """Change a customer's profile and own fields; for those who may update accounts of its own territory.

    A specialist's seat gives no right over what rules decide by. Raises Stale where it changed meanwhile, Refused for
    an account that was merged into another one.
    """
    refuse_unknown(changes, ACCOUNT_FIELDS)
    account = seen(Account.objects.all(), reach(), account_id)
    reach().require("account", "update", {"territory_id": account.territory_id})
    refuse_merged([account])
    if "number" in changes and not changes["number"]:
        raise Refused(_("An account has a number."), path="number")
    if changes.get("parent_id") != account.parent_id:
        _check_parent(account_id, changes.get("parent_id"))
    changes |= _industry(changes, account.industry) | _spelled(changes)
    changes["own"] = own_values("account", own, account.own)
    Account.objects.change(account_id, version, **changes)


def _industry(fields: Mapping[str, Any], before: str) -> dict[str, str]:
    """The industry that is given, as the list writes it; what an account had it keeps, and none is none."""
    text = fields.get("industry", "")
    return {"industry": listed(ListValue.List.INDUSTRY, text, "industry")} if text not in ("", before) else {}


def _spelled(fields: Mapping[str, Any]) -> dict[str, str]:
    """Web domain and tax number as they are kept, so that they are found again. Raises Refused for no domain."""
    kept = {}
    if "tax_number" in fields:
        kept["tax_number"] = tax_number_of(fields["tax_number"])
    if "web_domain" in fields:
        kept["web_domain"] = domain_of(fields["web_domain"])
        if fields["web_domain"].strip() and "." not in kept["web_domain"]:
            raise Refused(_("Write a web domain such as acme.com."), path="web_domain", code="web_domain")
    return kept


def note_first_order(*, account_id: int, booked_on: date) -> None:
    """Say when an account ordered first, after an order was put on another day; its act holds the account."""
    Account.objects.filter(pk=account_id).update(first_ordered_on=booked_on)


def note_orders(first_days: Mapping[int, date], readers: Iterable[tuple[int, int]]) -> None:
    """Remember the earliest order of accounts, by their ids, and who may read one for the credit they have in it.

    Called by the booking of orders, which has checked authority, widened its reach and holds the accounts.
    """
    note_first_days(first_days)
    theirs = [Participant(account_id=pk, user_id=person, reason="credit") for pk, person in readers]
    Participant.objects.bulk_create(theirs, ignore_conflicts=True)
