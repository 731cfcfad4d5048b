"""Whose share of an order is below theirs by the split of its deal is told."""

from collections.abc import Sequence

from django.urls import reverse

from common import locale
from common.locale import format_share
from orders.models import BookingEvent, Order
from orders.services.inputs import REVENUE, ShareInput
from pipeline.rules.splits import losses
from territories.models import User
from workspace.models import Event
from workspace.services.messages import Told, tell_each


def tell_lowered(
    by: int,
    order: Order,
    event: BookingEvent,
    usual: Sequence[ShareInput],
    splits: Sequence[Sequence[ShareInput]],
) -> None:
    """Tell each of them both shares, where somebody else books; for booking, which checked the actor.

    `usual`: the revenue shares of the deal on the day. Messages name no amount: that stands on the page.
    """
    held, given = _revenue(usual), [_revenue(split) for split in splits]
    lost = {person for here in given for person in losses([held], here)} - {by}
    news = []
    for person in User.objects.filter(pk__in=lost):
        here = sorted({split.get(person.pk, 0) for split in given}, reverse=True)
        is_reader = any(here) or person.pk == order.owner_id
        page = ("order_detail", order.pk) if is_reader else ("opportunity_detail", order.opportunity_id)
        with locale.use(person.locale, person.time_zone):
            shares = " / ".join(f"{format_share(share)} %" for share in here)
            about = f"{order.number}, {format_share(held[person.pk])} % → {shares}"
        url = reverse(page[0], args=[page[1]])
        news.append(Told(person.pk, f"order:{event.pk}", about=about, url=url))
    tell_each(event=Event.CREDIT_CHANGED, news=news, by=by)


def _revenue(split: Sequence[ShareInput]) -> dict[int, int]:
    return {share.person_id: share.weight for share in split if share.kind == REVENUE}
