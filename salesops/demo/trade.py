"""What a patch's customers were offered and what they ordered, in its own currency. Pure and repeatable."""

import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count
from random import Random

from common.calendars import Span
from common.money import WHOLE_SHARE, allocate
from orders.rules import Measures, left_of_lines, measures, split_lines
from salesops.demo.company import Company, Patch
from salesops.demo.facts import CURRENCIES, LOST, PRODUCTS, SEASONS, SPLITS, TERMS, WON, Size

THOUSAND = 1_000_00
_BY_PRICE = sorted(PRODUCTS, key=lambda product: product.price)
_PRICES = [product.price for product in _BY_PRICE]


@dataclass
class Account:
    """A customer, the patches it was in, and when it first ordered."""

    id: int
    patch: Patch
    territory_id: int
    moved_on: date | None = None
    moved_to: int | None = None
    first_ordered_on: date | None = None

    def territory_on(self, day: date) -> int:
        is_moved = self.moved_on and day >= self.moved_on
        return self.moved_to if self.moved_to and is_moved else self.territory_id


@dataclass
class Item:
    """A product on a deal or an order: how many, at which price each, in minor units."""

    id: int
    product: int
    family: int
    quantity: int
    price: int
    recurs: bool

    @property
    def amount(self) -> int:
        return self.quantity * self.price

    @property
    def term(self) -> int | None:
        """For how many months it is on an order, where it recurs."""
        return TERMS[self.id % len(TERMS)] if self.recurs else None


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

    def shared(self) -> list[list[Measures]]:
        """What each line comes to for each share; shares stand in the order of the persons' ids.

        Example: one line of 100.01 at 60 % and 40 % → order intake 60.01 and 40.00. Raises as `split_lines`.
        """
        return [self._shared(item, item.amount) for item in self.items]

    def taken_back(self) -> list[list[Measures]]:
        """What the order's cancellation posts per line and share: nothing, half of its amount, or all.

        Example: one line of 60.00 and 40.00 cancelled in full → order intake -60.00 and -40.00. Raises nothing.
        """
        before = self.shared()
        if self.cancelled is None:
            return [[Measures()] * len(line) for line in before]
        if self.cancelled.is_full:
            return [[_less(Measures(), part) for part in line] for line in before]
        amounts = [item.amount for item in self.items]
        left = left_of_lines(sum(amounts) - sum(amounts) // 2, amounts)
        after = [self._shared(item, amount) for item, amount in zip(self.items, left, strict=True)]
        return [list(map(_less, new, old)) for new, old in zip(after, before, strict=True)]

    def _shared(self, item: Item, amount: int) -> list[Measures]:
        columns = measures(amount, 0, item.quantity, item.term)
        shared = split_lines(columns, [weight for _, _, weight in self.shares])
        return [Measures(*parts) for parts in zip(*shared, strict=True)]


def _less(new: Measures, old: Measures) -> Measures:
    return Measures(*(one - other for one, other in zip(new, old, strict=True)))


class Ids:
    """One counter per kind of row, over all patches."""

    def __init__(self) -> None:
        self.account, self.deal, self.deal_line = count(1), count(1), count(1)
        self.order, self.order_line, self.credit = count(1), count(1), count(1)


def quota_of(patch: Patch, quarter: date, seed: int) -> int:
    """The patch's quota of a quarter in minor units of the reporting currency: a season's part of whole thousands.

    Example: 100,000 in the year → 20,000 / 22,000 / 24,000 / 34,000.
    """
    base = Random(f"quota {seed} {patch.number}").randint(600, 1_300)
    year = round(base * 1.06 ** (quarter.year - 2024)) * THOUSAND
    return allocate(year, SEASONS)[quarter.month // 3]


@dataclass
class PatchTrade:
    """All customers, deals and orders of one patch, and its intake per quarter in the reporting currency."""

    company: Company
    patch: Patch
    seed: int
    ids: Ids
    random: Random
    accounts: list[Account] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    expected: dict[date, int] = field(default_factory=dict)

    def invent(self, size: Size) -> None:
        days, random = self.company.days, self.random
        self.accounts = [self._account() for _ in range(size.accounts)]
        ability = random.triangular(0.42, 1.32, 0.94)
        won = max(1, round(size.deals * 0.46 / len(days.traded())))
        repeats = round(size.repeat_orders / len(days.traded()))
        for quarter in days.traded():
            self._quarter(quarter, won, repeats, ability)
        self.deals += [self._lost() for _ in range(round(size.deals * 0.33))]
        while len(self.deals) < size.deals:
            close_on = days.today + timedelta(days=int(random.triangular(-12, 230, 40)))
            self.deals.append(self._open(close_on, self._usual()))

    def _account(self) -> Account:
        account = Account(next(self.ids.account), self.patch, self.patch.node.id)
        if self.random.random() < 0.03:
            neighbours = self.company.teams[self.patch.team.id]
            account.moved_to = neighbours[(neighbours.index(self.patch) + 1) % len(neighbours)].node.id
            account.moved_on = self.company.days.ago(3, 20)
        return account

    def _quarter(self, quarter: Span, won: int, repeats: int, ability: float) -> None:
        """What will be ordered in a quarter is planned whole; days that have not come yet stay open deals."""
        random = self.random
        quota = quota_of(self.patch, quarter.start, self.seed)
        target = quota * min(1.4, max(0.3, ability * random.uniform(0.8, 1.2)))
        self.expected[quarter.start] = round(target)
        planned = [
            (random.lognormvariate(0, 0.8), self._late_day(quarter), number < won)
            for number in range(won + repeats)
        ]
        total = sum(weight for weight, _, _ in planned)
        for weight, day, has_deal in planned:
            amount = self._local(target) * weight / total
            if day < self.company.days.today:
                self.orders.append(self._order(day, amount, has_deal))
            elif has_deal:
                self.deals.append(self._open(day, amount))

    def _local(self, amount: float) -> float:
        """An amount of the reporting currency in that of the patch."""
        return amount * 100 / CURRENCIES[self.patch.region.currency].worth

    def _late_day(self, quarter: Span) -> date:
        """A working day of the quarter; its end is busier than its beginning."""
        day = quarter.start + timedelta(days=int(quarter.days * self.random.random() ** 0.7))
        return day - timedelta(days=day.weekday() - 4) if day.weekday() > 4 and day.day > 2 else day

    def _order(self, day: date, amount: float, has_deal: bool) -> Order:
        random = self.random
        account = random.choice(self.accounts)
        account.first_ordered_on = min(day, account.first_ordered_on or day)
        seller = self.patch.seller(day)
        motion = "new" if has_deal and random.random() < 0.6 else random.choice(("expansion", "renewal"))
        items = self._items(amount, self.ids.order_line)
        deal = self._won(account, seller[0], day, items, motion) if has_deal else None
        shares = self._shares(day, seller)
        late = random.random() < 0.04
        delay = random.randint(8, 35) if late else random.choice((0, 0, 0, 1))
        order = Order(next(self.ids.order), account, deal, seller[0], day, delay, motion, items, shares)
        back = day + timedelta(days=random.randint(20, 110))
        if random.random() < 0.03 and back < self.company.days.today and delay < 20:
            order.cancelled = Cancellation(back, random.random() < 0.6)
        return order

    def _won(self, account: Account, seller: int, day: date, items: list[Item], motion: str) -> Deal:
        created = day - timedelta(days=self.random.randint(15, 130))
        lines = [replace(item, id=next(self.ids.deal_line)) for item in items]
        number, pushes = next(self.ids.deal), self.random.choice((0, 0, 1, 2))
        deal = Deal(number, account, seller, WON, created, day, day, day, lines, motion, pushes)
        self.deals.append(deal)
        return deal

    def _lost(self) -> Deal:
        days, random = self.company.days, self.random
        closed = days.yesterday - timedelta(days=random.randint(0, (days.yesterday - days.start).days))
        created = closed - timedelta(days=random.randint(10, 150))
        items = self._items(self._usual(), self.ids.deal_line)
        account, (seller, _) = random.choice(self.accounts), self.patch.seller(closed)
        number = next(self.ids.deal)
        return Deal(number, account, seller, LOST, created, closed, closed, closed, items, "new")

    def _open(self, close_on: date, amount: float) -> Deal:
        days, random = self.company.days, self.random
        created = days.yesterday - timedelta(days=random.randint(3, 120))
        nearness = max(0, 4 - max(0, (close_on - days.today).days) // 35)
        stage = min(WON - 1, max(1, nearness + random.choice((-1, 0, 0, 1))))
        passed = (days.yesterday - created).days
        since = created + timedelta(days=int(passed * random.random())) if stage > 1 else created
        items = self._items(amount, self.ids.deal_line)
        account, (seller, _) = random.choice(self.accounts), self.patch.seller(days.today)
        motion = random.choice(("new", "new", "expansion", "renewal"))
        number, pushes = next(self.ids.deal), random.choice((0, 0, 0, 1, 2, 3))
        return Deal(number, account, seller, stage, created, since, close_on, None, items, motion, pushes)

    def _usual(self) -> float:
        """The size of a deal that is like the others of this patch."""
        orders = max(1, len(self.orders) // len(self.expected))
        mean = sum(self.expected.values()) / len(self.expected) / orders
        return self._local(mean) * self.random.lognormvariate(-0.1, 0.7)

    def _items(self, amount: float, ids: Iterator[int]) -> list[Item]:
        """One or two products worth the amount, at prices in whole currency units."""
        parts = [amount] if self.random.random() < 0.75 else [amount * 0.7, amount * 0.3]
        return [self._item(part, next(ids)) for part in parts]

    def _item(self, amount: float, number: int) -> Item:
        affordable = max(1, bisect_right(_PRICES, amount))
        product = _BY_PRICE[int(affordable * self.random.random())]
        quantity = max(1, math.floor(amount / product.price))
        price = max(1, round(amount / quantity / 100)) * 100
        return Item(number, product.id, product.family, quantity, price, product.kind == "recurring")

    def _shares(self, day: date, seller: tuple[int, int]) -> list[tuple[int, int, int]]:
        """The seller alone, or with a colleague: mostly of the team, now and then of another region."""
        draw = self.random.random()
        pool = self.company.teams[self.patch.team.id] if draw > 0.02 else self.company.patches
        other = seller if draw > 0.12 else self.random.choice(pool).seller(day)
        if other[0] == seller[0]:
            return [(*seller, WHOLE_SHARE)]
        first, second = self.random.choice(SPLITS)
        return sorted([(*seller, first), (*other, second)])


def trade_of(company: Company, patch: Patch, size: Size, seed: int, ids: Ids) -> PatchTrade:
    """The trade of one patch: the same for a seed, a patch and a day."""
    trade = PatchTrade(company, patch, seed, ids, Random(f"trade {seed} {patch.number}"))
    trade.invent(size)
    return trade
