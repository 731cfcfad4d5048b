"""A dated row is closed once; who closed it and why stays on it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from common import services
from common.errors import Stale
from common.models import Rate
from common.transaction import context
from tests.cast import Cast


def booked() -> Rate:
    rate: Rate = Rate.objects.current().get(kind="booked")
    return rate


def test_what_was_replaced_says_by_whom_and_why(cast: Cast, acting: Any) -> None:
    with acting(cast.admin, why="a new rate"):
        rate = booked()
        services.set_rate(
            by=cast.admin.pk, kind="booked", currency="EUR", value=Decimal("1.3"), starts_on=date(2026, 5, 1)
        )
        rate.refresh_from_db()
        assert (rate.superseded_by_id, rate.superseded_why) == (cast.admin.pk, "a new rate")
        ended = Rate.objects.current().get(kind="booked", stops_on=date(2026, 5, 1))
        assert (ended.superseded_by_id, ended.superseded_why) == (None, "")


def test_a_reason_that_was_typed_goes_before_the_transactions(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        rate = booked()
        rate.supersede("a slip of the pen")
        rate.refresh_from_db()
        assert (rate.superseded_by_id, rate.superseded_why) == (cast.admin.pk, "a slip of the pen")


def test_a_row_that_was_closed_meanwhile_is_stale(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        rate = booked()
        rate.replaced(value=Decimal("1.3"))
        for again in (rate.supersede, rate.replaced):
            with pytest.raises(Stale):
                again()
        assert Rate.objects.filter(kind="booked").count() == 2


def test_what_replaces_a_row_is_known_from_the_instant_on_in_which_that_one_ends(
    cast: Cast, acting: Any
) -> None:
    with acting(cast.admin):
        rate = booked()
        newer = rate.replaced(value=Decimal("1.3"))
        rate.refresh_from_db()
        newer.refresh_from_db()
        assert newer.recorded_at == rate.superseded_at
        assert newer.request_id == context().request_id != rate.request_id


def test_no_row_ends_before_it_was_recorded(cast: Cast, owner: Any) -> None:
    owner.execute("BEGIN")
    owner.execute("SELECT pg_sleep(0.01)")
    owner.execute(
        "INSERT INTO common_rate (kind, currency, value, starts_on, source)"
        " VALUES ('booked', 'GBP', 2, '2026-01-01', '')"
    )
    owner.execute(
        "UPDATE common_rate SET superseded_at = transaction_timestamp() WHERE currency = 'GBP'"
        " RETURNING superseded_at = recorded_at"
    )
    assert owner.fetchall() == [(True,)]
    owner.execute("COMMIT")


@pytest.mark.parametrize(
    "changes",
    [
        {"value": Decimal("9")},
        {"superseded_at": timezone.now(), "value": Decimal("9")},
        {"superseded_at": timezone.now(), "superseded_by_id": 1},
        {"superseded_why": "no"},
    ],
)
def test_nothing_else_of_it_is_ever_written(cast: Cast, acting: Any, changes: dict[str, Any]) -> None:
    with acting(cast.admin):
        rate = booked()
        with pytest.raises(IntegrityError, match="superseded once"), transaction.atomic():
            Rate.objects.filter(pk=rate.pk).update(**changes)


def test_nobody_deletes_it_and_outside_of_the_product_nobody_is_named(cast: Cast, owner: Any) -> None:
    with pytest.raises(Exception, match="superseded once"):
        owner.execute("DELETE FROM common_rate WHERE kind = 'booked'")
    owner.execute(
        "UPDATE common_rate SET superseded_at = now() WHERE kind = 'booked' RETURNING superseded_by_id, superseded_why"
    )
    assert owner.fetchall() == [(None, "")]
