"""Whatever is set otherwise: what was booked, called, frozen and published before stays as it was."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Account
from common.access import Reach
from common.models import Period, Setting
from common.policies import POLICIES
from common.selectors import today
from common.services import add_day_off, set_policy
from common.transaction import reach, work
from forecasts.models import Score, SnapshotLine, Submission
from forecasts.services import run_nightly as forecast_night
from forecasts.services import submit
from orders.models import Credit, Order
from quotas.models import LeafCell, NodeCell, QuotaCell
from quotas.selectors.people import my_attainment
from tests.cast import Cast
from tests.closing import close_period
from tests.quotas.conftest import worker
from tests.salesops.test_policy_effects import OTHER

LAST_OF_Q2, FIRST_OF_Q3 = date(2026, 6, 30), date(2026, 7, 1)
KEPT = (Credit, Order, Submission, SnapshotLine, Score, LeafCell, NodeCell, QuotaCell)


@pytest.fixture
def past(cast: Cast, booked: None, acting: Any, clock: Any, night: Any) -> Callable[[], list[Any]]:
    """The second quarter, over, scored and closed; answers how to read all that was kept of it.

    Of Rita's calls the first is late, for the Monday before, and the second one in time.
    """
    for hour in (14, 17):
        clock.move_to(datetime(2026, 5, 25, hour, tzinfo=UTC))
        with acting(cast.rep):
            submit(by=cast.rep.pk, period_id=cast.q2.pk, amount_minor=hour * 100)
    clock.move_to(datetime(2026, 7, 1, 12, tzinfo=UTC))
    _nights(night)
    with acting(cast.admin):
        for quarter in (cast.q1, cast.q2):
            close_period(quarter.pk)

    def read() -> list[Any]:
        with work(by=None, why="look", reach=Reach.everything()):
            rows = [row for model in KEPT for row in model.objects.order_by("pk").values()]
        with acting(cast.rep):
            return [*rows, my_attainment(reach(), cast.rep, cast.q2, today()).quarter]

    return read


def _nights(night: Any) -> None:
    """The last night of the quarter, once more and in full."""
    night(LAST_OF_Q2, is_full=True)
    with worker():
        forecast_night(as_of=LAST_OF_Q2)


def _typed(name: str) -> int | str:
    return int(OTHER[name]) if OTHER[name].isdigit() else OTHER[name]


def _first(name: str) -> date | None:
    """From when it may hold: what is for whole fiscal years from the next one on, as parts of this one are closed."""
    return date(2027, 1, 1) if POLICIES[name].is_yearly else None


@pytest.mark.parametrize("name", POLICIES)
def test_no_change_of_a_setting_rewrites_a_closed_quarter(
    cast: Cast, acting: Any, past: Callable[[], list[Any]], night: Any, name: str
) -> None:
    before = past()
    assert [row["is_late"] for row in before[:-1] if "is_late" in row] == [True, False]
    assert sum("horizon_days" in row for row in before[:-1]) > 0
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name=name, value=_typed(name), starts_on=_first(name))
    _nights(night)
    assert past() == before


@pytest.mark.parametrize("name", [name for name, one in POLICIES.items() if one.is_dated])
def test_a_dated_one_is_asked_by_its_day_and_never_from_a_day_that_has_passed(
    cast: Cast, acting: Any, browse: Any, name: str
) -> None:
    url = reverse("policy_edit", args=[name])
    typed = {"version": "0", "value": OTHER[name], "reason": ""}
    assert browse(cast.admin).post(url, {**typed, "starts_on": "2026-05-19"}).status_code == 422
    assert not Setting.objects.exists()
    assert (
        browse(cast.admin).post(url, {**typed, "starts_on": str(_first(name) or "2026-05-20")}).status_code
        == 302
    )


def test_a_booking_is_new_or_existing_by_the_setting_of_its_day(
    cast: Cast, acting: Any, sell: Any, clock: Any
) -> None:
    """New for 12 months, for one from 1 July on: an order of June is judged as in June, also if it is entered late."""
    sell("Acorn", 100_00, date(2026, 4, 14))
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name="new_customer_months", value=1, starts_on=FIRST_OF_Q3)
    clock.move_to(datetime(2026, 7, 2, 12, tzinfo=UTC))
    orders = {day: sell("Acorn", 100_00, day) for day in (LAST_OF_Q2, FIRST_OF_Q3)}
    with work(by=None, why="look", reach=Reach.everything()):
        stamped = {day: Order.objects.get(pk=pk).is_new_business for day, pk in orders.items()}
        assert stamped == {LAST_OF_Q2: True, FIRST_OF_Q3: False}
        assert Account.objects.get(name="Acorn").first_ordered_on == date(2026, 4, 14)


def test_a_day_off_of_the_open_quarter_leaves_the_closed_one_as_it_was(
    cast: Cast, acting: Any, past: Callable[[], list[Any]], night: Any
) -> None:
    before = past()
    with acting(cast.admin):
        add_day_off(by=cast.admin.pk, on=FIRST_OF_Q3, name="Founders' day")
    _nights(night)
    assert past() == before
    with acting(cast.admin):
        assert Period.objects.get(pk=cast.q2.pk).is_closed
