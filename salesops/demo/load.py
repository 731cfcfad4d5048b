"""Writes the demo company: the organisation row by row, its trade through staging tables."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection

from common.calendars import add_months, fiscal_year, months, quarters
from common.staging import Value
from orders.models import Credit
from orders.rules import is_new_business
from salesops.demo import statements, words
from salesops.demo.company import Company, Size
from salesops.demo.tables import Staging, advance_ids, bare, insert
from salesops.demo.targets import Quota, calls, quotas
from salesops.demo.trade import (
    LOST,
    PRODUCTS,
    WON,
    Deal,
    Ids,
    Order,
    PatchTrade,
    shared_amounts,
    taken_back,
    trade_of,
)

TIME_ZONE = "Europe/Berlin"
TRACKED = (
    "accounts_account", "accounts_contact", "orders_order", "pipeline_activity", "pipeline_opportunity",
    "pipeline_opportunityline",
)  # fmt: skip
LEDGER = ("orders_bookingevent", "orders_credit", "orders_orderline", "orders_splitshare")
FILLED = (
    *TRACKED, *LEDGER, "accounts_accountterritory", "accounts_participant", "forecasts_submission",
    "orders_participant", "pipeline_participant", "pipeline_stagevisit", "quotas_quota",
)  # fmt: skip
ORGANISED = (
    "catalog_family", "catalog_product", "common_organisation", "common_period", "pipeline_stage",
    "territories_territory", "territories_user",
)  # fmt: skip
STAGES = (
    ("Qualify", "open", 10, "pipeline"),
    ("Discover", "open", 25, "pipeline"),
    ("Propose", "open", 50, "best_case"),
    ("Negotiate", "open", 80, "commit"),
    ("Won", "won", 100, "closed"),
    ("Lost", "lost", 0, "omitted"),
)
RATES = {"USD": ("0.905", "0.90", "0.885", "0.89"), "GBP": ("1.165", "1.16", "1.17", "1.155")}
"""Plan rates by year, in the reporting currency; booked rates move around them month by month."""


def write(company: Company, size: Size, seed: int, password: str) -> None:
    """Write everything, inside the caller's transaction, as the schema's owner."""
    _organisation(company, password)
    expected = _stage(company, size, seed)
    with bare(FILLED, LEDGER if size.has_history else [*TRACKED, *LEDGER]):
        _trade(company)
        periods = {start: number for number, start in _period_ids(company)}
        _quotas(company, seed, periods)
        _calls(company, seed, periods, expected)
    advance_ids([*FILLED, *ORGANISED])


# ---- The organisation ----


def _organisation(company: Company, password: str) -> None:
    start = company.days.start
    insert(
        "common_organisation",
        "id, version, name, reporting_currency, time_zone, locale, fiscal_start_month, is_demo",
        [(1, 1, words.COMPANY, "EUR", TIME_ZONE, "en-GB", 1, True)],
    )
    insert(
        "common_period",
        "id, version, kind, code, starts_on, stops_on, is_closed, parent_id",
        _periods(company),
    )
    insert("common_rate", "kind, currency, value, starts_on, stops_on, source, recorded_at", _rates(company))
    insert(
        "catalog_family",
        "id, version, name, code",
        [(number, 1, name, code) for number, (code, (name, _)) in enumerate(words.FAMILIES.items(), 1)],
    )
    insert(
        "catalog_product",
        "id, version, name, code, family_id, list_price_minor, currency, is_sold",
        [
            (number, 1, name, name.upper().replace(" ", "-"), family, price, "EUR", True)
            for (number, family, price), name in zip(PRODUCTS, _product_names(), strict=True)
        ],
    )
    insert(
        "pipeline_stage",
        "id, version, position, name, kind, probability, category",
        [(number, 1, number, *stage) for number, stage in enumerate(STAGES, 1)],
    )
    _people(company, make_password(password))
    insert(
        "territories_territory",
        "id, version, name, code, is_unassigned",
        [(n.id, 1, n.name, n.code, n is company.unassigned) for n in company.nodes],
    )
    insert(
        "territories_edge",
        "child_id, parent_id, starts_on, stops_on, recorded_at",
        [(m.who, m.where, m.starts_on, m.stops_on, start) for m in company.moves],
    )
    insert(
        "territories_seat",
        "user_id, territory_id, kind, starts_on, stops_on, reason, recorded_at",
        [(s.who, s.where, s.kind, s.starts_on, s.stops_on, s.reason, start) for s in company.seats],
    )


def _product_names() -> Iterator[str]:
    return (name for _, products in words.FAMILIES.values() for name, _ in products)


def _people(company: Company, password: str) -> None:
    insert(
        "territories_user",
        "id, password, version, email, name, locale, time_zone, is_active, joined_at",
        [
            (p.id, password, 1, p.mail, p.name, *words.HABITS[p.currency], p.stops_on is None, p.starts_on)
            for p in company.people
        ],
    )
    insert(
        "territories_rolegrant",
        "user_id, role, starts_on, stops_on, recorded_at",
        [(p.id, p.role, p.starts_on, p.stops_on, p.starts_on) for p in company.people],
    )


def _periods(company: Company) -> Iterator[tuple[Value, ...]]:
    number = 0
    for year in company.days.years:
        whole = fiscal_year(1, year)
        number += 1
        parent = number
        yield number, 1, "year", f"{year}", whole.start, whole.stop, False, None
        for index, quarter in enumerate(quarters(1, year), 1):
            number += 1
            above = number
            yield number, 1, "quarter", f"{year}-Q{index}", quarter.start, quarter.stop, False, parent
            for month in months(1, year):
                if month.start in quarter:
                    number += 1
                    yield number, 1, "month", f"{month.start:%Y-%m}", month.start, month.stop, False, above


def _period_ids(company: Company) -> Iterator[tuple[int, date]]:
    """Id and first day of every quarter."""
    for number, _, kind, _, start, *_ in _periods(company):
        if kind == "quarter":
            assert isinstance(number, int)
            assert isinstance(start, date)
            yield number, start


def _rates(company: Company) -> Iterator[tuple[Value, ...]]:
    first = company.days.start
    for currency, by_year in RATES.items():
        yearly = [(year, by_year[index % len(by_year)]) for index, year in enumerate(company.days.years)]
        for year, value in yearly:
            stop = None if year == yearly[-1][0] else date(year + 1, 1, 1)
            yield "plan", currency, value, date(year, 1, 1), stop, "plan of the year", date(year, 1, 1)
        for year, value in yearly:
            for month in months(1, year):
                if first <= month.start <= company.days.today:
                    wobble = Random(f"rate {currency} {month.start}").randint(-30, 30)
                    shown = f"{float(value) + wobble / 1000:.4f}"
                    stop = None if month.stop > company.days.today else month.stop
                    yield "booked", currency, shown, month.start, stop, "month's first day", month.start


# ---- The trade ----


def _stage(company: Company, size: Size, seed: int) -> dict[int, dict[date, int]]:
    """Invent each patch's trade and copy it into the staging tables; returns what each quarter comes to."""
    staging, ids, expected = Staging(), Ids(), {}
    for name, columns in statements.STAGED.items():
        staging.create(name, columns)
    credit_ids = iter(range(1, 1 << 62))
    for patch in company.patches:
        trade = trade_of(company, patch, size, seed, ids)
        expected[patch.number] = trade.expected
        _stage_accounts(staging, trade, seed)
        for deal in trade.deals:
            _stage_deal(staging, company, deal, size.activities, seed)
        for order in trade.orders:
            _stage_order(staging, company, order, credit_ids)
    staging.finish()
    return expected


