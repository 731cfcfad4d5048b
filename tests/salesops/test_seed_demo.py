"""The demo company: the same for a seed and a day, plausible, and with a ledger that stands up to its own check."""

from datetime import date, timedelta
from fractions import Fraction
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count

from common.access import Reach
from common.selectors import the_organisation
from common.services import create_organisation
from common.transaction import work
from forecasts.models import Score
from orders.models import Credit, LedgerHead, Order, OrderRequest
from orders.rollup import verify_ledger
from orders.rules import is_new_business
from orders.selectors.awaiting import explained, requests_in
from orders.selectors.queue_times import times_to_book
from quotas.models import Publication, Quota
from salesops.demo import load
from salesops.demo.company import found
from salesops.demo.facts import SIZES, Size
from salesops.demo.seed import seed
from salesops.demo.trade import Ids, trade_of
from territories.models import User
from territories.selectors import seat_finder
from territories.services import create_admin
from tests.prepared import connected, database

TODAY = date(2026, 5, 20)
TINY = Size(2, 1, 10, 4, 20, 10)


@pytest.fixture(scope="module")
def small(prepared, django_db_blocker):
    """The small company with its first night, made once for the tests that look at it; yields what was printed."""
    out = StringIO()
    with database(prepared) as name, connected(name, as_owner=True), django_db_blocker.unblock():
        call_command("seed_demo", today=TODAY, stdout=out, skip_checks=True)
        yield out.getvalue().splitlines()


def everything():
    return work(by=None, why="a test", reach=Reach.everything())


@pytest.mark.slow
def test_the_same_seed_makes_the_same_ledger(prepared, django_db_blocker, monkeypatch):
    monkeypatch.setitem(SIZES, "small", TINY)
    heads = []
    for number in (1, 1, 2):
        with database(prepared) as name, connected(name, as_owner=True), django_db_blocker.unblock():
            seed(number=number, size="small", today=TODAY)
            heads.append(LedgerHead.objects.values_list("seq", "hash").get())
    assert heads[0] == heads[1]
    assert heads[0] != heads[2]


@pytest.mark.slow
def test_small_is_a_plausible_company(small):
    with everything():
        assert the_organisation().is_demo
        assert 38 <= User.objects.count() <= 50
        assert 1_900 <= Credit.objects.count() <= 2_400
        assert verify_ledger().is_sound
        assert set(Credit.objects.values_list("currency", flat=True)) == {"EUR", "GBP", "USD"}
        assert Credit.objects.filter(amount_minor__lt=0).count() > 10
        assert _shared_orders() > 50
        assert _late_orders() > 20
        assert set(Order.objects.values_list("state", flat=True)) == set(Order.State.values)
        assert not Credit.objects.filter(booked_on__gte=TODAY).exists()
        ratios = _attainments()
        assert Fraction(75, 100) < sum(ratios) / len(ratios) < Fraction(105, 100)
        assert sum(Fraction(30, 100) <= ratio <= Fraction(140, 100) for ratio in ratios) > 0.95 * len(ratios)
        assert Publication.objects.get().run.as_of == TODAY - timedelta(days=1)
        assert Score.objects.exists()


@pytest.mark.slow
def test_its_queue_has_an_order_for_each_reason_and_weeks_of_times(small, clock):
    with everything():
        mine = Reach.everything()
        rows = explained(list(requests_in(mine)), mine)
        reasons = {tuple(row.codes): row for row in rows}
        assert set(reasons) == {
            ("purchase_order",), ("split_total",), ("too_old",), ("no_territory",), ("price_low",), (),
        }  # fmt: skip
        assert len(rows) == len(reasons)
        assert reasons[("split_total",)].request.claimed_by.email == small[5].split()[1]
        assert all(row.days >= 0 for row in rows)
        others = dict(
            OrderRequest.objects.exclude(state="waiting").values_list("state").annotate(Count("pk"))
        )
        assert (others.pop("draft"), others.pop("back")) == (1, 1)
        assert set(others) == {"booked"}
        weeks = times_to_book(mine)
        assert len(weeks) >= 5
        assert 10 <= sum(week.booked for week in weeks) <= 60
        assert all(0 < week.median_hours <= week.slow_hours for week in weeks)


