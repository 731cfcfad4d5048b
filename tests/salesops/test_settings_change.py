"""A change of a setting changes what somebody sees; that its page says so before stands in test_policy_effects."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import AccountTerritory
from common.access import Reach
from common.importing import Row
from common.services import set_policy
from common.transaction import work
from orders.models import Order
from orders.services import apply_import
from territories.models import Seat
from tests.cast import Cast
from tests.conftest import Browser
from tests.salesops.conftest import HOME, plain, step
from tests.salesops.test_policy_effects import decide
from workspace.models import Choice, Delivery, Event, Message
from workspace.services import tell

Browse = Callable[[Any], Browser]
FIRST_OF_JUNE = date(2026, 6, 1)


def test_deals_that_may_be_longer_in_their_stage_are_not_stalled(
    cast: Cast, browse: Browse, acting: Any
) -> None:
    """They are in it since 1 April, on 20 May for 49 days."""
    client, url = browse(cast.rep), f"{reverse('opportunity_list')}?attention=stalled"
    before = [row.name for row in client.get(url).context["page"].rows]
    decide(cast, acting, "stalled_after_days", 49)
    assert (before, list(client.get(url).context["page"].rows)) == (["Acorn renewal"], [])


def brought(cast: Cast, acting: Any, account: str, amount: int, on: date) -> int:
    """An order that a file brings."""
    values = {
        "number": f"F-{on:%Y%m%d}", "account": account, "owner": cast.rep.email, "booked_on": on,
        "currency": "USD", "motion": "new", "product": "Licence", "quantity": 1, "amount": amount,
    }  # fmt: skip
    with acting(cast.admin):
        outcome = apply_import(by=cast.admin.pk, entity="order", rows=[Row("orders.csv", 2, values)])
    assert (outcome.created, outcome.rejects) == (1, [])
    with work(by=None, why="look", reach=Reach.everything()):
        return Order.objects.get(number=values["number"]).pk


@pytest.mark.parametrize("way", ["book", "file"])
def test_a_booking_before_the_change_keeps_12_months_and_one_after_it_has_24(
    cast: Cast, browse: Browse, acting: Any, sell: Any, clock: Any, way: str
) -> None:
    """First ordered on 14 April 2025: on 31 May 2026 existing business, from 1 June on new again."""

    def sold(on: date) -> int:
        pk = sell("Acorn", 100_00, on) if way == "book" else brought(cast, acting, "Acorn", 100_00, on)
        return int(pk)

    sold(date(2025, 4, 14))
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name="new_customer_months", value=24, starts_on=FIRST_OF_JUNE)
    clock.move_to(datetime(2026, 6, 2, 12, tzinfo=UTC))
    client, said = browse(cast.admin), []
    for day in (date(2026, 5, 31), FIRST_OF_JUNE):
        page = client.get(reverse("order_detail", args=[sold(day)])).content.decode()
        said += [word for word in ("new", "existing") if f"<dd>{word}</dd>" in page]
    assert said == ["existing", "new"]


@pytest.mark.parametrize(("percent", "more"), [(61, [1, 1, 3]), (62, [0, 0, 2])])
def test_a_bar_is_green_from_that_share_on(
    cast: Cast, booked: None, browse: Browse, acting: Any, night: Any, percent: int, more: list[int]
) -> None:
    """Rita has 550 of 900 in the second quarter, 61.1 %; her team, which stands there twice, 1,150 of 1,400."""
    night()
    pages = [
        (cast.rep, reverse("my_attainment")),
        (cast.rep, HOME),
        (cast.manager, reverse("team_attainment")),
    ]

    def green() -> list[int]:
        return [browse(who).get(url).content.decode().count('"bar done"') for who, url in pages]

    before = green()
    decide(cast, acting, "attained_percent", percent)
    assert [after - was for after, was in zip(green(), before, strict=True)] == more


def test_pages_warn_from_that_hour_on(cast: Cast, browse: Browse, acting: Any, night: Any) -> None:
    """It is 05:00 in New York, and the night of 19 May has not come."""
    night(date(2026, 5, 18))
    client, url = browse(cast.rep), reverse("order_list")
    words = "The last night's run has not been published. Figures are those of May 18, 2026."
    assert words not in plain(client.get(url))
    decide(cast, acting, "figures_due_hour", 5)
    assert words in plain(client.get(url))


def test_gaps_are_listed_as_far_ahead(cast: Cast, browse: Browse, acting: Any) -> None:
    """East 1 is left on 20 June, Acorn loses its territory on 1 July."""
    with acting(cast.admin):
        Seat.objects.get(user=cast.rep).replaced(stops_on=date(2026, 6, 20))
        AccountTerritory.objects.get(account=cast.accounts["Acorn"]).replaced(stops_on=date(2026, 7, 1))
    client = browse(cast.admin)

    def listed() -> tuple[list[str], list[str]]:
        gaps = client.get(reverse("territory_tree")).context["gaps"]
        ending = client.get(reverse("account_gaps")).context["ending"]
        return [gap.territory.name for gap in gaps], [row.account.name for row in ending]

    assert listed() == (["Company", "East 1"], ["Acorn"])
    decide(cast, acting, "gaps_ahead_days", 32)
    assert listed() == (["Company", "East 1"], [])
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name="gaps_ahead_days", value=31)
    assert listed() == (["Company"], [])


def test_the_next_year_is_asked_for_as_long_before(
    cast: Cast, browse: Browse, acting: Any, clock: Any
) -> None:
    clock.move_to(datetime(2035, 11, 1, 12, tzinfo=UTC))
    client = browse(cast.admin)
    before = step(client.get(HOME))[1]
    decide(cast, acting, "calendar_ahead_days", 61)
    assert (before, step(client.get(HOME))[1]) == (reverse("territory_tree"), reverse("year_create"))


def test_a_digest_leaves_at_that_hour(cast: Cast, browse: Browse, acting: Any) -> None:
    """Rita lives in UTC, where it is 09:00."""
    client, url = browse(cast.rep), reverse("notification_choices")
    assert "The digest leaves at 07:00 where you live (UTC)." in plain(client.get(url))
    decide(cast, acting, "digest_hour", 12)
    assert "The digest leaves at 12:00 where you live (UTC)." in plain(client.get(url))
    with work(by=None, why="a test", reach=Reach.everything()):
        Choice.objects.create(person=cast.rep, event=Event.DEAL_CAME, delivery=Delivery.DIGEST)
        tell(event=Event.DEAL_CAME, people=[cast.rep.pk], key="1", about="A deal", url="/")
        assert Message.objects.get().mail_due_at == datetime(2026, 5, 20, 12, tzinfo=UTC)


def test_a_token_lives_no_longer(cast: Cast, browse: Browse, acting: Any) -> None:
    decide(cast, acting, "token_days", 10)
    client = browse(cast.rep)
    typed = {"name": "report", "scopes": "read", "days": "11"}
    refused = client.post(reverse("token_create"), typed)
    assert refused.status_code == 422
    assert "A token lives from 1 to 10 days." in plain(refused)
    made = plain(client.post(reverse("token_create"), {**typed, "days": "10"}))
    assert "A token lives" not in made