def _stage_accounts(staging: Staging, trade: PatchTrade, seed: int) -> None:
    random = Random(f"accounts {seed} {trade.patch.number}")
    for account in trade.accounts:
        name, industry, town = words.customer(account.number)
        employees = int(random.lognormvariate(5, 1.2)) + 3
        parent = account.id - 1 if random.random() < 0.05 and account is not trade.accounts[0] else None
        staging.add(
            "account",
            *(account.id, name, industry, employees, employees * random.randint(90, 260) * 1_000_00, town),
            *(trade.patch.country, f"{10000 + account.number * 37 % 90000}", parent),
            *(account.moved_to or account.territory_id, account.first_ordered_on),
            *((account.territory_id, account.moved_on) if account.moved_to else (None, None)),
        )
        contact = words.person_name(20_000 + account.number)
        mail = f"{contact.lower().replace(' ', '.')}@customer-{account.number + 1}.example"
        staging.add(
            "contact",
            account.id,
            contact,
            random.choice(words.JOB_TITLES),
            mail,
            f"+00 {account.number + 1000}",
        )


def _stage_deal(staging: Staging, company: Company, deal: Deal, activities: int, seed: int) -> None:
    random = Random(f"deal {seed} {deal.id}") if deal.closed_on is None else None
    customer = words.customer(deal.account.number)[0]
    _, kind, _, category = STAGES[deal.stage - 1]
    today = company.days.today
    step = (
        (random.choice(words.NEXT_STEPS), today + timedelta(days=random.randint(-4, 20)))
        if random
        else ("", None)
    )
    staging.add(
        "deal",
        *(deal.id, deal.account.id, deal.seller, deal.account.territory_on(today)),
        *(
            f"{customer}: {words.PURPOSES[deal.id % len(words.PURPOSES)]}",
            deal.stage,
            kind,
            category,
            deal.motion,
        ),
        *(
            deal.account.patch.currency,
            deal.close_on,
            deal.closed_on,
            deal.created_on,
            deal.since_on,
            deal.pushes,
            *step,
        ),
        words.LOST_REASONS[deal.id % len(words.LOST_REASONS)] if deal.stage == LOST else "",
    )
    for item in deal.items:
        staging.add("deal_line", item.id, deal.id, item.product, item.quantity, item.price)
    if random:
        _stage_activities(staging, company, deal, random, activities)
    elif deal.stage == WON and activities > 1:
        staging.add("activity", "meeting", "Signed the order", deal.id, None, _at(deal.close_on, 11))


