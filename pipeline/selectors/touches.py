"""When accounts in reach were touched last, and which are neglected.

The day of the last touch is the same for all who read the account, whoever touched it; what was done stays with those
who may read it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, DateField, Exists, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Lower

from accounts.models import Account, Contact, TouchNorm
from common.access import Reach
from common.http import Page, page_by_key
from common.selectors import policy
from common.transaction import kept, widened
from pipeline.models import Activity, ActivityContact, Opportunity, OpportunityQuerySet
from pipeline.rules.stakeholders import MEETINGS
from pipeline.rules.touches import TOUCHES, YEAR, cadence, neglected_before
from pipeline.selectors.insight import WON, pipeline, rates_now, valued
from territories.models import Seat, Territory

NEGLECTED, TOUCHED, ALL = "neglected", "touched", "all"
NEVER = date(1900, 1, 1)
ORDER = ("last_touched", "id")
SENIOR = {"c": [Contact.Seniority.EXECUTIVE], "vp": [Contact.Seniority.VICE_PRESIDENT]}
SENIOR["both"] = [*SENIOR["c"], *SENIOR["vp"]]
TOUCHED_BY = ("activity", "activity_contact")


@dataclass(frozen=True)
class TouchFilters:
    """Which accounts are asked for: by state, territories, whose territories, and seniors whom nobody met lately."""

    state: str = NEGLECTED
    territory_id: int | None = None
    owner_id: int | None = None
    unmet: str = ""


@dataclass(frozen=True)
class Line:
    """A territory with who owns it: how many accounts, and how many of them are neglected."""

    territory: Territory
    owner: str
    accounts: int
    neglected: int

    @property
    def touched(self) -> int:
        return self.accounts - self.neglected


@dataclass(frozen=True)
class Worth:
    """What an account is worth to us, in the reporting currency: what was won in a year, and its open pipeline."""

    won: int = 0
    won_minor: int = 0
    open: int = 0
    open_minor: int = 0


@dataclass(frozen=True)
class Shown:
    """An account with the day of its last touch, whether it is neglected, after how many days, unmet seniors, who owns
    its territory and what it is worth.
    """

    account: Account
    last_on: date | None
    is_neglected: bool
    days: int
    unmet: Sequence[Contact] = field(default_factory=list)
    owner: str = ""
    worth: Worth = Worth()
    days_ago: int | None = None


def accounts_of(mine: Reach, filters: TouchFilters, today: date) -> QuerySet[Any]:
    """The accounts in reach that pass the filters but for their state; to be read by who may see all touches."""
    rows = Account.objects.standing().visible_to(mine)
    if filters.territory_id:
        rows = rows.filter(territory_id=filters.territory_id)
    if filters.owner_id:
        seats = Seat.objects.on(today).filter(user_id=filters.owner_id, kind=Seat.Kind.OWNER)
        rows = rows.filter(territory_id__in=list(seats.values_list("territory_id", flat=True)))
    if filters.unmet:
        rows = rows.filter(Exists(_unmet(filters.unmet, today).filter(account=OuterRef("pk"))))
    return rows


def _stood(rows: QuerySet[Any], today: date) -> QuerySet[Any]:
    """The accounts, each with the day since when a touch still counts and whether it is neglected."""
    since = Case(
        *(
            When(segment=segment, tier=tier, then=Value(neglected_before(today, days)))
            for (segment, tier), days in _cadences(today).items()
        ),
        default=Value(neglected_before(today, _usual(today))),
        output_field=DateField(),
    )
    touched = _touches().filter(account=OuterRef("pk"), done_on__gte=OuterRef("touched_since"))
    stood: QuerySet[Any] = rows.annotate(touched_since=since).annotate(is_neglected=~Exists(touched))
    return stood


def touch_lines(mine: Reach, filters: TouchFilters, today: date) -> list[Line]:
    """By territory with its owner: how many accounts pass the filters, and how many of them are neglected."""
    with widened(*TOUCHED_BY):
        rows = _stood(accounts_of(mine, filters, today), today).order_by()
        counts = Count("pk"), Count("pk", filter=Q(is_neglected=True))
        found = list(rows.values("territory_id").annotate(accounts=counts[0], neglected=counts[1]))
    ids = [row["territory_id"] for row in found]
    places = Territory.objects.in_bulk(ids)
    owners = _owners(ids, today)
    lines = [
        Line(
            places[row["territory_id"]],
            owners.get(row["territory_id"], ""),
            row["accounts"],
            row["neglected"],
        )
        for row in found
    ]
    return sorted(lines, key=lambda line: (-line.neglected, line.territory.name))


def touch_page(
    mine: Reach, filters: TouchFilters, today: date, after: str | None, *, is_valued: bool = False
) -> Page[Shown]:
    """A page of the accounts that pass the filters, those that were never touched first, then the longest ago.

    `is_valued`: with who owns them and what they are worth.
    """
    last = _touches().filter(account=OuterRef("pk")).order_by("-done_on").values("done_on")[:1]
    with widened(*TOUCHED_BY):
        rows = _stood(accounts_of(mine, filters, today), today)
        if filters.state != ALL:
            rows = rows.filter(is_neglected=filters.state == NEGLECTED)
        rows = rows.annotate(last_touched=Coalesce(Subquery(last), Value(NEVER)))
        page = page_by_key(rows.select_related("territory"), ORDER, after)
        unmet = _unmet_of(page.rows, filters.unmet, today)
    days = _cadences(today)
    worths = worths_of(mine, page.rows, today) if is_valued else {}
    owners = _owners({row.territory_id for row in page.rows}, today) if is_valued else {}
    shown = [
        Shown(
            row,
            None if row.last_touched == NEVER else row.last_touched,
            row.is_neglected,
            days.get((row.segment, row.tier), _usual(today)),
            unmet.get(row.pk, []),
            owners.get(row.territory_id, ""),
            worths.get(row.pk, Worth()),
            None if row.last_touched == NEVER else (today - row.last_touched).days,
        )
        for row in page.rows
    ]
    return Page(shown, page.after, page.is_first)


def worths_of(mine: Reach, accounts: Iterable[Account], today: date) -> dict[int, Worth]:
    """What these accounts are worth, by the deals in reach at today's current rates, each rounded once."""
    ids, rates, sums = [one.pk for one in accounts], rates_now(today), dict[int, dict[str, int]]()
    for name in ("won", "open"):
        rows = valued(deals_worth(mine, name, today).filter(account__in=ids), rates)
        found = rows.order_by().values("account_id")
        nothing = Value(Decimal(0))
        for row in found.annotate(deals=Count("pk"), sum=Coalesce(Sum("minor"), nothing)):
            known = sums.setdefault(row["account_id"], {})
            known |= {name: row["deals"], f"{name}_minor": int(row["sum"])}
    return {pk: Worth(**known) for pk, known in sums.items()}


