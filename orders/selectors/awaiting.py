"""Won deals whose order awaits its booking: what they wait for, and what they come to."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.selectors import territory_finder
from catalog.models import Product
from common.access import Reach, seen
from common.calendars import Span
from common.models import Rate
from common.money import WHOLE_SHARE, convert
from common.policies import BOTH, CONTRACT, NOTHING, PURCHASE_ORDER
from common.selectors import policy, the_organisation
from common.transaction import now, widened
from orders.models import OrderRequest, SplitShare
from orders.rules import missing, split_credit
from pipeline.models import Opportunity
from pipeline.selectors.team import split_finder
from territories.selectors import seat_finder
from workspace.models import Comment, Document

OVERLAY = SplitShare.Kind.OVERLAY
WORDS = {PURCHASE_ORDER: _("the purchase order number"), CONTRACT: _("the signed contract")}


def missing_of(deal: Opportunity | None, purchase_order: str) -> Sequence[str]:
    """What Settings ask for before this order is booked, and is not there."""
    asked = policy("booking_asks")
    signed = with_contract([deal.pk]) if deal and asked in (CONTRACT, BOTH) else frozenset[int]()
    return missing(asked, bool(purchase_order.strip()), deal.pk in signed if deal else None)


def with_contract(deals: Collection[int]) -> frozenset[int]:
    """Those of the deals that have a signed contract, whoever put it there."""
    with widened("document"):
        rows = Document.objects.filter(subject=Comment.Subject.OPPORTUNITY, subject_id__in=list(deals))
        signed = rows.filter(kind=Document.Kind.CONTRACT, is_removed=False)
        return frozenset(signed.values_list("subject_id", flat=True))


@dataclass(frozen=True)
class Waiting:
    """An order that awaits its booking: since how many days, and what is missing of it now."""

    request: OrderRequest
    days: int
    lacks: Sequence[str]
    may_book: bool

    @property
    def missing(self) -> list[str]:
        """What is missing, in words."""
        return words_for(self.lacks)

    @property
    def deal(self) -> Opportunity:
        return self.request.opportunity


def _readable(mine: Reach) -> QuerySet[OrderRequest]:
    """Those of whoever will read the order: who may book the deal, not who only works on it or has credit in it."""
    rows = OrderRequest.objects.visible_to(mine)
    reads_all = "org" in mine.relations("order")
    return rows if reads_all else rows.filter(mine.q(Opportunity, "opportunity__", "book"))


def waiting_requests(mine: Reach) -> QuerySet[OrderRequest]:
    """What awaits its booking in reach, each with the name of its account where that is in reach."""
    whose = Coalesce(OuterRef("opportunity__account_id"), OuterRef("account_id"))
    name = Account.objects.visible_to(mine).filter(pk=whose).values("name")
    rows = _readable(mine).filter(state=OrderRequest.State.WAITING)
    named = {"account_name": Subquery(name)}
    found: QuerySet[OrderRequest] = rows.select_related("opportunity__owner").annotate(**named)
    return found


def explained(requests: Sequence[OrderRequest], mine: Reach) -> list[Waiting]:
    """What each of these waits for, by one query."""
    asked, signed = policy("booking_asks"), with_contract([row.opportunity_id for row in requests])
    return [
        Waiting(
            row,
            (now() - row.asked_at).days,
            missing(asked, bool(row.purchase_order), row.opportunity_id in signed),
            mine.allows("opportunity", "book", row.opportunity),
        )
        for row in requests
    ]


def words_for(names: Sequence[str]) -> list[str]:
    return [str(WORDS[name]) for name in names]


def waiting_request(mine: Reach, pk: int) -> OrderRequest:
    """One that waits, with its deal. Raises NotInReach."""
    rows = _readable(mine).filter(state=OrderRequest.State.WAITING)
    request: OrderRequest = seen(rows.select_related("opportunity__stage"), mine, pk)
    return request


def is_awaiting_used(mine: Reach, span: Span) -> bool:
    """Whether anything awaits its booking in the span, or might."""
    asks = policy("booking_asks") != NOTHING
    waits = OrderRequest.objects.visible_to(mine).filter(state=OrderRequest.State.WAITING)
    return asks or waits.filter(booked_on__gte=span.start, booked_on__lt=span.stop).exists()


def request_of_deal(mine: Reach, opportunity_id: int) -> OrderRequest | None:
    """What was typed last to book a deal that could not be booked then."""
    rows = _readable(mine).filter(opportunity_id=opportunity_id)
    return rows.select_related("opportunity__owner", "asked_by").order_by("-id").first()


def is_typed(opportunity_id: int) -> bool:
    """Whether shares were typed for what awaits its booking of a deal that the act has found; else it takes those of
    the deal's split.
    """
    rows = OrderRequest.objects.filter(opportunity_id=opportunity_id, state=OrderRequest.State.WAITING)
    return bool(rows.values_list("shares", flat=True).first())


@dataclass(frozen=True)
class AwaitedPart:
    """What one person is credited with if an order that awaits its booking is booked as it was typed, in plan money.

    `seat_id`, `territory_id`: where they sit, and where its account is, on the booking date; `place_id`: where its
    account is today. `is_seen`: the reader may read the deal.
    """

    person_id: int
    seat_id: int
    territory_id: int
    place_id: int
    booked_on: date
    plan_minor: int
    is_seen: bool


BEHIND = ("account", "account_territory", "opportunity", "order_request", "split", "split_part")


def awaited(mine: Reach, span: Span, family_id: int | None = None) -> list[AwaitedPart]:
    """What awaits booking in the span by its booking date: each line shared and converted as a credit would be.

    Of all deals, in reach or not, as the books have everybody's credit: who asks shows what the reader may see of it.
    In a currency without a plan rate on that day it comes to nothing.
    """
    waiting = OrderRequest.objects.filter(
        state=OrderRequest.State.WAITING, booked_on__gte=span.start, booked_on__lt=span.stop
    )
    with widened(*BEHIND):
        found = list(waiting.select_related("opportunity__account", "account").order_by("pk"))
        if not found:
            return []
        seen_ids = set(waiting.visible_to(mine).values_list("pk", flat=True))
        return list(_parts(found, span, family_id, seen_ids))


def awaited_of(mine: Reach, span: Span, person_id: int) -> int | None:
    """What awaits booking in the span of one person, in plan money; None where nothing does."""
    return sum(part.plan_minor for part in awaited(mine, span) if part.person_id == person_id) or None


def _parts(
    found: Sequence[OrderRequest], span: Span, family_id: int | None, seen_ids: Collection[int]
) -> Iterator[AwaitedPart]:
    families = dict(Product.objects.values_list("pk", "family_id")) if family_id else {}
    shared = {row.pk: list(_shared(row, common)) for row, common in _commons(found)}
    seat_on = seat_finder({person for lines in shared.values() for _line, split in lines for person in split})
    territory_on = territory_finder({account_of(row).pk for row in found})
    money = _plan_money(span, {row.opportunity.currency for row in found})
    for row in found:
        account, minor = account_of(row), Counter[int]()
        for line, split in shared[row.pk]:
            if family_id not in (None, families.get(line["product_id"])):
                continue
            people = sorted(person for person, weight in split.items() if weight)
            intake = line["amount_minor"] - line.get("renewed_minor", 0)
            parts = split_credit(intake, [split[person] for person in people])
            minor.update({person: money(row, part) for person, part in zip(people, parts, strict=True)})
        for person, plan_minor in minor.items():
            yield AwaitedPart(
                person,
                seat_on(person, row.booked_on),
                territory_on(account.pk, row.booked_on),
                account.territory_id,
                row.booked_on,
                plan_minor,
                row.pk in seen_ids,
            )


def _shared(
    row: OrderRequest, common: Mapping[int, int]
) -> Iterator[tuple[dict[str, Any], Mapping[int, int]]]:
    """Each line with the revenue shares that it has for itself, else those of all."""
    for line in row.lines:
        yield line, _revenue(line.get("shares", ())) or common


def _revenue(shares: Iterable[dict[str, Any]]) -> dict[int, int]:
    return {share["person_id"]: share["weight"] for share in shares if share.get("kind") != OVERLAY}


def account_of(row: OrderRequest) -> Account:
    """Whose order it will be: the deal's account, else the one that was named when it was won."""
    return row.opportunity.account or row.account


def _commons(found: Sequence[OrderRequest]) -> Iterator[tuple[OrderRequest, Mapping[int, int]]]:
    """Who gets how much of each: as typed, else by the split of its deal on the booking date, else its owner all."""
    split_on = split_finder(row.opportunity_id for row in found)
    for row in found:
        of_deal = split_on(row.opportunity_id, row.booked_on) or {row.opportunity.owner_id: WHOLE_SHARE}
        yield row, _revenue(row.shares) or of_deal


def _plan_money(span: Span, currencies: Collection[str]) -> Callable[[OrderRequest, int], int]:
    """What an amount of one of them comes to in plan money; the rates of the span are read once."""
    reporting = the_organisation().reporting_currency
    foreign = set(currencies) - {reporting}
    held = Rate.objects.overlapping(span.start, span.stop).filter(kind=Rate.Kind.PLAN, currency__in=foreign)
    rates = list(held) if foreign else []

    def money(row: OrderRequest, minor: int) -> int:
        currency = row.opportunity.currency
        if currency == reporting:
            return minor
        held_then = (rate for rate in rates if rate.currency == currency and rate.holds_on(row.booked_on))
        rate = next(held_then, None)
        return convert(minor, rate.value, currency, reporting) if rate else 0

    return money
