"""Of a quota one amount is known at any instant, whatever was set, brought in and ended, and in whichever order."""

from datetime import datetime
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.models import Period
from quotas.models import Quota
from quotas.rules import Key
from quotas.services import set_quota
from quotas.services.quotas import replace_quotas
from tests.cast import Cast
from tests.conftest import Acting

ACTS = st.lists(
    st.tuples(
        st.sampled_from(["set", "bring", "end"]),
        st.sampled_from(["rep", "peer"]),
        st.sampled_from(["2026-Q3", "2026-Q4"]),
        st.integers(1, 3),
    ),
    min_size=1,
    max_size=8,
)
"""What happens: how, to whose quota, of which quarter, to which amount."""


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=ACTS, at_once=st.booleans())
def test_one_amount_is_known_at_any_instant(cast: Cast, acting: Acting, acts: Any, at_once: bool) -> None:
    with acting(cast.admin):
        quarters = {row.code: row for row in Period.objects.filter(code__in=["2026-Q3", "2026-Q4"])}
        wanted = [
            (kind, Key(getattr(cast, name).pk, None, quarters[code].pk, None, "assigned"), amount)
            for kind, name, code, amount in acts
        ]
    before = now_known(cast, acting)
    for group in [wanted] if at_once else [[one] for one in wanted]:
        with acting(cast.admin):
            for kind, key, amount in group:
                do(cast, kind, key, amount)
    with acting(cast.admin):
        rows = list(Quota.objects.order_by("pk"))
    for row in rows:
        assert row.superseded_at is None or row.superseded_at >= row.recorded_at
    for at in {row.recorded_at for row in rows} | {row.superseded_at for row in rows if row.superseded_at}:
        keys = [row.key for row in rows if was_known(row, at)]
        assert len(keys) == len(set(keys))
    for _kind, key, _amount in wanted:
        own = [row for row in rows if row.key == key and row.pk not in before]
        for older, newer in pairwise(own):
            assert older.superseded_at is not None
            assert older.superseded_at <= newer.recorded_at
            assert older.superseded_why == "ended" or older.superseded_at == newer.recorded_at


def now_known(cast: Cast, acting: Acting) -> set[int]:
    with acting(cast.admin):
        return set(Quota.objects.values_list("pk", flat=True))


def do(cast: Cast, kind: str, key: Key, amount: int) -> None:
    if kind == "set":
        whose = {"person_id": key.person_id, "period_id": key.period_id}
        set_quota(by=cast.admin.pk, amount_minor=amount * 100, reason="set", **whose)
    elif kind == "bring":
        replace_quotas(cast.admin.pk, {key: (amount * 100, "brought")}, "brought")
    else:
        replace_quotas(cast.admin.pk, {}, "ended", ended=[key])


def was_known(row: Quota, at: datetime) -> bool:
    return row.recorded_at <= at and (row.superseded_at is None or at < row.superseded_at)
