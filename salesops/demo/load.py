"""Writes the demo company: the organisation row by row, its trade through staging tables."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import cycle
from random import Random

from django.contrib.auth.hashers import make_password

from common.calendars import add_months, months
from common.models import Period
from common.selectors import policy
from common.services import create_year
from common.staging import Value
from common.transaction import forget_answers
from orders.rules import is_new_business
from pipeline.rules.stages import USUAL_STAGES
from salesops.demo import facts, statements
from salesops.demo.company import Company, Person
from salesops.demo.facts import Size
from salesops.demo.tables import Staging, bare, insert, run
from salesops.demo.targets import Quota, calls, quotas
from salesops.demo.trade import THOUSAND, Account, Deal, Ids, Order, PatchTrade, trade_of
from salesops.demo.waiting import write_queue

TRACKED = (
    "accounts_account", "accounts_contact", "orders_order", "pipeline_activity", "pipeline_opportunity",
    "pipeline_opportunityline",
)  # fmt: skip
LEDGER = ("orders_bookingevent", "orders_credit", "orders_orderline", "orders_splitshare")
FILLED = (
    *TRACKED, *LEDGER, "accounts_accountterritory", "accounts_participant", "forecasts_submission",
    "orders_participant", "pipeline_participant", "pipeline_stagevisit", "pipeline_standing", "quotas_quota",
)  # fmt: skip
QUIET = (*LEDGER, "pipeline_standing")


def write(company: Company, size: Size, seed: int, password: str) -> None:
    """Write everything, inside the caller's transaction, as the schema's owner."""
    _organisation(company)
    _people(company, make_password(password))
    _tree(company)
    expected, lost_account = _stage(company, size, seed)
    with bare(FILLED, QUIET if size.has_history else [*TRACKED, *QUIET]):
        _trade(company)
        periods = dict(Period.objects.quarters().values_list("starts_on", "pk"))
        _quotas(company, seed, periods)
        _calls(company, seed, periods, expected)
    if size.has_history:
        write_queue(company, lost_account)


# ---- The organisation ----


def _organisation(company: Company) -> None:
    insert(
        "common_organisation",
        "id, version, name, reporting_currency, time_zone, locale, fiscal_start_month, is_demo",
        [(1, 1, facts.COMPANY, facts.REPORTING_CURRENCY, facts.TIME_ZONE, facts.LOCALE, 1, True)],
    )
    forget_answers()
    for year in company.days.years:
        create_year(by=None, year=year)
    insert("common_rate", "kind, currency, value, starts_on, stops_on, source, recorded_at", _rates(company))
    insert(
        "catalog_family",
        "id, version, name, code",
        [(number, 1, name, code) for number, (code, (name, _)) in enumerate(facts.FAMILIES.items(), 1)],
    )
    insert(
        "catalog_product",
        "id, version, name, code, family_id, list_price_minor, currency, kind",
        [
            (
                p.id,
                1,
                p.name,
                p.name.upper().replace(" ", "-"),
                p.family,
                p.price,
                facts.REPORTING_CURRENCY,
                p.kind,
            )
            for p in facts.PRODUCTS
        ],
    )
    insert(
        "pipeline_salesmodel",
        "id, version, name, about, is_usual, is_retired",
        [(1, 1, "Standard", "", True, False)],
    )
    insert(
        "pipeline_stage",
        "id, version, sales_model_id, position, name, kind, probability, category",
        [(number, 1, 1, number, *stage) for number, stage in enumerate(USUAL_STAGES, 1)],
    )


def _rates(company: Company) -> Iterator[tuple[Value, ...]]:
    days = company.days
    for code, currency in facts.CURRENCIES.items():
        yearly = list(zip(days.years, cycle(currency.rates), strict=False))
        for year, value in yearly:
            start = date(year, 1, 1)
            stop = None if year == yearly[-1][0] else date(year + 1, 1, 1)
            yield "plan", code, value, start, stop, "plan of the year", start
        for year, value in yearly:
            for month in months(1, year):
                if days.start <= month.start <= days.today:
                    wobble = Random(f"rate {code} {month.start}").randint(-30, 30)
                    shown = f"{float(value) + wobble / 1000:.4f}"
                    stop = None if month.stop > days.today else month.stop
                    yield "booked", code, shown, month.start, stop, "month's first day", month.start


def _people(company: Company, password: str) -> None:
    insert(
        "territories_user",
        "id, password, version, email, name, locale, time_zone, is_active, joined_at",
        [
            (p.id, password, 1, facts.mail(p.name), p.name, *_habits(p), p.stops_on is None, p.starts_on)
            for p in company.people
        ],
    )
    insert(
        "territories_rolegrant",
        "user_id, role, starts_on, stops_on, recorded_at",
        [(p.id, p.role, p.starts_on, p.stops_on, p.starts_on) for p in company.people],
    )


def _habits(person: Person) -> tuple[str, str]:
    currency = facts.CURRENCIES[person.currency]
    return currency.locale, currency.time_zone


def _tree(company: Company) -> None:
    start = company.days.start
    insert(
        "territories_territory",
        "id, version, name, code, kind, is_unassigned",
        [(n.id, 1, n.name, n.code, n.kind, n.code == "UNASSIGNED") for n in company.nodes],
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


# ---- The trade ----


def _stage(company: Company, size: Size, seed: int) -> tuple[dict[int, dict[date, int]], int]:
    """Invent each patch's trade and copy it into the staging tables; returns what each quarter comes to, and the
    account of the small company that is in nobody's territory.
    """
    run([statements.STAGED])
    staging, ids, expected = Staging(), Ids(), {}
    for patch in company.patches:
        trade = trade_of(company, patch, size, seed, ids)
        expected[patch.number] = trade.expected
        _stage_accounts(staging, trade)
        for deal in trade.deals:
            _stage_deal(staging, company, deal, size.activities, seed)
        for order in trade.orders:
            _stage_order(staging, company, order, ids)
    lost_account = next(ids.account)
    if size.has_history:
        nobodys = next(node.id for node in company.nodes if node.code == "UNASSIGNED")
        account = Account(lost_account, company.patches[0], nobodys)
        _stage_accounts(staging, PatchTrade(company, company.patches[0], seed, ids, Random(seed), [account]))
    staging.finish()
    return expected, lost_account


def _stage_accounts(staging: Staging, trade: PatchTrade) -> None:
    random = Random(f"accounts {trade.seed} {trade.patch.number}")
    for account in trade.accounts:
        number = account.id - 1
        name, industry, town = facts.customer(number)
        employees = int(random.lognormvariate(5, 1.2)) + 3
        parent = number if random.random() < 0.05 and account is not trade.accounts[0] else None
        revenue = employees * random.randint(90, 260) * THOUSAND
        size = (employees, revenue)
        place = (town, trade.patch.region.country, f"{10000 + number * 37 % 90000}")
        now = (account.moved_to or account.territory_id, account.first_ordered_on)
        before = (account.territory_id, account.moved_on) if account.moved_to else (None, None)
        staging.add("account", account.id, name, industry, *size, *place, parent, *now, *before)
        contact = facts.person_name(20_000 + number)
        mail = facts.mail(contact, f"customer-{account.id}.example")
        title = random.choice(facts.JOB_TITLES)
        staging.add("contact", account.id, contact, title, mail, f"+00 {number + 1000}")


def _stage_deal(staging: Staging, company: Company, deal: Deal, activities: int, seed: int) -> None:
    customer, today = facts.customer(deal.account.id - 1)[0], company.days.today
    name = f"{customer}: {facts.PURPOSES[deal.id % len(facts.PURPOSES)]}"
    where = (deal.account.id, deal.seller, deal.account.territory_on(today))
    days = (deal.close_on, deal.closed_on, deal.created_on, deal.since_on)
    step: tuple[str, date | None] = ("", None)
    if deal.closed_on is None:
        random = Random(f"deal {seed} {deal.id}")
        step = random.choice(facts.NEXT_STEPS), today + timedelta(days=random.randint(-4, 20))
        _stage_activities(staging, company, deal, random, activities)
    elif deal.stage == facts.WON and activities > 1:
        staging.add("activity", "meeting", "Signed the order", deal.id, None, _at(deal.close_on, 11))
    reason = facts.LOST_REASONS[deal.id % len(facts.LOST_REASONS)] if deal.stage == facts.LOST else ""
    what = (name, deal.stage, deal.motion, deal.account.patch.region.currency)
    staging.add("deal", deal.id, *where, *what, *days, deal.pushes, *step, reason)
    for item in deal.items:
        staging.add("deal_line", item.id, deal.id, item.product, item.quantity, item.price)


def _stage_activities(staging: Staging, company: Company, deal: Deal, random: Random, most: int) -> None:
    days = company.days
    for _ in range(random.randint(1, most)):
        kind, subject = random.choice(list(facts.SUBJECTS.items()))
        day = max(deal.created_on, days.yesterday - timedelta(days=random.randint(0, 45)))
        staging.add("activity", kind, subject, deal.id, None, _at(day, random.randint(8, 16)))
    if random.random() < 0.3:
        due = days.today + timedelta(days=random.randint(-3, 14))
        staging.add("activity", "task", random.choice(facts.NEXT_STEPS), deal.id, due, None)


def _stage_order(staging: Staging, company: Company, order: Order, ids: Ids) -> None:
    account, back = order.account, order.cancelled
    entered = min(order.booked_on + timedelta(days=order.delay), company.days.yesterday)
    who = (account.id, order.deal.id if order.deal else None, order.seller)
    months = policy("new_customer_months", order.booked_on)
    is_new = is_new_business(account.first_ordered_on, order.booked_on, months)
    what = (account.territory_on(order.booked_on), order.motion, is_new, account.patch.region.currency)
    days = (order.booked_on, _at(entered, 9 + order.id % 8), back.booked_on if back else None)
    staging.add("order", order.id, *who, *what, *days, bool(back and back.is_full))
    for person_id, _, weight in order.shares:
        staging.add("share", order.id, person_id, weight)
    for item, parts, minuses in zip(order.items, order.shared(), order.taken_back(), strict=True):
        ordered = (item.product, item.family, item.quantity, item.amount, item.term)
        staging.add("order_line", item.id, order.id, *ordered)
        for (person_id, seat_id, _), part, minus in zip(order.shares, parts, minuses, strict=True):
            number = next(ids.credit)
            line = (order.id, item.id, item.family, person_id, seat_id)
            staging.add("credit", number, *line, *part, None)
            if any(minus):
                staging.add("credit", next(ids.credit), *line, *minus, number)


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour))


def _trade(company: Company) -> None:
    coordinator = next(person.id for person in company.people if person.role == "coordinator")
    days = {"start": company.days.start, "today": company.days.today}
    run([statements.TRADE], {**days, "coordinator": coordinator, "open_stages": facts.WON - 1})


# ---- Quotas and calls ----


def _quotas(company: Company, seed: int, periods: dict[date, int]) -> None:
    insert(
        "quotas_quota",
        "period_id, person_id, territory_id, kind, measure, motion, amount_minor, reason, starts_on, stops_on, "
        "recorded_at, superseded_at",
        (row for quota in quotas(company, seed) for row in _versions(quota, periods)),
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
    commit = ("commit", "", False)
    insert(
        "forecasts_submission",
        "person_id, node_id, is_team, period_id, amount_minor, submitted_at, category, note, is_late",
        (
            (c.person_id, c.node_id, c.is_team, periods[c.quarter], c.amount, _at(c.day, 8), *commit)
            for c in calls(company, expected, seed)
        ),
    )
