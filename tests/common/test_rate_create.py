"""Exchange rates by date: a new one ends the running one on its day, and earlier days keep theirs."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from common import services
from common.errors import Forbidden, Refused
from common.models import Rate
from common.selectors import both_rates
from tests.cast import Cast

LIST, CREATE = reverse("rate_list"), reverse("rate_create")


def typed(**changes: str) -> dict[str, str]:
    return {"kind": "booked", "currency": "EUR", "value": "1.25", "starts_on": "2026-05-01", **changes}


def test_a_new_rate_in_may_leaves_april_as_it_was(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        april, _plan = both_rates("EUR", date(2026, 4, 30))
    assert browse(cast.admin).post(CREATE, typed()).status_code == 302
    with acting(cast.admin):
        before, _plan = both_rates("EUR", date(2026, 4, 30))
        after, plan = both_rates("EUR", date(2026, 5, 1))
        assert april
        assert before
        assert after
        assert (april.value, before.value, after.value) == (Decimal("1.2"), Decimal("1.2"), Decimal("1.25"))
        assert (before.stops_on, after.stops_on, after.recorded_by_id) == (
            date(2026, 5, 1),
            None,
            cast.admin.pk,
        )
        assert plan
        assert plan.value == Decimal("1.1")


def test_a_mistyped_rate_is_put_right_by_another_from_the_same_day(
    cast: Cast, browse: Any, acting: Any
) -> None:
    client = browse(cast.admin)
    client.post(CREATE, typed(value="125"))
    assert client.post(CREATE, typed(value="1.3")).status_code == 302
    with acting(cast.admin):
        standing, _plan = both_rates("EUR", date(2026, 5, 1))
        assert standing
        assert standing.value == Decimal("1.3")


def test_a_rate_on_days_that_have_one_is_refused(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.admin)
    client.post(CREATE, typed())
    early = client.post(CREATE, typed(starts_on="2024-01-01", stops_on="2025-06-01"))
    assert early.status_code == 422
    message = "There is already a rate for this currency on one of these days."
    assert message in early.content.decode()
    with acting(cast.admin):
        assert Rate.objects.current().filter(kind="booked").count() == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"value": "0"}, "value"),
        ({"value": "-1"}, "value"),
        ({"value": "1,25"}, "value"),
        ({"value": "1.12345678901"}, "value"),
        ({"value": "1e3"}, "value"),
        ({"value": "NaN"}, "value"),
        ({"value": "1000000000"}, "value"),
        ({"value": "99999999999"}, "value"),
        ({"currency": "USD"}, "currency"),
        ({"currency": "EURO"}, "currency"),
        ({"kind": "spot"}, "kind"),
        ({"starts_on": "May"}, "starts_on"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(
    cast: Cast, browse: Any, changes: dict[str, str], field: str
) -> None:
    response = browse(cast.admin).post(CREATE, typed(**changes))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]


def test_a_german_reader_writes_a_comma(cast: Cast, browse: Any, acting: Any) -> None:
    from territories.services import edit_profile

    with acting(cast.admin):
        edit_profile(by=cast.admin.pk, version=1, locale="de-DE")
    client = browse(cast.admin)
    assert client.post(CREATE, typed(value="1.25")).status_code == 422
    assert client.post(CREATE, typed(value="1,25")).status_code == 302
    with acting(cast.admin):
        rate, _plan = both_rates("EUR", date(2026, 5, 2))
        assert rate
        assert rate.value == Decimal("1.25")


def test_only_administrators_enter_rates(cast: Cast, browse: Any, acting: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        client = browse(person)
        assert CREATE not in client.get(LIST).content.decode()
        assert client.post(CREATE, typed()).status_code == 403
        with acting(person), pytest.raises(Forbidden):
            services.set_rate(
                by=person.pk, kind="plan", currency="GBP", value=Decimal(1), starts_on=date(2026, 1, 1)
            )


def test_the_reporting_currency_needs_no_rate(cast: Cast, acting: Any) -> None:
    with acting(cast.admin), pytest.raises(Refused, match="needs no rate"):
        services.set_rate(
            by=cast.admin.pk, kind="plan", currency="USD", value=Decimal(1), starts_on=date(2026, 1, 1)
        )


def test_a_currency_that_is_none_is_refused_whoever_calls(cast: Cast, acting: Any) -> None:
    with acting(cast.admin), pytest.raises(Refused) as refusal:
        services.set_rate(
            by=cast.admin.pk, kind="plan", currency="EURO", value=Decimal(1), starts_on=date(2026, 1, 1)
        )
    assert refusal.value.path == "currency"