def deals_worth(mine: Reach, name: str, today: date) -> OpportunityQuerySet:
    """The deals in reach that make up what accounts are worth: `won` in the last year, or `open` in the pipeline."""
    rows: OpportunityQuerySet = Opportunity.objects.visible_to(mine).standing()
    if name == "open":
        return pipeline(rows)
    return rows.filter(state=WON, closed_on__gt=today - timedelta(days=YEAR))


def worth_deals(mine: Reach, name: str, account_id: int, today: date) -> QuerySet[Any]:
    """The deals behind what one account is worth, each with what it counts as `minor`."""
    return valued(deals_worth(mine, name, today).filter(account=account_id), rates_now(today))


def neglected_count(mine: Reach, usual: int, today: date) -> tuple[int, int]:
    """How many accounts in reach there are, and how many of those that no norm speaks of go untouched for so long."""
    normed = Q(pk__in=[])
    for segment, tier in _cadences(today):
        normed |= Q(segment=segment, tier=tier)
    touched = _touches().filter(account=OuterRef("pk"), done_on__gte=neglected_before(today, usual))
    with widened(*TOUCHED_BY):
        rows = Account.objects.standing().visible_to(mine).exclude(normed)
        return rows.count(), rows.filter(~Exists(touched)).count()


def unmet_count(mine: Reach, days: int, today: date) -> tuple[int, int]:
    """How many C-level contacts and vice presidents in reach there are, and how many nobody met for so long."""
    with widened(*TOUCHED_BY):
        rows = Contact.objects.visible_to(mine).filter(seniority__in=SENIOR["both"])
        return rows.count(), rows.filter(~Exists(_met(neglected_before(today, days)))).count()


def _touches() -> QuerySet[Any]:
    return Activity.objects.filter(kind__in=sorted(TOUCHES), done_on__isnull=False)


def _usual(today: date) -> int:
    days: int = policy("neglected_after_days", today)
    return days


def _cadences(today: date) -> Mapping[tuple[str, str], int]:
    """After how many days accounts of a segment and tier are neglected, where a norm says so."""
    norms = kept(("cadences", today), lambda: list(TouchNorm.objects.on(today)))
    return {(norm.segment, norm.tier): cadence(norm.touches, _usual(today)) for norm in norms if norm.touches}


def _unmet(who: str, today: date) -> QuerySet[Any]:
    """The contacts of such a seniority whom nobody met lately."""
    since = neglected_before(today, policy("seniors_met_days", today))
    return Contact.objects.filter(seniority__in=SENIOR[who]).filter(~Exists(_met(since)))


def _met(since: date) -> QuerySet[Any]:
    """The meetings with a contact since that day."""
    return ActivityContact.objects.filter(
        contact=OuterRef("pk"), activity__kind__in=sorted(MEETINGS), activity__done_on__gte=since
    )


def _unmet_of(accounts: Sequence[Account], who: str, today: date) -> dict[int, list[Contact]]:
    found: dict[int, list[Contact]] = {}
    if who:
        for contact in _unmet(who, today).filter(account__in=accounts).order_by(Lower("name"), "pk"):
            found.setdefault(contact.account_id, []).append(contact)
    return found


def _owners(territory_ids: Iterable[int], day: date) -> dict[int, str]:
    """The names of those who own these territories on the day."""
    seats = Seat.objects.on(day).filter(territory__in=territory_ids, kind=Seat.Kind.OWNER)
    names: dict[int, list[str]] = {}
    for territory, name in seats.order_by("user__name").values_list("territory_id", "user__name"):
        names.setdefault(territory, []).append(name)
    return {territory: ", ".join(found) for territory, found in names.items()}
