"""Opening a closed period again: one administrator asks, another one answers, and no figure changes by it."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from common.access import Reach
from common.errors import Conflict, Forbidden, Refused
from common.models import Period
from common.transaction import work
from orders.models import Credit
from orders.services import LineInput, ShareInput, book
from territories.models import User
from tests.cast import Cast
from tests.closing import close_period
from workspace import services
from workspace.models import Approval
from workspace.services.periods import reopen_period


def sell(cast: Cast, acting: Any, on: date) -> None:
    with acting(cast.admin):
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


def period(code: str) -> Period:
    with work(by=None, why="look", reach=Reach.everything()):
        return Period.objects.get(code=code)


def close(cast: Cast, acting: Any, code: str) -> None:
    row = period(code)
    with acting(cast.admin):
        close_period(row.pk)


def ask(cast: Cast, acting: Any, code: str) -> Approval:
    with acting(cast.admin):
        return services.ask_reopening(by=cast.admin.pk, period_id=period(code).pk, reason="A late order")


def grant(approval: Approval, acting: Any, by: User) -> None:
    with acting(by):
        services.answer(by=by.pk, approval_id=approval.pk, version=approval.version, is_granted=True)


def closed() -> list[str]:
    with work(by=None, why="look", reach=Reach.everything()):
        return list(Period.objects.filter(is_closed=True).order_by("code").values_list("code", flat=True))


def ledger() -> list[tuple[int, int]]:
    with work(by=None, why="look", reach=Reach.everything()):
        return list(Credit.objects.values_list("pk", "plan_minor"))


def test_one_asks_and_another_opens(cast: Cast, acting: Any, browse: Any, ben: User) -> None:
    sell(cast, acting, date(2026, 3, 2))
    close(cast, acting, "2026-Q1")
    before, quarter = ledger(), period("2026-Q1")
    asker, other = browse(cast.admin), browse(ben)
    url = reverse("period_reopen", args=[quarter.pk])
    assert url in asker.get(reverse("calendar")).content.decode()
    effect = (
        "Bookings, corrections and other changes can be dated Jan 1, 2026 – Mar 31, 2026 again. "
        "It opens 2026-01, 2026-02, 2026-03 too; what else is closed stays closed. "
        "In it lies 1 credit, $1,234.00 of order intake. Opening it changes no figure."
    )
    assert effect in asker.get(url).content.decode()
    assert asker.post(url, {"reason": ""}).status_code == 422
    assert asker.post(url, {"reason": "A late order"}).status_code == 302
    assert "2026-Q1" in closed()
    asked = asker.get(url).content.decode()
    assert "Ada Admin asked" in asked
    assert 'name="reason"' not in asked
    page = other.get(reverse("inbox")).content.decode()
    assert "Reopen 2026-Q1" in page
    assert effect in page
    with acting(ben):
        approval = Approval.objects.get()
    form = {"version": "1", "is_granted": "grant", "answer": ""}
    own = asker.post(reverse("approval_answer", args=[approval.pk]), form)
    assert own.status_code == 403
    assert "Nobody answers what they asked for themselves." in own.content.decode()
    assert other.post(reverse("approval_answer", args=[approval.pk]), form).status_code == 302
    assert closed() == []
    assert ledger() == before
    assert period("2026-Q1").version == quarter.version + 1
    shown = asker.get(reverse("approval_detail", args=[approval.pk])).content.decode()
    assert "Ada Admin" in shown
    assert "Approved by Ben Boss on " in shown
    sell(cast, acting, date(2026, 3, 3))
    close(cast, acting, "2026-Q1")
    with pytest.raises(Refused):
        sell(cast, acting, date(2026, 3, 4))


def test_a_month_opens_with_its_quarter_and_the_others_stay_closed(
    cast: Cast, acting: Any, ben: User
) -> None:
    close(cast, acting, "2025")
    close(cast, acting, "2026-Q1")
    grant(ask(cast, acting, "2026-02"), acting, ben)
    assert [code for code in closed() if code.startswith("2026")] == ["2026-01", "2026-03"]
    sell(cast, acting, date(2026, 2, 3))
    with pytest.raises(Refused):
        sell(cast, acting, date(2026, 3, 3))
    grant(ask(cast, acting, "2025-12"), acting, ben)
    assert {"2025", "2025-Q4", "2025-12"}.isdisjoint(closed())
    assert {"2025-Q3", "2025-10", "2025-11"} <= set(closed())


def test_a_year_opens_with_all_inside(cast: Cast, acting: Any, ben: User) -> None:
    close(cast, acting, "2025")
    grant(ask(cast, acting, "2025"), acting, ben)
    assert closed() == []


def test_nothing_opens_without_a_second_person(cast: Cast, acting: Any, browse: Any, owner: Any) -> None:
    close(cast, acting, "2026-Q1")
    page = browse(cast.admin).get(reverse("period_reopen", args=[period("2026-Q1").pk])).content.decode()
    assert "You are the only administrator, so nobody could approve this." in page
    with pytest.raises(Conflict, match=r"Nobody else is admin, so nobody could answer."):
        ask(cast, acting, "2026-Q1")
    with acting(cast.admin), pytest.raises(Forbidden, match=r"This takes the approval of a second person."):
        reopen_period(by=cast.admin.pk, approval_id=0, period_id=period("2026-Q1").pk)
    assert "2026-Q1" in closed()


def test_a_grant_opens_a_period_once(cast: Cast, acting: Any, ben: User) -> None:
    close(cast, acting, "2026-Q1")
    approval = ask(cast, acting, "2026-Q1")
    quarter = period("2026-Q1").pk
    for person in (cast.admin, ben):
        with acting(person), pytest.raises(Forbidden):
            reopen_period(by=person.pk, approval_id=approval.pk, period_id=quarter)
    grant(approval, acting, ben)
    close(cast, acting, "2026-Q1")
    for person in (cast.admin, ben):
        with acting(person), pytest.raises(Forbidden):
            reopen_period(by=person.pk, approval_id=approval.pk, period_id=quarter)
    assert "2026-Q1" in closed()


def test_where_the_act_refuses_nothing_is_answered(cast: Cast, acting: Any, ben: User) -> None:
    close(cast, acting, "2026-Q1")
    month, quarter = ask(cast, acting, "2026-01"), ask(cast, acting, "2026-Q1")
    grant(quarter, acting, ben)
    with pytest.raises(Conflict, match=r"2026-01 is open already."):
        grant(month, acting, ben)
    with work(by=None, why="look", reach=Reach.everything()):
        assert Approval.objects.get(pk=month.pk).state == "waiting"


def test_an_open_period_and_other_roles_are_refused(cast: Cast, acting: Any, ben: User, browse: Any) -> None:
    with pytest.raises(Conflict, match=r"2026-Q1 is open already."):
        ask(cast, acting, "2026-Q1")
    close(cast, acting, "2026-Q1")
    with acting(cast.admin), pytest.raises(Refused, match="Say why"):
        services.ask_reopening(by=cast.admin.pk, period_id=period("2026-Q1").pk, reason=" ")
    for person in (cast.rep, cast.director, cast.executive):
        with acting(person), pytest.raises(Forbidden):
            services.ask_reopening(by=person.pk, period_id=period("2026-Q1").pk, reason="Please")
        assert browse(person).get(reverse("period_reopen", args=[cast.q1.pk])).status_code == 403
