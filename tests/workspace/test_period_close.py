"""Closing a period that has ended: one administrator asks, another one answers; nothing is dated into it any more."""

import threading
from collections.abc import Callable
from datetime import date
from html import unescape
from importlib import import_module
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.urls import reverse
from django.utils.html import strip_tags

from common.errors import Conflict, Forbidden, Refused
from common.models import Period
from orders.models import Credit, OrderRequest
from orders.selectors.periods import closing_effects
from orders.services import LineInput, ShareInput, book
from orders.services.disputes import raise_dispute
from pipeline.models import Opportunity
from territories.models import User
from tests.cast import Cast
from tests.closing import close_period as closed_before
from workspace import services
from workspace.models import Approval
from workspace.services.periods import close_period

WHY = "The books of the quarter are done"
PANEL = reverse("period_acts_panel")


@pytest.fixture
def past(cast: Cast, acting: Any) -> None:
    """2025 is closed, so that the first quarter of 2026 is the next."""
    with acting(cast.admin):
        closed_before(Period.objects.get(code="2025").pk)


def text_of(page: Any) -> str:
    return " ".join(unescape(strip_tags(page.content.decode())).split())


def ask(cast: Cast, acting: Any, code: str) -> Approval:
    with acting(cast.admin):
        period = Period.objects.get(code=code)
        return services.ask_closing(by=cast.admin.pk, period_id=period.pk, reason=WHY)


def grant(approval: Approval, acting: Any, by: User) -> None:
    with acting(by):
        services.answer(by=by.pk, approval_id=approval.pk, version=1, is_granted=True, answer="Looked at")


def closed(cast: Cast, acting: Any, year: str = "2026") -> list[str]:
    with acting(cast.admin):
        rows = Period.objects.filter(is_closed=True, code__startswith=year).order_by("code")
        return list(rows.values_list("code", flat=True))


def post(cast: Cast, on: date) -> None:
    book(
        by=cast.admin.pk,
        account_id=cast.accounts["Acorn"].pk,
        booked_on=on,
        currency="USD",
        lines=[LineInput(cast.products["Licence"].pk, 1, 1_234_00)],
        shares=[ShareInput(cast.rep.pk, 100_000_000)],
        owner_id=cast.rep.pk,
        motion="new",
    )


def sell(cast: Cast, acting: Any, on: date) -> None:
    with acting(cast.admin):
        post(cast, on)


def test_one_asks_and_another_closes(cast: Cast, acting: Any, browse: Any, ben: User, past: None) -> None:
    sell(cast, acting, date(2026, 3, 2))
    asker, other, url = browse(cast.admin), browse(ben), reverse("period_close", args=[cast.q1.pk])
    assert url in asker.get(reverse("calendar")).content.decode()
    effect = (
        "Nothing can be dated Jan 1, 2026 – Mar 31, 2026 any more. What is put right later is dated in an open period. "
        "It closes 2026-01, 2026-02, 2026-03 too. In it lies 1 credit, $1,234.00 of order intake."
    )
    assert effect in asker.get(url).content.decode()
    assert asker.post(url, {"reason": ""}).status_code == 422
    assert asker.post(url, {"reason": WHY}).status_code == 302
    assert closed(cast, acting) == []
    sell(cast, acting, date(2026, 3, 3))  # until it is answered the quarter is open
    assert 'name="reason"' not in asker.get(url).content.decode()
    page = other.get(reverse("inbox")).content.decode()
    assert "Close 2026-Q1" in page
    assert "In it lie 2 credits, $2,468.00 of order intake." in page
    with acting(ben):
        approval = Approval.objects.get()
    own = asker.post(reverse("approval_answer", args=[approval.pk]), {"version": "1", "is_granted": "grant"})
    assert (own.status_code, closed(cast, acting)) == (403, [])
    grant(approval, acting, ben)
    assert closed(cast, acting) == ["2026-01", "2026-02", "2026-03", "2026-Q1"]
    with pytest.raises(Refused):
        sell(cast, acting, date(2026, 3, 4))


def test_the_calendar_tells_who_asked_and_who_approved(
    cast: Cast, acting: Any, browse: Any, ben: User, past: None
) -> None:
    assert PANEL in browse(cast.admin).get(reverse("calendar")).content.decode()
    assert "No period was closed yet." in text_of(browse(cast.rep).get(PANEL))
    grant(ask(cast, acting, "2026-Q1"), acting, ben)
    with acting(cast.admin):
        services.ask_reopening(by=cast.admin.pk, period_id=cast.q1.pk, reason="A late order")
    whole = text_of(browse(cast.admin).get(PANEL))
    assert whole.index("Reopen 2026-Q1: A late order") < whole.index(f"Close 2026-Q1: {WHY}")
    assert "Waits for an answer." in whole
    assert "Ada Admin ·" in whole
    assert "Approved by Ben Boss on May 20, 2026" in whole
    assert "Looked at" in whole
    part = text_of(browse(cast.rep).get(PANEL))
    assert "Close 2026-Q1" in part
    assert "Approved by Ben Boss on May 20, 2026" in part
    for hidden in (WHY, "Looked at", "Reopen", "Waits"):
        assert hidden not in part


