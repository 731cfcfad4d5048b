"""Won deals whose order awaits its booking: what they wait for, and what they come to."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.models import Account
from accounts.selectors import territory_finder
from catalog.models import Product
from common.access import Reach, found, rule_for, seen
from common.calendars import Span
from common.models import Rate
from common.money import WHOLE_SHARE, convert
from common.policies import NOTHING
from common.selectors import policy, the_organisation, today
from common.transaction import now, widened
from orders.models import OrderRequest, SplitShare
from orders.rules import split_credit
from orders.selectors.gate import Lack, lacks_of
from pipeline.models import Opportunity
from pipeline.selectors.team import split_finder
from territories.models import RoleGrant
from territories.selectors import seat_finder

OVERLAY = SplitShare.Kind.OVERLAY


@dataclass(frozen=True)
class Waiting:
    """An order that awaits its booking: since how many days, and why now."""

    request: OrderRequest
    days: int
    lacks: Sequence[Lack]
    may_book: bool
    may_work: bool

    @property
    def missing(self) -> list[str]:
        """Why it waits, in words."""
        return [lack.text for lack in self.lacks]

    @property
    def codes(self) -> list[str]:
        """The same for programs, each once."""
        return list(dict.fromkeys(lack.code for lack in self.lacks))

    @property
    def is_to_accept(self) -> bool:
        """Whether the reader books it only with a reason: something of it is theirs to decide."""
        return self.may_work and any(lack.is_decided for lack in self.lacks)

    @property
    def deal(self) -> Opportunity | None:
        return self.request.opportunity

    @property
    def name(self) -> str:
        """What names it on a page: its deal, else its account."""
        return self.deal.name if self.deal else self.account

    @property
    def account(self) -> str:
        """The name of its account, or that the reader may not know it."""
        return self.request.account_called

    @property
    def account_page(self) -> str:
        """Where its account is put into a territory; empty where that is out of reach."""
        of_deal = self.deal.account_id if self.deal else None
        pk = of_deal or self.request.account_id
        return reverse("account_detail", args=[pk]) if self.request.account_name else ""

    @property
    def is_waiting(self) -> bool:
        return self.request.state == OrderRequest.State.WAITING

    @property
    def waits_for_others(self) -> bool:
        """Whether the reader can mend it, but not book it as it is: who works the queue decides."""
        return self.is_waiting and not self.may_work and any(lack.is_decided for lack in self.lacks)

    @property
    def may_send_back(self) -> bool:
        return self.may_book if self.deal else self.may_work

    @property
    def page(self) -> str:
        """Where it is booked; who works the queue is led on to the next one."""
        return page_of(self.request, is_queue=self.may_work and self.is_waiting)


def page_of(row: OrderRequest, *, is_queue: bool = False) -> str:
    """The page on which an order that waits is booked."""
    about = {"opportunity": row.opportunity_id} if row.opportunity_id else {"request": row.pk}
    return f"{reverse('order_book')}?{urlencode({**about, **({'queue': 1} if is_queue else {})})}"


def _readable(mine: Reach) -> QuerySet[OrderRequest]:
    """Those of whoever will read the order: who may book the deal, not who only works on it or has credit in it.

    Whatever their token may: one that only reads has them too.
    """
    rows = OrderRequest.objects.visible_to(mine)
    if "org" in mine.relations("order"):
        return rows
    booker = replace(mine, scopes=Reach().scopes)
    return rows.filter(Q(opportunity=None) | booker.q(Opportunity, "opportunity__", "book"))


def _named(mine: Reach, rows: QuerySet[OrderRequest]) -> QuerySet[OrderRequest]:
    """Each with the name of its account where that is in reach, and the people whom a page names."""
    whose = Coalesce(OuterRef("opportunity__account_id"), OuterRef("account_id"))
    name = {"account_name": Subquery(Account.objects.visible_to(mine).filter(pk=whose).values("name"))}
    people = ("opportunity__owner", "opportunity__stage", "owner", "claimed_by", "asked_by", "renews")
    found: QuerySet[OrderRequest] = rows.annotate(**name).select_related(*people)
    return found


def requests_in(
    mine: Reach, states: Collection[str] = (OrderRequest.State.WAITING,)
) -> QuerySet[OrderRequest]:
    """What awaits its booking in reach."""
    return _named(mine, _readable(mine).filter(state__in=states))


def requests_of(mine: Reach, person_id: int) -> QuerySet[OrderRequest]:
    """Orders without a deal that are with a person: drafts, and what was sent back."""
    kept = (OrderRequest.State.DRAFT, OrderRequest.State.BACK)
    return requests_in(mine, kept).filter(_is_with(person_id), opportunity=None)


def _is_with(person_id: int | None) -> Q:
    """A draft, or what was sent back, is with who entered it and with its owner; where its owner has no role any more
    that reads it, with whoever does.
    """
    roles = rule_for(OrderRequest).actions["read"]
    holders = RoleGrant.objects.on(today()).filter(role__in=roles).values("user_id")
    return Q(asked_by_id=person_id) | Q(owner_id=person_id) | ~Q(owner__in=holders)


def worth_of(requests: QuerySet[OrderRequest]) -> tuple[int, list[tuple[str, int]]]:
    """How many these are, and what they come to in each of their currencies, by its code."""
    rows, minor = list(requests.order_by().values_list("currency", "lines")), Counter[str]()
    for currency, lines in rows:
        minor[currency] += OrderRequest(lines=lines).amount_minor
    return len(rows), sorted(minor.items())


def explained(requests: Sequence[OrderRequest], mine: Reach) -> list[Waiting]:
    """Why each of these waits."""
    lacks = lacks_of(requests) if requests else {}
    is_worker = bool(mine.relations("order_request", "work"))
    return [
        Waiting(row, (now() - row.asked_at).days, lacks[row.pk], may_book(mine, row), is_worker)
        for row in requests
    ]


def may_book(mine: Reach, row: OrderRequest) -> bool:
    """Whether the reader may book it: its deal, or the order that it will be."""
    if row.opportunity:
        return mine.allows("opportunity", "book", row.opportunity)
    return mine.allows("order_request", "create", row)


def open_request(mine: Reach, pk: int) -> OrderRequest:
    """One of which an order can still be made; a draft only for those with whom it is. Raises NotInReach."""
    theirs = Q(state__in=(OrderRequest.State.WAITING, OrderRequest.State.BACK))
    theirs |= Q(state=OrderRequest.State.DRAFT) & _is_with(mine.user_id)
    request: OrderRequest = seen(_named(mine, _readable(mine).filter(theirs)), mine, pk)
    return request


def waiting_request(mine: Reach, pk: int) -> OrderRequest:
    """One that waits, with its deal. Raises NotInReach."""
    request = open_request(mine, pk)
    return found(request if request.state == OrderRequest.State.WAITING else None)


def is_awaiting_used(mine: Reach, span: Span) -> bool:
    """Whether anything awaits its booking in the span, or might."""
    asks = policy("booking_asks") != NOTHING
    waits = OrderRequest.objects.visible_to(mine).filter(state=OrderRequest.State.WAITING)
    waits = waits.exclude(opportunity=None)
    return asks or waits.filter(booked_on__gte=span.start, booked_on__lt=span.stop).exists()


def request_of_deal(mine: Reach, opportunity_id: int) -> OrderRequest | None:
    """What was typed last to book a deal that could not be booked then."""
    rows = _readable(mine).filter(opportunity_id=opportunity_id)
    return _named(mine, rows).order_by("-id").first()


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

    request_id: int
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
    ).exclude(opportunity=None)
    with widened(*BEHIND):
        rows = list(waiting.select_related("opportunity__account", "account").order_by("pk"))
        if not rows:
            return []
        seen_ids = set(waiting.visible_to(mine).values_list("pk", flat=True))
        return list(_parts(rows, span, family_id, seen_ids))


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
    money = _plan_money(span, {row.currency for row in found})
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
                row.pk,
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
    """The revenue shares; none while they do not total 100 %, so that nobody's part is too much or too little."""
    found = {share["person_id"]: share["weight"] for share in shares if share.get("kind") != OVERLAY}
    return found if sum(found.values()) == WHOLE_SHARE else {}


