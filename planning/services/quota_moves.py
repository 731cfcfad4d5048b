"""Quota that moves in a realignment or with a seat: with the territory, or with the accounts; none of it is lost."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import AccountTerritory
from accounts.selectors.potential import potential_of_accounts
from common.errors import Refused
from common.models import Period
from common.money import round_half_away
from planning.models import Draft
from planning.rules.quota import with_accounts
from planning.selectors.quota_cuts import cuts_of, open_quarters, quotas_held, refuse_several
from quotas.models import Quota
from quotas.rules import Key
from quotas.services.quotas import replace_quotas
from territories.models import Territory
from territories.selectors import owners_on


class QuotaMoves:
    """The quotas that a realignment changes, each with its new amount and why; written all at once.

    Every sum begins with what stood before the realignment, so that the order of its moves does not matter.
    """

    def __init__(self) -> None:
        self.wanted: dict[Key, tuple[int, str]] = {}
        self.changed: list[list[Any]] = []
        self.gone: dict[tuple[int, int], int] = defaultdict(int)
        """By territory and quarter the potential of the accounts that have left so far."""

    def write(self, by: int, why: str, asked_by: int | None = None) -> None:
        """Set the new amounts; `changed` keeps by how much each differs from what stood. `asked_by`: who planned it, in
        whose name people are asked to accept theirs.
        """
        self.changed = [[*key, amount - _standing(key)] for key, (amount, _why) in self.wanted.items()]
        replace_quotas(by, self.wanted, why, asked_by=asked_by)

    def with_territory(self, old: int, new: int, day: date, why: str) -> None:
        """A person's quota follows the territory to its new owner, as `cuts_of` cuts it.

        What accounts took along or brought in the same realignment is the new owner's. Raises what `cuts_of` does.
        """
        for key, _period, stays, goes in cuts_of(old, day):
            # Where all accounts went, half a cent may have been rounded to them.
            rest = max(0, self.wanted.get(key, (stays + goes, ""))[0] - stays)
            self._add(key, -rest, why)
            self._add(key._replace(person_id=new), rest, why)

    def with_accounts(
        self, accounts: Collection[int], stood: Mapping[int, int], into: int, day: date, why: str
    ) -> None:
        """Quota moves with accounts out of each territory that they leave, by the days left and by their potential.

        Raises Refused, naming the territory, where its potential is not known.
        """
        leaving: dict[int, list[int]] = defaultdict(list)
        for pk in accounts:
            leaving[stood.get(pk, 0)].append(pk)
        owners = owners_on({*leaving, into}, day)
        for period in open_quarters(day):
            for node, going in leaving.items():
                self._out_of(node, going, period, day, {"owners": owners, "into": into, "why": why})

    def take_back(self, published: Draft, day: date) -> None:
        """What a published realignment moved goes back for the days that are left, later quarters in full.

        What some of them lose others get: the sums are rounded one after the other, so that no cent is lost.
        """
        sums: dict[tuple[Any, ...], int] = defaultdict(int)
        rows = (published.preview or {}).get("quotas", [])
        periods = Period.objects.in_bulk({period_id for _person, _territory, period_id, *_rest in rows})
        for person, territory, period_id, family, kind, change in rows:
            period = periods[period_id]
            if period.is_closed or period.stops_on <= day:
                continue
            moved = (period.stops_on - max(published.starts_on, period.starts_on)).days
            left = Fraction((period.stops_on - max(day, period.starts_on)).days, moved)
            before, alike = sums[period_id, family, kind], (period_id, family, kind)
            sums[alike] += change
            back = round_half_away(sums[alike] * left) - round_half_away(before * left)
            self._add(Key(person, territory, period_id, family, kind), -back, published.name)

    def _out_of(
        self, node: int, going: Collection[int], period: Period, day: date, how: Mapping[str, Any]
    ) -> None:
        held = _held_in(node, how["owners"], period, day)
        if not held:
            return
        potential = _potential_in(node, period, day)
        part, whole = sum(potential.get(pk, 0) for pk in going), sum(potential.values())
        receiver = _holder(how["into"], how["owners"], period)
        gone = self.gone[node, period.pk]
        self.gone[node, period.pk] += part
        for key, amount in held.items():
            # Rounded together with what went before: several parts never come to more than the whole.
            before, after = (
                with_accounts(amount, period.span, day, one, whole) for one in (gone, gone + part)
            )
            moved = after - before
            self._add(key, -moved, how["why"])
            self._add(_of(receiver, key), moved, how["why"])

    def _add(self, key: Key, change: int, why: str) -> None:
        if not change:
            return
        standing = self.wanted.get(key)
        before = standing[0] if standing else _standing(key)
        self.wanted[key] = (before + change, why)


def check_with_accounts(nodes: Collection[int], day: date) -> None:
    """Raises Refused where quota can't move with accounts that leave these territories, as moving it would."""
    owners = owners_on(set(nodes), day)
    for period in open_quarters(day):
        for node in sorted(nodes):
            if _held_in(node, owners, period, day):
                _potential_in(node, period, day)


def _held_in(node: int, owners: Mapping[int, int], period: Period, day: date) -> dict[Key, int]:
    """The quotas that are a territory's money. Raises what `refuse_several` does."""
    holder = _holder(node, owners, period)
    held = quotas_held(holder, period)
    if held and (person := holder.get("person")):
        refuse_several(person, day)
    return held


def _potential_in(node: int, period: Period, day: date) -> dict[int, int]:
    """The potential of the accounts that are there on the day before. Raises Refused where none of it is known."""
    there = AccountTerritory.in_field().on(day - timedelta(days=1)).filter(territory=node)
    accounts = list(there.values_list("account_id", flat=True))
    potential = potential_of_accounts(accounts, period.parent) if period.parent else {}
    if not sum(potential.values()):
        name = Territory.objects.values_list("name", flat=True).get(pk=node)
        message = _(
            "The potential of %(name)s is not known for %(period)s, so no quota moves with its accounts. "
            "Say what it is, or let quota stay."
        )
        raise Refused(message % {"name": name, "period": period.code}, path="quota", code="no_potential")
    return potential


def _holder(node: int, owners: Mapping[int, int], period: Period) -> dict[str, int]:
    """Whose quota is the territory's money: its owner's where they have one or the territory has none, else its own."""
    territory, owner = {"territory": node}, owners.get(node)
    if owner and (quotas_held({"person": owner}, period) or not quotas_held(territory, period)):
        return {"person": owner}
    return territory


def _of(holder: Mapping[str, int], key: Key) -> Key:
    return key._replace(person_id=holder.get("person"), territory_id=holder.get("territory"))


def _standing(key: Key) -> int:
    row = Quota.objects.current().filter(**key._asdict()).first()
    return row.amount_minor if row else 0
