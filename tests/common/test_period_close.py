"""Closing a period that has ended: nothing can be dated into it any more."""

from typing import Any

import pytest
from django.urls import reverse

from common import services
from common.errors import Conflict, Forbidden, Stale
from common.models import Period
from tests.cast import Cast


def close(client: Any, period: Period, version: int = 1) -> Any:
    return client.post(reverse("period_close", args=[period.pk]), {"version": str(version)})


def test_closing_a_quarter_closes_its_months(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.admin)
    assert close(client, cast.q1).status_code == 302
    with acting(cast.admin):
        closed = Period.objects.filter(is_closed=True).order_by("code").values_list("code", flat=True)
        assert list(closed) == ["2026-01", "2026-02", "2026-03", "2026-Q1"]
    assert close(client, cast.q1).status_code == 412


def test_a_period_that_still_runs_stays_open(cast: Cast, browse: Any, acting: Any) -> None:
    response = close(browse(cast.admin), cast.q2)
    assert response.status_code == 409
    assert "2026-Q2 runs until Jun 30, 2026." in response.content.decode()
    with acting(cast.admin):
        assert not Period.objects.filter(is_closed=True).exists()


def test_without_the_version_seen_nothing_is_closed(cast: Cast, browse: Any) -> None:
    url = reverse("period_close", args=[cast.q1.pk])
    client = browse(cast.admin)
    assert client.post(url, {}).status_code == 422
    assert client.post(url, {"version": "one"}).status_code == 422
    assert client.post(url, {"version": "9"}).status_code == 412
    assert "the periods inside it close with it" in client.get(url).content.decode()
    assert client.get(reverse("period_close", args=[999_999])).status_code == 404


def test_the_services_say_what_is_wrong(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        with pytest.raises(Conflict):
            services.close_period(by=cast.admin.pk, period_id=cast.q2.pk, version=1)
        with pytest.raises(Stale):
            services.close_period(by=cast.admin.pk, period_id=cast.q1.pk, version=7)


def test_only_administrators_close_a_period(cast: Cast, browse: Any, acting: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        assert close(browse(person), cast.q1).status_code == 403
        with acting(person), pytest.raises(Forbidden):
            services.close_period(by=person.pk, period_id=cast.q1.pk, version=1)