def account_of(row: OrderRequest) -> Account:
    """Whose order it will be: the deal's account, else the one that was named."""
    return (row.opportunity.account if row.opportunity else None) or row.account


def _commons(found: Sequence[OrderRequest]) -> Iterator[tuple[OrderRequest, Mapping[int, int]]]:
    """Who gets how much of each: as typed, else by the split of its deal on the booking date, else its owner all."""
    split_on = split_finder(row.opportunity_id for row in found if row.opportunity_id)
    for row in found:
        of_deal = split_on(row.opportunity_id, row.booked_on) or {row.seller_id: WHOLE_SHARE}
        yield row, _revenue(row.shares) or of_deal


def _plan_money(span: Span, currencies: Collection[str]) -> Callable[[OrderRequest, int], int]:
    """What an amount of one of them comes to in plan money; the rates of the span are read once."""
    reporting = the_organisation().reporting_currency
    foreign = set(currencies) - {reporting}
    held = Rate.objects.overlapping(span.start, span.stop).filter(kind=Rate.Kind.PLAN, currency__in=foreign)
    rates = list(held) if foreign else []

    def money(row: OrderRequest, minor: int) -> int:
        currency = row.currency
        if currency == reporting:
            return minor
        held_then = (rate for rate in rates if rate.currency == currency and rate.holds_on(row.booked_on))
        rate = next(held_then, None)
        return convert(minor, rate.value, currency, reporting) if rate else 0

    return money
