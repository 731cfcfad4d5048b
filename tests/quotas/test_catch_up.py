"""After days off the worker runs every day, in order; one that fails is tried again before the next."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from common.errors import Refused
from common.models import Run
from quotas.services import start_nightly
from quotas.tasks import nightly_due
from tests.cast import Cast
from tests.conftest import Acting
from tests.quotas.conftest import Sell, everything, worker

MAY, YESTERDAY = date(2026, 5, 12), date(2026, 5, 19)
Night = Callable[..., Run]


def days() -> list[tuple[date, str]]:
    with everything():
        return list(Run.objects.filter(job="attainment").order_by("pk").values_list("as_of", "state"))


def test_a_day_that_fails_is_tried_again_before_the_next(
    cast: Cast, sell: Sell, acting: Acting, night: Night, clock: Any, owner: Any
) -> None:
    sell("Acorn", 100_00, MAY)
    night()
    clock.move_to(datetime(2026, 5, 23, 9, 0, tzinfo=UTC))
    sell("Acorn", 11_00, MAY)
    owner.execute("SET session_replication_role = replica")
    owner.execute("UPDATE orders_credit SET plan_minor = plan_minor + 1 WHERE ledger_seq = 2")
    with worker(), pytest.raises(Refused, match="does not verify"):
        nightly_due()
    failed = (date(2026, 5, 20), "failed")
    assert days() == [(YESTERDAY, "published"), failed]
    with worker():
        nightly_due()
    assert days() == [(YESTERDAY, "published"), failed]
    with acting(cast.admin):
        assert start_nightly(by=cast.admin.pk).as_of == date(2026, 5, 20)
    with worker(), pytest.raises(Refused, match="does not verify"):
        nightly_due()
    assert days() == [(YESTERDAY, "published"), failed, failed]
    owner.execute("UPDATE orders_credit SET plan_minor = plan_minor - 1 WHERE ledger_seq = 2")
    clock.shift(timedelta(minutes=11))
    with worker():
        nightly_due()
    made = [(date(2026, 5, day), "published") for day in (20, 21, 22)]
    assert days() == [(YESTERDAY, "published"), failed, failed, *made]