def test_periods_are_closed_in_their_order(cast: Cast, acting: Any, browse: Any, ben: User) -> None:
    message = "2025-01 is open. Periods are closed in their order: close what lies before 2026-Q1 first."
    page = browse(cast.admin).get(reverse("period_close", args=[cast.q1.pk])).content.decode()
    assert message in page
    assert 'name="reason"' not in page
    with pytest.raises(Conflict, match=message):
        ask(cast, acting, "2026-Q1")
    grant(ask(cast, acting, "2025"), acting, ben)
    assert len(closed(cast, acting, "2025")) == 17
    february = "2026-01 is open. Periods are closed in their order: close what lies before 2026-02 first."
    with pytest.raises(Conflict, match=february):
        ask(cast, acting, "2026-02")
    grant(ask(cast, acting, "2026-01"), acting, ben)
    grant(ask(cast, acting, "2026-02"), acting, ben)
    grant(ask(cast, acting, "2026-Q1"), acting, ben)  # whose last month was open
    assert closed(cast, acting) == ["2026-01", "2026-02", "2026-03", "2026-Q1"]


def test_what_opens_before_the_answer_keeps_it_open(cast: Cast, acting: Any, ben: User, past: None) -> None:
    quarter = ask(cast, acting, "2026-Q1")
    with acting(cast.admin):
        december = Period.objects.get(code="2025-12")
        again = services.ask_reopening(by=cast.admin.pk, period_id=december.pk, reason="A late order")
    grant(again, acting, ben)
    with pytest.raises(Conflict, match=r"2025-12 is open. Periods are closed in their order"):
        grant(quarter, acting, ben)
    assert closed(cast, acting) == []


def test_a_period_that_runs_or_is_closed_is_not_asked_for(
    cast: Cast, acting: Any, browse: Any, ben: User, past: None
) -> None:
    response = browse(cast.admin).post(reverse("period_close", args=[cast.q2.pk]), {"reason": WHY})
    assert response.status_code == 409
    assert "2026-Q2 runs until Jun 30, 2026." in response.content.decode()
    grant(ask(cast, acting, "2026-Q1"), acting, ben)
    for code in ("2026-Q1", "2026-02", "2025"):
        with pytest.raises(Conflict, match=f"{code} is closed already."):
            ask(cast, acting, code)
    assert browse(cast.admin).get(reverse("period_close", args=[999_999])).status_code == 404


def test_nothing_closes_without_a_second_person(cast: Cast, acting: Any, browse: Any, past: None) -> None:
    page = browse(cast.admin).get(reverse("period_close", args=[cast.q1.pk])).content.decode()
    assert "You are the only administrator, so nobody could approve this." in page
    assert 'name="reason"' not in page
    with pytest.raises(Conflict, match=r"Nobody else is admin, so nobody could answer."):
        ask(cast, acting, "2026-Q1")
    with acting(cast.admin), pytest.raises(Forbidden, match=r"This takes the approval of a second person."):
        close_period(by=cast.admin.pk, approval_id=0, period_id=cast.q1.pk)
    assert closed(cast, acting) == []


def test_a_grant_closes_once(cast: Cast, acting: Any, ben: User, past: None) -> None:
    approval = ask(cast, acting, "2026-Q1")
    grant(approval, acting, ben)
    with acting(cast.admin):
        Period.objects.update(is_closed=False)
    for person in (cast.admin, ben):
        with acting(person), pytest.raises(Forbidden):
            close_period(by=person.pk, approval_id=approval.pk, period_id=cast.q1.pk)


def test_only_administrators_ask_and_say_why(
    cast: Cast, browse: Any, acting: Any, ben: User, past: None
) -> None:
    url = reverse("period_close", args=[cast.q1.pk])
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        assert browse(person).post(url, {"reason": WHY}).status_code == 403
        with acting(person), pytest.raises(Forbidden):
            services.ask_closing(by=person.pk, period_id=cast.q1.pk, reason=WHY)
    with acting(cast.admin), pytest.raises(Refused, match="Say why"):
        services.ask_closing(by=cast.admin.pk, period_id=cast.q1.pk, reason=" ")