def _stage_activities(staging: Staging, company: Company, deal: Deal, random: Random, most: int) -> None:
    today = company.days.today
    for _ in range(random.randint(1, most)):
        kind, subject = random.choice(list(words.SUBJECTS.items()))
        day = max(deal.created_on, company.days.yesterday - timedelta(days=random.randint(0, 45)))
        staging.add("activity", kind, subject, deal.id, None, _at(day, random.randint(8, 16)))
    if random.random() < 0.3:
        due = today + timedelta(days=random.randint(-3, 14))
        staging.add("activity", "task", random.choice(words.NEXT_STEPS), deal.id, due, None)


def _stage_order(staging: Staging, company: Company, order: Order, credit_ids: Iterator[int]) -> None:
    entered = min(order.booked_on + timedelta(days=order.delay), company.days.yesterday)
    back = order.cancelled
    is_new = is_new_business(order.account.first_ordered_on, order.booked_on)
    staging.add(
        "order",
        *(order.id, order.account.id, order.deal.id if order.deal else None, order.seller),
        *(order.account.territory_on(order.booked_on), order.motion, is_new, order.account.patch.currency),
        *(
            order.booked_on,
            _at(entered, 9 + order.id % 8),
            back.booked_on if back else None,
            bool(back and back.is_full),
        ),
    )
    for person_id, _, weight in order.shares:
        staging.add("share", order.id, person_id, weight)
    for item, amounts, minuses in zip(order.items, shared_amounts(order), taken_back(order), strict=True):
        staging.add("order_line", item.id, order.id, item.product, item.family, item.quantity, item.amount)
        for (person_id, seat_id, _), amount, minus in zip(order.shares, amounts, minuses, strict=True):
            number = next(credit_ids)
            facts = (item.id, item.family, person_id, seat_id)
            staging.add("credit", number, order.id, False, *facts, amount, None)
            if minus:
                staging.add("credit", next(credit_ids), order.id, True, *facts, minus, number)


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour))


def _trade(company: Company) -> None:
    coordinator = next(person.id for person in company.people if person.role == "coordinator")
    values = {"start": company.days.start, "today": company.days.today, "coordinator": coordinator}
    s = statements
    _run([s.ACCOUNTS, s.PLACES, s.CONTACTS, s.DEALS, s.DEAL_LINES, s.VISITS, s.ACTIVITIES], values)
    _run(
        [
            s.ORDERS,
            s.VALUES,
            s.ORDER_LINES,
            s.EVENTS,
            s.SHARES,
            s.ORDER_READERS,
            s.DEAL_READERS,
            s.ACCOUNT_READERS,
        ],
        values,
    )
    _run(
        [
            s.RATES,
            "CREATE TEMPORARY TABLE demo_ledger (LIKE orders_credit) ON COMMIT DROP",
            s.NUMBERED,
            s.LEDGER,
        ],
        values,
    )
    columns = [str(field.column) for field in Credit._meta.concrete_fields if field.name != "hash"]
    _run([s.CHAIN, s.CREDITS.format(columns=", ".join(columns)), s.HEAD, s.NEXT_NUMBER], None)


def _run(texts: Iterable[str], values: dict[str, Any] | None) -> None:
    with connection.cursor() as cursor:
        for text in texts:
            cursor.execute(text, values)


# ---- Quotas and calls ----


def _quotas(company: Company, seed: int, periods: dict[date, int]) -> None:
    columns = (
        "period_id, person_id, territory_id, kind, measure, motion, amount_minor, reason, starts_on, stops_on, "
        "recorded_at, superseded_at"
    )
    insert(
        "quotas_quota", columns, (row for quota in quotas(company, seed) for row in _versions(quota, periods))
    )


def _versions(quota: Quota, periods: dict[date, int]) -> Iterator[tuple[Value, ...]]:
    """The quota as handed out before the year, and as changed within its quarter where it was."""
    facts = (periods[quota.quarter], quota.person_id, quota.node_id, "assigned", "order_intake", "")
    days = (quota.quarter, add_months(quota.quarter, 3))
    handed_out = date(quota.quarter.year - 1, 12, 10)
    if quota.replaced is None:
        yield *facts, quota.amount, quota.reason, *days, handed_out, None
        return
    changed = quota.quarter + timedelta(days=25)
    yield *facts, quota.replaced, "", *days, handed_out, changed
    yield *facts, quota.amount, quota.reason, *days, changed, None


def _calls(
    company: Company, seed: int, periods: dict[date, int], expected: dict[int, dict[date, int]]
) -> None:
    insert(
        "forecasts_submission",
        "person_id, node_id, is_team, period_id, category, amount_minor, note, submitted_at, is_late",
        (
            (
                c.person_id,
                c.node_id,
                c.is_team,
                periods[c.quarter],
                "commit",
                c.amount,
                "",
                _at(c.day, 8),
                False,
            )
            for c in calls(company, expected, seed)
        ),
    )
