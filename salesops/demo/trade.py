"""What a patch's customers were offered and what they ordered, in its own currency. Pure and repeatable."""

import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from random import Random

from common.money import WHOLE_SHARE, allocate
from orders.rules import cancel_lines, split_lines
from salesops.demo import words
from salesops.demo.company import Company, Days, Patch, Size

SEASONS = (20, 22, 24, 34)
"""How a year's quota and order intake spread over its quarters, in percent."""

PLAN_RATES = {"EUR": 100, "USD": 90, "GBP": 116}
"""Roughly what 100 units of the currency are worth in the reporting currency; exact rates are rows."""

SPLITS = (
    (60_000_000, 40_000_000),
    (50_000_000, 50_000_000),
    (70_000_000, 30_000_000),
    (66_666_667, 33_333_333),
)
OPEN_STAGES = 4
WON, LOST = 5, 6


@dataclass
class Account:
    """A customer, the patches it was in, and when it first ordered."""

    id: int
    number: int
    patch: Patch
    territory_id: int
    moved_on: date | None = None
    moved_to: int | None = None
    first_ordered_on: date | None = None

    def territory_on(self, day: date) -> int:
        return (
            self.moved_to if self.moved_to and self.moved_on and day >= self.moved_on else self.territory_id
        )


@dataclass
class Item:
    """A product on a deal or an order: how many, at which price each, in minor units."""

    id: int
    product: int
    family: int
    quantity: int
    price: int

    @property
    def amount(self) -> int:
        return self.quantity * self.price


@dataclass
class Deal:
    """An opportunity with where it stands; `closed_on` is empty while it is open."""

    id: int
    account: Account
    seller: int
    stage: int
    created_on: date
    since_on: date
    close_on: date
    closed_on: date | None
    items: list[Item]
    motion: str
    pushes: int = 0


@dataclass
class Cancellation:
    """Some or all of an order taken back on a later day."""

    booked_on: date
    is_full: bool


@dataclass
class Order:
    """An order with its shares as (person, seat, weight), when it was signed and when it was entered."""

    id: int
    account: Account
    deal: Deal | None
    seller: int
    booked_on: date
    delay: int
    motion: str
    items: list[Item]
    shares: list[tuple[int, int, int]]
    cancelled: Cancellation | None = None


@dataclass
class Ids:
    """One counter per kind of row, over all patches."""

    account: Iterator[int] = field(default_factory=lambda: count(1))
    deal: Iterator[int] = field(default_factory=lambda: count(1))
    deal_line: Iterator[int] = field(default_factory=lambda: count(1))
    order: Iterator[int] = field(default_factory=lambda: count(1))
    order_line: Iterator[int] = field(default_factory=lambda: count(1))


@dataclass
class PatchTrade:
    """All customers, deals and orders of one patch, and its intake per quarter in the reporting currency."""

    patch: Patch
    accounts: list[Account]
    deals: list[Deal] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    expected: dict[date, int] = field(default_factory=dict)


def quota_of(patch: Patch, year: int, seed: int) -> int:
    """The patch's quota of a year in minor units of the reporting currency, in whole thousands."""
    base = Random(f"quota {seed} {patch.number}").randint(600, 1_300)
    return round(base * 1.06 ** (year - 2024)) * 1_000_00


def quota_by_quarter(patch: Patch, year: int, seed: int) -> list[int]:
    """The year's quota by season, nothing lost. Example: 100,000 → 20,000 / 22,000 / 24,000 / 34,000."""
    return allocate(quota_of(patch, year, seed), SEASONS)


def trade_of(company: Company, patch: Patch, size: Size, seed: int, ids: Ids) -> PatchTrade:
    """The trade of one patch: the same for a seed, a patch and a day."""
    random = Random(f"trade {seed} {patch.number}")
    trade = PatchTrade(patch, [_account(company, patch, random, ids) for _ in range(size.accounts)])
    ability = random.triangular(0.42, 1.32, 0.94)
    won = max(1, round(size.deals * 0.46 / len(company.days.quarters())))
    repeats = round(size.repeat_orders / len(company.days.quarters()))
    for start, stop in company.days.quarters():
        _quarter(company, trade, random, ids, (start, stop), (won, repeats), ability, seed)
    for _ in range(round(size.deals * 0.33)):
        trade.deals.append(_lost(company.days, trade, random, ids))
    while len(trade.deals) < size.deals:
        trade.deals.append(_open(company.days, trade, random, ids, None))
    return trade


