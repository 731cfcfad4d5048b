"""All that one asked for, page by page, and what more waits than is shown at once."""

import re
from typing import Any

import pytest
from django.urls import reverse

from common.access import Reach
from common.transaction import work
from tests.cast import Cast
from tests.workspace.asking import ask
from workspace import services
from workspace.models import Approval

URL = "/inbox/asked/"


@pytest.fixture
def kinds(settings: Any) -> None:
    settings.APPROVALS = settings.APPROVALS | {"favour": {}}


def favours(cast: Cast, acting: Any, count: int) -> list[Approval]:
    """Rita asks Mona for days off."""
    with acting(cast.rep):
        asked = {"by": cast.rep.pk, "kind": "favour", "approver_id": cast.manager.pk}
        return [ask(key=f"{day}", about=f"Day {day}", **asked) for day in range(1, count + 1)]


def shown(page: str) -> list[str]:
    return re.findall(r'<a href="/approvals/\d+/">(Day \d+)</a>', page)


def test_nothing_asked_yet(cast: Cast, browse: Any) -> None:
    assert "Nothing asked yet" in browse(cast.rep).get(URL).content.decode()


def test_what_waits_comes_first_and_all_of_it_can_be_reached(
    cast: Cast, acting: Any, browse: Any, kinds: None
) -> None:
    rows = favours(cast, acting, 53)
    with acting(cast.manager):
        for row in rows[50:]:
            services.answer(by=cast.manager.pk, approval_id=row.pk, version=1, is_granted=True)
    client = browse(cast.rep)
    inbox = client.get(reverse("inbox")).content.decode()
    assert shown(inbox) == [f"Day {day}" for day in range(50, 0, -1)]
    assert f'href="{URL}"' in inbox
    first = client.get(URL).content.decode()
    assert shown(first) == shown(inbox)
    key = re.search(r'rel="next" href="([^"]+)"', first)
    assert key
    second = client.get(URL + key[1].replace("&amp;", "&")).content.decode()
    assert shown(second) == ["Day 53", "Day 52", "Day 51"]
    assert 'rel="next"' not in second
    assert client.get(URL + "?after=x").status_code == 400


def test_few_need_no_second_page_and_others_see_none_of_it(
    cast: Cast, acting: Any, browse: Any, kinds: None
) -> None:
    favours(cast, acting, 2)
    assert f'href="{URL}"' not in browse(cast.rep).get(reverse("inbox")).content.decode()
    assert shown(browse(cast.manager).get(URL).content.decode()) == []


def test_what_waits_behind_the_oldest_fifty_is_counted(
    cast: Cast, acting: Any, browse: Any, kinds: None
) -> None:
    rows = favours(cast, acting, 52)
    client = browse(cast.manager)
    page = client.get(reverse("inbox")).content.decode()
    assert page.count('name="chosen"') == 50
    assert "These are the 50 oldest. 2 more wait behind them." in page
    failed = client.post(reverse("approval_answer_many"), {"is_granted": "grant"})
    assert "These are the 50 oldest. 2 more wait behind them." in failed.content.decode()
    chosen = [f"{row.pk}:1" for row in rows[:2]]
    client.post(reverse("approval_answer_many"), {"is_granted": "grant", "chosen": chosen})
    page = client.get(reverse("inbox")).content.decode()
    assert page.count('name="chosen"') == 50
    assert "oldest" not in page
    with work(by=None, why="look", reach=Reach.everything()):
        assert Approval.objects.filter(state="waiting").count() == 50


def test_what_i_answered_stays_in_view_newest_first_with_when_and_the_note(
    cast: Cast, acting: Any, browse: Any, kinds: None, clock: Any
) -> None:
    rows, client = favours(cast, acting, 3), browse(cast.manager)
    assert "Nothing answered yet" in client.get(URL + "?show=answered").content.decode()
    values = {"by": cast.manager.pk, "version": 1}
    with acting(cast.manager):
        services.answer(approval_id=rows[2].pk, is_granted=False, answer="Too busy", **values)
    clock.move_to("2026-05-21T12:00:00Z")
    with acting(cast.manager):
        services.answer(approval_id=rows[0].pk, is_granted=True, answer="Enjoy it", **values)
    client = browse(cast.manager)
    assert f'href="{URL}?show=answered"' in client.get(reverse("inbox")).content.decode()
    page = client.get(URL + "?show=answered").content.decode()
    assert shown(page) == ["Day 1", "Day 3"]
    assert "Rita Rep asked May 20, 2026" in page
    assert re.search(r"Approved by Mona Manager on May 21, 2026[^<]* Enjoy it</small>", page)
    assert re.search(r"Refused by Mona Manager on May 20, 2026[^<]* Too busy</small>", page)
    assert shown(browse(cast.peer).get(URL + "?show=answered").content.decode()) == []
    assert shown(browse(cast.rep).get(URL + "?show=answered").content.decode()) == []
    assert client.get(URL + "?show=all").status_code == 400


def test_more_than_fifty_answers_go_on_on_the_next_page(
    cast: Cast, acting: Any, browse: Any, kinds: None
) -> None:
    rows = favours(cast, acting, 51)
    with acting(cast.manager):
        for row in rows:
            services.answer(by=cast.manager.pk, approval_id=row.pk, version=1, is_granted=True)
    client = browse(cast.manager)
    first = client.get(URL + "?show=answered").content.decode()
    assert len(shown(first)) == 50
    key = re.search(r'rel="next" href="([^"]+)"', first)
    assert key
    assert len(shown(client.get(URL + key[1].replace("&amp;", "&")).content.decode())) == 1
