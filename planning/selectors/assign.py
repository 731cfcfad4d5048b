"""What assigning accounts does: where they come from, which open work follows, what stays as it is."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Count, F, Q, QuerySet, Sum, Value
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, AccountTerritory, Coverage
from accounts.selectors.placing import NAMED, Placing, some_of
from common.access import AnyOf
from common.locale import format_date, format_money, format_number
from common.selectors import policy, the_organisation, today
from common.transaction import reach, widened
from orders.models import Credit
from pipeline.models import Activity, Category, Opportunity
from territories.models import Territory, User
from territories.selectors import owner_of
from workspace.models import Approval

LIMIT = "assign_accounts_limit"
ASSIGN = "accounts_assign"
NOWHERE = ""
DealSums = Sequence[tuple[str, int, int | None]]
"""Open deals of an account by currency: how many, and what they are worth."""


@dataclass
class Deals:
    """Open deals: how many, and what they are worth by currency."""

    label: str = ""
    count: int = 0
    sums: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, currency: str, count: int, minor: int | None) -> None:
        self.count += count
        self.sums[currency] += minor or 0

    @property
    def amounts(self) -> str:
        """*$1,200.00 · €300.00*, the reporting currency first."""
        reporting = the_organisation().reporting_currency
        ordered = sorted(self.sums.items(), key=lambda item: (item[0] != reporting, item[0]))
        return " · ".join(format_money(minor, currency) for currency, minor in ordered)


@dataclass(frozen=True)
class Source:
    """A territory that accounts leave, or none, and how many."""

    territory: Territory | None
    count: int


@dataclass(frozen=True)
class Waiting:
    """A request that waits for approval and assigns some of the same accounts, in words.

    Of one that the reader does not read, which has no `url`, it is told neither what it asks nor who asked.
    """

    text: str
    url: str


def waiting_requests(account_ids: Collection[int], coverage: str = Coverage.FIELD) -> list[Waiting]:
    """The requests that wait to assign some of these accounts for the same coverage, the oldest first."""
    with widened("approval"):
        waiting = Approval.objects.filter(kind=ASSIGN, state=Approval.State.WAITING)
        rows = list(waiting.select_related("asked_by").order_by("pk"))
    wanted, found = set(account_ids), []
    for row in rows:
        if row.payload["coverage"] == coverage and (both := wanted.intersection(row.payload["account_ids"])):
            found.append((row, both))
    if not found:
        return []
    seen = Approval.objects.visible_to(reach()).filter(pk__in=[row.pk for row, _both in found])
    read = set(seen.values_list("pk", flat=True))
    accounts = chosen_accounts({pk for _row, both in found for pk in both})
    waits = []
    for row, both in found:
        count = len(both)
        names = some_of((one.name for one in accounts if one.pk in both), count) or _counted(count)
        if row.pk in read:
            waits.append(Waiting(_asked(row, names), reverse("approval_detail", args=[row.pk])))
        else:
            waits.append(Waiting(_in_another(names, count), ""))
    return waits


def _counted(count: int) -> str:
    return ngettext("%(count)s account", "%(count)s accounts", count) % {"count": format_number(count)}


def _asked(row: Approval, names: str) -> str:
    """What a request asks that the reader reads, and who asked."""
    message = _(
        "%(names)s: asked for already, and not answered yet: %(about)s, by %(by)s. "
        "What is answered last may be refused."
    )
    return message % {"names": names, "about": row.about, "by": row.asked_by.name}


def _in_another(names: str, count: int) -> str:
    message = ngettext(
        "%(names)s is in another request that waits for an answer.",
        "%(names)s are in another request that waits for an answer.",
        count,
    )
    return message % {"names": names}


@dataclass(frozen=True)
class Effect:
    """What one press would do. `orders`, `intake`: what was booked on these accounts since the day.

    `largest`: the names of the largest deals that follow; `waiting`: who asked for the same accounts already.
    """

    placing: Placing
    sources: list[Source]
    deals: Deals
    largest: list[str]
    categories: list[Deals]
    activities: int
    orders: int
    intake: int
    owner: User | None
    limit: int
    waiting: list[Waiting]

    @property
    def needs_approval(self) -> bool:
        return len(self.placing.moving) > self.limit

    @property
    def digest(self) -> str:
        """What is confirmed: another one where accounts were assigned meanwhile, or something else is asked for."""
        place = self.placing
        said = [place.territory.pk, place.starts_on.isoformat(), place.coverage, place.row_ids]
        ids = [account.pk for account in place.accounts]
        return hashlib.sha256(json.dumps([*said, ids]).encode()).hexdigest()[:16]

    @property
    def dropped(self) -> list[str]:
        """What was planned for later and is dropped, in words."""
        return dropped_in_words(self.placing.planned)

    @property
    def is_later(self) -> bool:
        return self.placing.starts_on > today()

    @property
    def is_field(self) -> bool:
        return self.placing.coverage == Coverage.FIELD


def dropped_in_words(rows: Iterable[AccountTerritory]) -> list[str]:
    """Such as *4 planned moves to West 1 on Jun 1, 2026*: the assignments by where and when, the most first."""
    counts = Counter((row.territory.name, row.starts_on) for row in rows)
    return [
        ngettext(
            "%(count)s planned move to %(name)s on %(day)s",
            "%(count)s planned moves to %(name)s on %(day)s",
            count,
        )
        % {"count": format_number(count), "name": name, "day": format_date(day)}
        for (name, day), count in counts.most_common()
    ]


def effect_of(placing: Placing) -> Effect:
    """The effect of an assignment that may be made, as far as the reader sees what it touches."""
    ids, is_field = [account.pk for account in placing.moving], placing.coverage == Coverage.FIELD
    following = ids if is_field else []
    categories = _by_category(following)
    deals = Deals()
    for part in categories:
        for currency, minor in part.sums.items():
            deals.add(currency, 0, minor)
        deals.count += part.count
    todo = Activity.objects.visible_to(reach()).filter(account__in=following, done_at=None)
    orders, intake = _booked_since(placing.starts_on, following)
    return Effect(
        placing=placing,
        sources=_sources(placing),
        deals=deals,
        largest=_largest(following),
        categories=categories,
        activities=todo.count(),
        orders=orders,
        intake=intake,
        owner=owner_of(placing.territory.pk, max(placing.starts_on, today())),
        limit=policy(LIMIT),
        waiting=waiting_requests(ids, placing.coverage),
    )


def _sources(placing: Placing) -> list[Source]:
    """Where the accounts are on the day, the most first."""
    rows = [placing.before(account) for account in placing.moving]
    places = {row.territory_id: row.territory for row in rows if row}
    counts = Counter(row.territory_id if row else 0 for row in rows)
    return [Source(places.get(pk), count) for pk, count in counts.most_common()]


def _open_deals(ids: Sequence[int]) -> QuerySet[Opportunity]:
    return Opportunity.objects.visible_to(reach()).open().filter(account__in=ids).order_by()


def deals_on(ids: Collection[int]) -> dict[int, list[tuple[str, int, int | None]]]:
    """The open deals on these accounts that the reader sees: by account and currency how many, and their sum."""
    rows = Opportunity.objects.visible_to(reach()).open().filter(Q(AnyOf(F("account_id"), Value(list(ids)))))
    found: dict[int, list[tuple[str, int, int | None]]] = defaultdict(list)
    grouped = rows.order_by().values_list("account_id", "currency")
    for account_id, currency, count, minor in grouped.annotate(Count("pk"), Sum("amount_minor")):
        found[account_id].append((currency, count, minor))
    return found


def _largest(ids: Sequence[int]) -> list[str]:
    """The names of the largest open deals of these accounts, as they stand in their own currencies."""
    rows = _open_deals(ids).order_by(F("amount_minor").desc(nulls_last=True), "pk")
    return list(rows.values_list("name", flat=True)[:NAMED])


def _by_category(ids: Sequence[int]) -> list[Deals]:
    """The open deals of these accounts by forecast category, the surest first."""
    found: dict[str, Deals] = {}
    grouped = _open_deals(ids).values_list("category", "currency")
    for category, currency, count, minor in grouped.annotate(Count("pk"), Sum("amount_minor")):
        found.setdefault(category, Deals(str(Category(category).label))).add(currency, count, minor)
    return [found[name] for name in reversed(Category.values) if name in found]


def _booked_since(day: date, ids: Sequence[int]) -> tuple[int, int]:
    """How many orders of these accounts were booked on that day or since, and their order intake."""
    rows = (
        Credit.objects.visible_to(reach()).intake().filter(event__order__account__in=ids, booked_on__gte=day)
    )
    total = rows.order_by().aggregate(
        orders=Count("event__order", distinct=True), intake=Sum("plan_minor", default=0)
    )
    return total["orders"], total["intake"]


def chosen_accounts(ids: Iterable[int]) -> list[Account]:
    """The accounts in reach of these ids, by name."""
    rows = Account.objects.visible_to(reach()).select_related("territory")
    return list(rows.filter(pk__in=list(ids)))


@dataclass(frozen=True)
class Known:
    """What the reader sees of several requests, read at once: accounts by name, where they are, their open deals."""

    targets: dict[int, Territory]
    names: dict[int, str]
    rows: dict[int, AccountTerritory]
    deals: dict[int, list[tuple[str, int, int | None]]]


def assigning_effects(asked: Sequence[dict[str, Any]]) -> list[str]:
    """What each of these requests would do, in words, as far as the reader sees what it touches."""
    ids = {pk for one in asked for pk in one["account_ids"]}
    rows = AccountTerritory.objects.filter(pk__in={pk for one in asked for pk in one["row_ids"]})
    known = Known(
        targets=Territory.objects.in_bulk({one["territory_id"] for one in asked}),
        names=dict(Account.objects.visible_to(reach()).filter(pk__in=ids).values_list("pk", "name")),
        rows={row.pk: row for row in rows.select_related("territory")},
        deals=deals_on(ids),
    )
    return [" ".join(_said(one, known)) for one in asked]


def _said(asked: dict[str, Any], known: Known) -> Iterable[str]:
    """How many go where and from where, which, what follows, and what stays."""
    day, ids = date.fromisoformat(asked["starts_on"]), asked["account_ids"]
    words = {"count": format_number(len(ids)), "day": format_date(day)}
    words["target"] = known.targets[asked["territory_id"]].name
    head = ngettext(
        "%(count)s account goes to %(target)s from %(day)s on",
        "%(count)s accounts go to %(target)s from %(day)s on",
        len(ids),
    )
    before = [known.rows[pk] for pk in asked["row_ids"] if pk in known.rows]
    counts = Counter(row.territory.name for row in before if row.holds_on(day)).most_common()
    source = _("%(count)s from %(name)s")
    each = [source % {"count": format_number(count), "name": name} for name, count in counts]
    yield f"{': '.join(filter(None, [head % words, ', '.join(each)]))}."
    yield f"{some_of(sorted(known.names[pk] for pk in ids if pk in known.names))}."
    if dropped := dropped_in_words(row for row in before if row.starts_on > day):
        yield _("Planned for later, and dropped: %(moves)s.") % {"moves": some_of(dropped)}
    if asked["coverage"] == Coverage.FIELD:
        yield from _follows([part for pk in ids for part in known.deals.get(pk, ())])
    yield _("Quotas and booked credit stay as they are.")


class Line(NamedTuple):
    """An account of a request: its name and page, where it comes from and what was planned for it."""

    name: str
    url: str
    note: str


def assigning_lines(asked: dict[str, Any]) -> list[Line]:
    """Each account of a request that the reader sees, by name."""
    day = date.fromisoformat(asked["starts_on"])
    rows = AccountTerritory.objects.filter(pk__in=asked["row_ids"]).select_related("territory")
    standing: dict[int, list[AccountTerritory]] = defaultdict(list)
    for row in rows.order_by("starts_on"):
        standing[row.account_id].append(row)
    return [
        Line(account.name, reverse("account_detail", args=[account.pk]), _noted(standing[account.pk], day))
        for account in chosen_accounts(asked["account_ids"])
    ]


def _noted(rows: Sequence[AccountTerritory], day: date) -> str:
    """*from East 1; dropped: 1 planned move to West 1 on Jun 1, 2026*."""
    here = [_("from %(name)s") % {"name": row.territory.name} for row in rows if row.holds_on(day)]
    later = dropped_in_words(row for row in rows if row.starts_on > day)
    return "; ".join([*here, *(_("dropped: %(move)s") % {"move": move} for move in later)])


def _follows(parts: Iterable[tuple[str, int, int | None]]) -> Iterable[str]:
    total = Deals()
    for part in parts:
        total.add(*part)
    words = {"count": format_number(total.count), "sums": total.amounts}
    if total.count:
        yield (
            ngettext(
                "%(count)s open deal follows: %(sums)s.",
                "%(count)s open deals follow: %(sums)s.",
                total.count,
            )
            % words
        )