def test_what_waits_to_be_booked_is_told(cast: Cast, acting: Any, browse: Any, ben: User, past: None) -> None:
    with acting(cast.admin):
        deal = Opportunity.objects.first()
        assert deal
        OrderRequest.objects.create(
            opportunity=deal,
            account=deal.account or cast.accounts["Acorn"],
            booked_on=date(2026, 3, 9),
            motion="new",
            lines=[],
            shares=[],
            asked_by=cast.rep,
            asked_at="2026-03-09T10:00Z",
        )
        told = closing_effects([{"period_id": cast.q1.pk}, {"period_id": cast.q2.pk}])
    assert told[0].endswith("1 won deal still waits to be booked in it, and could not be any more.")
    assert "waits" not in told[1]


def test_direct_orders_and_open_disputes_are_told_apart(
    cast: Cast, acting: Any, ben: User, past: None
) -> None:
    with acting(cast.admin):
        post(cast, date(2026, 3, 9))
        credit = Credit.objects.get()
        OrderRequest.objects.create(
            account=cast.accounts["Acorn"],
            owner=cast.rep,
            territory=cast.territories["East 1"],
            booked_on=date(2026, 3, 31),
            motion="new",
            currency="USD",
            lines=[],
            shares=[],
            asked_by=cast.rep,
            asked_at="2026-03-31T10:00Z",
        )
    with acting(credit.person):
        raise_dispute(by=credit.person_id, cause="share", text="It was 80 %.", credit_id=credit.pk)
    with acting(cast.admin):
        told = closing_effects([{"period_id": cast.q1.pk}, {"period_id": cast.q2.pk}])
    assert told[0].endswith(
        "1 order without a deal waits to be booked in it too. "
        "1 dispute about it is open: what it puts right would be dated in an open period."
    )
    assert "won deal" not in told[0]
    assert "dispute" not in told[1]


def test_a_year_names_its_quarters_before_its_months(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        (told,) = closing_effects([{"period_id": Period.objects.get(code="2025").pk}])
    assert "It closes 2025-Q1, 2025-Q2, 2025-Q3, 2025-Q4, 2025-01, 2025-02, 2025-03," in told


@pytest.mark.parametrize("first", ["booking", "closing"])
def test_a_booking_and_the_closing_at_once_are_one_before_the_other(
    cast: Cast, acting: Any, owner: Any, ben: User, past: None, first: str
) -> None:
    """The first has done its part and not yet ended: the other one waits for it, and then finds what it did."""
    approval = ask(cast, acting, "2026-Q1")
    done, go_on, answers = threading.Event(), threading.Event(), list[str]()

    def booking() -> None:
        with acting(cast.admin):
            post(cast, date(2026, 3, 9))
            wait_if_first("booking")

    def closing() -> None:
        with acting(ben):
            services.answer(by=ben.pk, approval_id=approval.pk, version=1, is_granted=True)
            wait_if_first("closing")

    def wait_if_first(name: str) -> None:
        if name == first:
            done.set()
            go_on.wait(10)

    def run(name: str, act: Callable[[], None]) -> None:
        if name != first:
            done.wait(10)
        try:
            act()
            answers.append(name)
        except Refused as refusal:
            answers.append(refusal.code)
        finally:
            connections.close_all()

    acts = {"booking": booking, "closing": closing}
    threads = [threading.Thread(target=run, args=item) for item in acts.items()]
    for thread in threads:
        thread.start()
    wait_for_a_lock(owner)
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert answers == (["booking", "closing"] if first == "booking" else ["closing", "period_closed"])
    assert "2026-Q1" in closed(cast, acting)


def wait_for_a_lock(owner: Any) -> None:
    """Until somebody in this database waits for a row."""
    for _ in range(200):
        owner.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        if owner.fetchone()[0]:
            return
        owner.execute("SELECT pg_sleep(0.05)")


def numbers(cast: Cast, acting: Any, year: str) -> set[int | None]:
    with acting(cast.admin):
        rows = Period.objects.filter(is_closed=True, code__startswith=year)
        return set(rows.values_list("closed_seq", flat=True))


def test_only_what_is_closed_now_keeps_the_ledgers_last_entry(
    cast: Cast, acting: Any, ben: User, past: None
) -> None:
    sell(cast, acting, date(2026, 3, 2))
    grant(ask(cast, acting, "2026-Q1"), acting, ben)
    assert (numbers(cast, acting, "2026"), numbers(cast, acting, "2025")) == ({1}, {None})


def test_what_was_closed_before_numbers_were_kept_gets_the_ledgers_last_entry(
    cast: Cast, acting: Any, past: None
) -> None:
    sell(cast, acting, date(2026, 3, 2))
    migration = import_module("common.migrations.0011_closed_seq")
    with transaction.atomic(), connection.cursor() as cursor:  # bound by the policies, and without a reach
        cursor.execute(migration.CLOSED_BEFORE)
    assert numbers(cast, acting, "2025") == {1}
    with acting(cast.admin):
        assert set(Period.objects.filter(is_closed=False).values_list("closed_seq", flat=True)) == {None}
