"""Acts on the organisation that no page asks for: setting it up, and forgetting old idempotency keys."""

from datetime import UTC, datetime
from typing import Any

import pytest

from common import services, tasks
from common.errors import Conflict, Refused
from common.models import IdempotencyKey, Organisation
from tests.cast import Cast
from tests.conftest import Acting
from tests.quotas.conftest import worker


def test_there_is_one_company(cast: Cast, acting: Acting) -> None:
    with acting(cast.admin), pytest.raises(Conflict, match="has its company already"):
        services.create_organisation(by=cast.admin.pk, name="Second", reporting_currency="EUR")


def test_a_company_has_a_time_zone_that_there_is(cast: Cast, acting: Acting, owner: Any) -> None:
    owner.execute("SET session_replication_role = replica")
    owner.execute("DELETE FROM common_organisation")
    new = {"by": None, "name": "Fresh start", "reporting_currency": "JPY"}
    with acting(cast.admin):
        with pytest.raises(Refused) as refused:
            services.create_organisation(**new, time_zone="Mars/Olympus")
        assert refused.value.path == "time_zone"
        services.create_organisation(**new, time_zone="Asia/Tokyo")
        assert Organisation.objects.get().zone().key == "Asia/Tokyo"


def test_keys_of_more_than_a_week_ago_go(cast: Cast, acting: Acting) -> None:
    days = {"old-key": 12, "last-week": 13, "this-morning": 20}
    with acting(cast.admin):
        for key, day in days.items():
            at = datetime(2026, 5, day, 8 if day != 13 else 10, tzinfo=UTC)
            IdempotencyKey.objects.create(person_id=1, key=key, body_hash="x", answer="page", created_at=at)
    with worker():
        tasks.forget_keys()
    with acting(cast.admin):
        assert set(IdempotencyKey.objects.values_list("key", flat=True)) == {"last-week", "this-morning"}