def _account(company: Company, patch: Patch, random: Random, ids: Ids) -> Account:
    number = next(ids.account)
    account = Account(number, number - 1, patch, patch.node.id)
    if random.random() < 0.03:
        neighbours = company.teams[patch.team.id]
        account.moved_to = neighbours[(neighbours.index(patch) + 1) % len(neighbours)].node.id
        account.moved_on = company.days.ago(3, 20)
    return account


def _quarter(
    company: Company,
    trade: PatchTrade,
    random: Random,
    ids: Ids,
    span: tuple[date, date],
    counts: tuple[int, int],
    ability: float,
    seed: int,
) -> None:
    """One quarter: what will be ordered in it is planned whole; days that have not come yet stay open deals."""
    start, stop = span
    quota = quota_by_quarter(trade.patch, start.year, seed)[(start.month - 1) // 3]
    target = quota * min(1.4, max(0.3, ability * random.uniform(0.8, 1.2)))
    trade.expected[start] = round(target)
    local = target * 100 / PLAN_RATES[trade.patch.currency]
    planned = [
        (random.lognormvariate(0, 0.8), _late_day(random, start, stop), n < counts[0])
        for n in range(sum(counts))
    ]
    total = sum(weight for weight, _, _ in planned)
    for weight, day, has_deal in planned:
        amount = local * weight / total
        if day < company.days.today:
            trade.orders.append(_order(company, trade, random, ids, day, amount, has_deal))
        elif has_deal:
            trade.deals.append(_open(company.days, trade, random, ids, (day, amount)))


def _late_day(random: Random, start: date, stop: date) -> date:
    """A working day of the quarter; its end is busier than its beginning."""
    days = (stop - start).days
    day = start + timedelta(days=int(days * random.random() ** 0.7))
    return day - timedelta(days=max(0, day.weekday() - 4)) if day.weekday() > 4 and day.day > 2 else day


def _order(
    company: Company, trade: PatchTrade, random: Random, ids: Ids, day: date, amount: float, has_deal: bool
) -> Order:
    account = random.choice(trade.accounts)
    if account.first_ordered_on is None or day < account.first_ordered_on:
        account.first_ordered_on = day
    person, seat = trade.patch.seller(day)
    motion = "new" if has_deal and random.random() < 0.6 else random.choice(("expansion", "renewal"))
    items = _items(random, amount, ids.order_line)
    deal = _won(trade, random, ids, account, person, day, items, motion) if has_deal else None
    shares = _shares(company, trade.patch, random, day, (person, seat))
    late = random.random() < 0.04
    delay = random.randint(8, 35) if late else random.choice((0, 0, 0, 1))
    order = Order(next(ids.order), account, deal, person, day, delay, motion, items, shares)
    back = day + timedelta(days=random.randint(20, 110))
    if random.random() < 0.03 and back < company.days.today and delay < 20:
        order.cancelled = Cancellation(back, random.random() < 0.6)
    return order


def _won(
    trade: PatchTrade,
    random: Random,
    ids: Ids,
    account: Account,
    person: int,
    day: date,
    items: list[Item],
    motion: str,
) -> Deal:
    created = day - timedelta(days=random.randint(15, 130))
    lines = [Item(next(ids.deal_line), i.product, i.family, i.quantity, i.price) for i in items]
    deal = Deal(
        next(ids.deal),
        account,
        person,
        WON,
        created,
        day,
        day,
        day,
        lines,
        motion,
        random.choice((0, 0, 1, 2)),
    )
    trade.deals.append(deal)
    return deal


def _lost(days: Days, trade: PatchTrade, random: Random, ids: Ids) -> Deal:
    closed = days.yesterday - timedelta(days=random.randint(0, (days.yesterday - days.start).days))
    created = closed - timedelta(days=random.randint(10, 150))
    person, _ = trade.patch.seller(closed)
    items = _items(random, _usual(trade, random), ids.deal_line)
    return Deal(
        next(ids.deal),
        random.choice(trade.accounts),
        person,
        LOST,
        created,
        closed,
        closed,
        closed,
        items,
        "new",
    )


def _open(days: Days, trade: PatchTrade, random: Random, ids: Ids, plan: tuple[date, float] | None) -> Deal:
    if plan is None:
        close_on = days.today + timedelta(days=int(random.triangular(-12, 230, 40)))
        plan = (close_on, _usual(trade, random))
    close_on, amount = plan
    created = days.yesterday - timedelta(days=random.randint(3, 120))
    nearness = max(0, 4 - max(0, (close_on - days.today).days) // 35)
    stage = min(OPEN_STAGES, max(1, nearness + random.choice((-1, 0, 0, 1))))
    since = (
        created + timedelta(days=int((days.yesterday - created).days * random.random()))
        if stage > 1
        else created
    )
    person, _ = trade.patch.seller(days.today)
    items = _items(random, amount, ids.deal_line)
    return Deal(
        next(ids.deal),
        random.choice(trade.accounts),
        person,
        stage,
        created,
        since,
        close_on,
        None,
        items,
        random.choice(("new", "new", "expansion", "renewal")),
        random.choice((0, 0, 0, 1, 2, 3)),
    )


def _usual(trade: PatchTrade, random: Random) -> float:
    """The size of a deal that is like the others of this patch."""
    orders = max(1, len(trade.orders) // max(1, len(trade.expected)))
    mean = sum(trade.expected.values()) / max(1, len(trade.expected)) / orders
    return mean * 100 / PLAN_RATES[trade.patch.currency] * random.lognormvariate(-0.1, 0.7)


PRODUCTS = [
    (number, family, price * 100)
    for number, (family, price) in enumerate(
        (
            (family, price)
            for family, (_, items) in enumerate(words.FAMILIES.values(), 1)
            for _, price in items
        ),
        1,
    )
]
"""Product id, family id and list price in minor units, in the order of their ids."""
_BY_PRICE = sorted(PRODUCTS, key=lambda product: product[2])
_PRICES = [price for _, _, price in _BY_PRICE]


def _items(random: Random, amount: float, ids: Iterator[int]) -> list[Item]:
    """One or two products worth the amount, at prices in whole currency units."""
    parts = [amount] if random.random() < 0.75 else [amount * 0.7, amount * 0.3]
    return [_item(random, part, ids) for part in parts]


def _item(random: Random, amount: float, ids: Iterator[int]) -> Item:
    affordable = max(1, bisect_right(_PRICES, amount))
    product, family, price = _BY_PRICE[int(affordable * random.random())]
    quantity = max(1, math.floor(amount / price))
    return Item(next(ids), product, family, quantity, max(1, round(amount / quantity / 100)) * 100)


def _shares(
    company: Company, patch: Patch, random: Random, day: date, seller: tuple[int, int]
) -> list[tuple[int, int, int]]:
    """The seller alone, or with a colleague: mostly of the team, now and then of another region."""
    draw = random.random()
    if draw > 0.12:
        return [(*seller, WHOLE_SHARE)]
    pool = company.teams[patch.team.id] if draw > 0.02 else company.patches
    other = random.choice(pool).seller(day)
    if other[0] == seller[0]:
        return [(*seller, WHOLE_SHARE)]
    first, second = random.choice(SPLITS)
    return sorted([(*seller, first), (*other, second)])


def shared_amounts(order: Order) -> list[list[int]]:
    """What each line is worth to each share; shares stand in the order of the persons' ids.

    Example: one line of 100.01 at 60 % and 40 % → [[60.01, 40.00]]. Raises as `split_lines`.
    """
    return split_lines([item.amount for item in order.items], [weight for _, _, weight in order.shares])


def taken_back(order: Order) -> list[list[int]]:
    """What the order's cancellation posts per line and share: nothing, half of it, or all.

    Example: one line of 60.00 and 40.00 cancelled in full → [[-60.00, -40.00]]. Raises as `cancel_lines`.
    """
    credits = shared_amounts(order)
    if order.cancelled is None:
        return [[0] * len(line) for line in credits]
    amounts = [item.amount for item in order.items]
    part = sum(amounts) if order.cancelled.is_full else sum(amounts) // 2
    return cancel_lines(part, amounts, [weight for _, _, weight in order.shares], credits)
