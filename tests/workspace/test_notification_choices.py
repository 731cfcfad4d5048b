"""How one hears of what: the defaults, one's own choice, and what it does."""

from typing import Any

import pytest

from common.access import Reach
from common.errors import Refused
from common.transaction import work
from tests.cast import Cast
from workspace.models import Event, Message
from workspace.selectors.choices import choices_of
from workspace.services import choose, tell

USUAL = {
    "account_came": "page",
    "deal_came": "page",
    "deal_changed": "page",
    "lead_came": "page",
    "lead_untouched": "page",
    "seat_came": "page",
    "seat_went": "page",
    "realigned": "page",
    "unpublished": "page",
    "forecast_due": "mail",
    "forecast_late": "mail",
    "approval_asked": "mail",
    "approval_answered": "page",
    "credit_changed": "page",
    "order_answered": "page",
    "dispute_raised": "page",
    "dispute_answered": "page",
    "mentioned": "page",
    "run_failed": "mail",
    "webhook_paused": "page",
}
PATH = "/profile/notifications/"


def test_the_page_shows_what_holds_and_keeps_what_is_chosen(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.rep)
    form = client.get(PATH).context["form"]
    assert form.initial == USUAL
    assert [label for value, label in form.fields["deal_came"].choices] == [
        "on the page",
        "e-mail now",
        "daily digest",
        "not at all",
    ]
    assert "off" not in dict(form.fields["approval_asked"].choices)
    chosen = USUAL | {"deal_came": "digest", "deal_changed": "off"}
    assert "Saved." in client.post(PATH, chosen, follow=True).content.decode()
    assert client.get(PATH).context["form"].initial == chosen
    assert client.post(PATH, USUAL, follow=True).status_code == 200
    with acting(cast.rep):
        assert choices_of(cast.rep.pk) == USUAL
    assert browse(cast.peer).get(PATH).context["form"].initial == USUAL


def test_the_tab_stands_beside_the_profile(cast: Cast, browse: Any) -> None:
    assert f'href="{PATH}"' in browse(cast.rep).get("/profile/").content.decode()
    assert f'href="{PATH}" aria-current="page"' in browse(cast.rep).get(PATH).content.decode()


def test_what_is_asked_of_one_cannot_be_turned_off(cast: Cast, browse: Any, acting: Any) -> None:
    answer = browse(cast.rep).post(PATH, USUAL | {"approval_asked": "off"})
    assert answer.status_code == 422
    with acting(cast.rep), pytest.raises(Refused) as refused:
        choose(by=cast.rep.pk, deliveries={"approval_asked": "off"})
    assert refused.value.path == "approval_asked"
    with acting(cast.rep), pytest.raises(Refused):
        choose(by=cast.rep.pk, deliveries={"invited": "off"})


def test_a_choice_holds_for_what_is_told_from_then_on(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        choose(by=cast.rep.pk, deliveries={"deal_came": "off", "deal_changed": "digest"})
    with work(by=None, why="a test", reach=Reach.everything()):
        for event in (Event.DEAL_CAME, Event.DEAL_CHANGED, Event.ACCOUNT_CAME):
            tell(event=event, people=[cast.rep.pk, cast.peer.pk], key="1")
        rows = set(Message.objects.values_list("person__name", "event", "delivery"))
    assert rows == {
        ("Paul Peer", "deal_came", "page"),
        ("Paul Peer", "deal_changed", "page"),
        ("Paul Peer", "account_came", "page"),
        ("Rita Rep", "deal_changed", "digest"),
        ("Rita Rep", "account_came", "page"),
    }