def _shared_orders() -> int:
    return _number(
        "SELECT count(*) FROM (SELECT event_id FROM orders_splitshare GROUP BY 1 HAVING count(*) > 1) x"
    )


def _late_orders() -> int:
    return _number("SELECT count(*) FROM orders_order WHERE recorded_at > booked_on + 7")


def _number(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


def _attainments() -> list[Fraction]:
    """Of people with a quota in the quarters that have ended."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(c.plan_minor), 0), q.amount_minor FROM quotas_quota q "
            "JOIN common_period p ON p.id = q.period_id AND p.stops_on <= %s "
            "LEFT JOIN orders_credit c ON c.person_id = q.person_id "
            "AND c.booked_on >= p.starts_on AND c.booked_on < p.stops_on "
            "WHERE q.superseded_at IS NULL AND q.person_id IS NOT NULL AND q.amount_minor > 0 GROUP BY q.id",
            [TODAY],
        )
        return [Fraction(int(intake), quota) for intake, quota in cursor.fetchall()]


@pytest.mark.slow
def test_what_is_stamped_is_what_the_product_would_have_stamped(small):
    with everything():
        seat_on = seat_finder(User.objects.values_list("pk", flat=True))
        firsts: dict[int, date] = {}
        for order in Order.objects.order_by("booked_on"):
            firsts.setdefault(order.account_id, order.booked_on)
        for credit in Credit.objects.select_related("event__order", "plan_rate", "booked_rate"):
            order = credit.event.order
            assert order is not None
            assert credit.seat_id == seat_on(credit.person_id, order.booked_on)
            assert credit.is_new_business == is_new_business(firsts[order.account_id], order.booked_on, 12)
            for rate in (credit.plan_rate, credit.booked_rate):
                assert (rate is None) == (credit.currency == "EUR")
                assert rate is None or (
                    rate.currency == credit.currency and rate.starts_on <= order.booked_on
                )


@pytest.mark.slow
def test_what_is_left_of_a_credit_is_worth_what_its_rest_converts_to(small):
    """A cancellation takes back the difference, so that all of it gone leaves nothing, and half of it no odd cent."""
    held = (
        "SELECT line_id, person_id, sum(amount_minor) AS amount, sum(plan_minor) AS plan, max(r.value) AS rate "
        "FROM orders_credit c LEFT JOIN common_rate r ON r.id = c.plan_rate_id GROUP BY 1, 2"
    )
    with everything():
        assert (
            _number(f"SELECT count(*) FROM ({held}) h WHERE plan <> round(amount * coalesce(rate, 1))") == 0
        )
        assert _number("SELECT count(*) FROM orders_credit WHERE reverses_id IS NOT NULL") > 10


@pytest.mark.slow
def test_a_large_one_is_written_without_history_and_its_ledger_is_sound(empty_as_owner, monkeypatch):
    monkeypatch.setitem(SIZES, "medium", TINY)
    seed(number=1, size="medium", today=TODAY)
    with everything():
        assert verify_ledger().is_sound
    assert _number("SELECT count(*) FROM pipeline_opportunity") == 2 * 10 * 20
    assert _number("SELECT count(*) FROM pipeline_opportunityevent") == 0
    disabled = "SELECT count(*) FROM pg_trigger WHERE tgenabled <> 'O' AND NOT tgisinternal"
    assert _number(disabled) == 0
    assert _number("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND NOT convalidated") == 0
    assert {"orders_credit", "pipeline_opportunity"} <= set(load.FILLED)


@pytest.mark.slow
def test_quotas_of_a_quarter_follow_the_season_and_the_days_on_a_patch(small):
    with everything():
        standing = Quota.objects.current().filter(person__isnull=False)
        quarters = {
            code: sum(standing.filter(period__code=code).values_list("amount_minor", flat=True))
            for code in ("2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4")
        }
        year = sum(quarters.values())
        assert [round(100 * amount / year) for amount in quarters.values()] == [20, 22, 24, 34]
        assert Quota.objects.exclude(superseded_at=None).count() >= 1


@pytest.mark.slow
def test_the_log_ins_work_and_a_new_password_replaces_the_old(small):
    password, lines = small[0].split()[-1], small[1:7]
    roles = [line.split()[0] for line in lines]
    assert roles == ["rep", "manager", "director", "admin", "coordinator", "executive"]
    with everything():
        for line in lines:
            assert User.objects.get(email=line.split()[1]).check_password(password)
    again = StringIO()
    call_command("seed_demo", new_password=True, stdout=again, skip_checks=True)
    renewed = again.getvalue().splitlines()[0].split()[-1]
    assert again.getvalue().splitlines()[1:7] == lines
    with everything():
        for line in lines:
            person = User.objects.get(email=line.split()[1])
            assert person.check_password(renewed)
            assert not person.check_password(password)


@pytest.mark.slow
def test_a_database_with_a_company_is_refused(small):
    with pytest.raises(CommandError, match="already has a company"):
        call_command("seed_demo", today=TODAY, skip_checks=True)


@pytest.mark.parametrize("asked", [{"today": TODAY}, {"new_password": True}])
def test_production_is_refused(empty_as_owner, settings, asked):
    settings.IS_PRODUCTION = True
    with pytest.raises(CommandError, match="not for production"):
        call_command("seed_demo", **asked, skip_checks=True)
    with everything():
        assert not User.objects.exists()


def test_a_company_that_was_set_up_is_refused_and_stays_as_it_is(empty_as_owner):
    with everything():
        create_organisation(by=None, name="Real Company", reporting_currency="EUR")
    for asked in ({"today": TODAY}, {"new_password": True}):
        with pytest.raises(CommandError, match=r"already has a company|no demo company"):
            call_command("seed_demo", **asked, skip_checks=True)
    with everything():
        assert (the_organisation().name, the_organisation().is_demo) == ("Real Company", False)
        assert not User.objects.exists()


def test_a_database_in_which_somebody_began_is_refused_and_a_start_leaves_it_alone(empty_as_owner):
    with everything():
        create_admin(email="ada@example.com", name="Ada Brown", password="seven green bottles")
    with pytest.raises(CommandError, match="already has a company, or people of one"):
        call_command("seed_demo", today=TODAY, skip_checks=True)
    call_command("prepare", no_static=True, stdout=StringIO(), skip_checks=True)
    with everything():
        assert User.objects.count() == 1


def test_a_real_company_keeps_its_passwords(empty_as_owner):
    with pytest.raises(CommandError, match="no demo company"):
        call_command("seed_demo", new_password=True, skip_checks=True)


def test_a_patch_trades_alike_each_time():
    company = found(TINY, TODAY)
    first, second = (trade_of(company, company.patches[3], TINY, 5, Ids()) for _ in range(2))
    assert [(order.booked_on, order.items[0].amount) for order in first.orders] == [
        (order.booked_on, order.items[0].amount) for order in second.orders
    ]
    assert len(first.deals) == TINY.deals
    assert all(order.booked_on < TODAY for order in first.orders)
    assert all(deal.close_on < TODAY for deal in first.deals if deal.closed_on)


def test_the_first_day_of_a_quarter_has_no_orders_in_it():
    company = found(TINY, date(2026, 7, 1))
    trade = trade_of(company, company.patches[0], TINY, 1, Ids())
    assert max(order.booked_on for order in trade.orders) < date(2026, 7, 1)
