"""Where an account is on a day, and what is in no territory."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django_stubs_ext import StrOrPromise

from accounts.models import Account, AccountTerritory, Cause, Hold, Rule
from common.access import Reach
from territories.selectors import unassigned


def territory_on(account_id: int, day: date) -> int:
    """The territory in which an account is on that day; *Unassigned* where it is in none."""
    rows = AccountTerritory.in_field().on(day).filter(account_id=account_id)
    found = rows.values_list("territory_id", flat=True).first()
    return int(found) if found is not None else unassigned().pk


def assignments(account_id: int) -> QuerySet[AccountTerritory]:
    """In which territories an account is, was and will be, newest first, as known now; who began and ended each."""
    rows = AccountTerritory.objects.current().filter(account_id=account_id)
    return rows.traced("account", "territory", "coverage").select_related("territory").order_by("-starts_on")


@dataclass(frozen=True)
class Placed:
    """A row of where an account is, and what put it there; of a rule its name and, for who opens rules, its page."""

    row: AccountTerritory
    cause: StrOrPromise
    name: str = ""
    url: str = ""


def placed(mine: Reach, account_id: int) -> list[Placed]:
    """In which territories an account is, was and will be, newest first, each with its cause."""
    rows = list(assignments(account_id))
    ids = {row.cause_id for row in rows if row.cause == Cause.RULE and row.cause_id}
    names = dict(Rule.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}
    is_open = bool(mine.relations("rule", "list"))
    return [_placed(row, names, is_open=is_open) for row in rows]


def _placed(row: AccountTerritory, names: dict[int, str], *, is_open: bool) -> Placed:
    cause = Cause(row.cause).label
    # Only a rule's: realignments have ids of their own.
    name = names.get(row.cause_id or 0, "") if row.cause == Cause.RULE else ""
    return Placed(row, cause, name, reverse("rule_detail", args=[row.cause_id]) if name and is_open else "")


def holds(mine: Reach, today: date) -> QuerySet[Hold]:
    """Who keeps which account in reach, today and later."""
    rows = Hold.objects.overlapping(today, None).filter(mine.q(Hold))
    return rows.select_related("account", "account__territory", "person")


def unassigned_accounts(mine: Reach) -> QuerySet[Account]:
    """Accounts in reach that are in *Unassigned* today."""
    return Account.objects.standing().visible_to(mine).filter(territory=unassigned())


def ending_assignments(mine: Reach, today: date, days: int) -> QuerySet[AccountTerritory]:
    """Assignments of accounts in reach that end within so many days with none to follow, soonest first."""
    rows = AccountTerritory.in_field().current().filter(mine.q(AccountTerritory), starts_on__lte=today)
    following = (
        AccountTerritory.in_field()
        .current()
        .filter(account_id=OuterRef("account_id"), starts_on=OuterRef("stops_on"))
    )
    soon = today + timedelta(days=days)
    ending = rows.filter(~Exists(following), stops_on__gt=today, stops_on__lte=soon)
    return ending.select_related("account", "territory").order_by("stops_on", "account_id")
