"""What an assignment of accounts finds before it is made: where they are, what was planned, who holds them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from accounts.models import Account, AccountTerritory, Coverage, Hold
from common.locale import format_number
from territories.models import Seat, Territory

NAMED = 5


@dataclass(frozen=True)
class Placing:
    """Accounts that are to be in a territory from a day on, for one coverage.

    `standing`: by account what is known of the day and later, in order. `held`: the holds that are in the way.
    """

    accounts: list[Account]
    territory: Territory
    starts_on: date
    coverage: str
    standing: dict[int, list[AccountTerritory]]
    held: list[Hold]

    def before(self, account: Account) -> AccountTerritory | None:
        """What holds for the account on the day, were nothing assigned."""
        return next((row for row in self.standing[account.pk] if row.holds_on(self.starts_on)), None)

    def left(self, account: Account) -> set[int]:
        """The territories that lose days of the account; with none on the day also the one where it is today."""
        places = {row.territory_id for row in self.standing[account.pk]}
        return places if self.before(account) else places | {account.territory_id}

    @cached_property
    def staying(self) -> list[Account]:
        """The accounts that are there on the day already, with nothing to follow."""
        return [account for account in self.accounts if self._stays(self.before(account))]

    def _stays(self, row: AccountTerritory | None) -> bool:
        return row is not None and row.stops_on is None and row.territory_id == self.territory.pk

    @cached_property
    def moving(self) -> list[Account]:
        """The accounts that go there."""
        there = {account.pk for account in self.staying}
        return [account for account in self.accounts if account.pk not in there]

    @property
    def planned(self) -> list[AccountTerritory]:
        """What was planned for a later day and is dropped."""
        rows = (row for account in self.moving for row in self.standing[account.pk])
        return [row for row in rows if row.starts_on > self.starts_on]

    @property
    def coverage_label(self) -> StrOrPromise:
        """The coverage in words."""
        return Coverage(self.coverage).label

    @property
    def row_ids(self) -> list[int]:
        """The rows that would be replaced: what an assignment that was asked for rests on."""
        return sorted(row.pk for account in self.moving for row in self.standing[account.pk])


def placing(accounts: list[Account], territory: Territory, starts_on: date, coverage: str) -> Placing:
    """What assigning these accounts, which are in reach, would find."""
    ids = [account.pk for account in accounts]
    rows = AccountTerritory.objects.overlapping(starts_on, None).filter(coverage=coverage, account__in=ids)
    standing: dict[int, list[AccountTerritory]] = defaultdict(list)
    for row in rows.select_related("territory").order_by("starts_on"):
        standing[row.account_id].append(row)
    found = Placing(accounts, territory, starts_on, coverage, standing, [])
    if coverage == Coverage.FIELD:
        found.held.extend(in_the_way([account.pk for account in found.moving], territory, starts_on))
    return found


def in_the_way(ids: Collection[int], territory: Territory, starts_on: date) -> list[Hold]:
    """The holds of these accounts whose person would not own the territory, by the accounts' names."""
    holds = Hold.objects.overlapping(starts_on, None).filter(account__in=ids)
    held = list(holds.select_related("account", "person").order_by("account__name_key", "starts_on"))
    seats = Seat.objects.overlapping(starts_on, None).filter(territory=territory, kind=Seat.Kind.OWNER)
    owned = list(seats) if held else []
    return [
        hold
        for hold in held
        if not any(
            seat.user_id == hold.person_id and seat.holds_on(max(starts_on, hold.starts_on)) for seat in owned
        )
    ]


def some_of(names: Iterable[str], count: int | None = None) -> str:
    """The first of them by name, and how many more there are: *Acorn, Beech and 12 more*.

    `count`: of so many, where not all of them are told.
    """
    told = list(names)
    some, total = told[:NAMED], len(told) if count is None else count
    first, more = ", ".join(some), total - len(some)
    words = {"first": first, "more": format_number(more)}
    return _("%(first)s and %(more)s more") % words if first and more > 0 else first
