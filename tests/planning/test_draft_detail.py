"""A realignment on its pages: begun, filled, looked at, asked for, commented, given up."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Module, Rule
from planning.models import Draft, Move
from tests.cast import Cast
from tests.planning.test_realignment import TODAY, acorn_west, look, moved, publish


def begun(cast: Cast, browse: Any, **values: str) -> tuple[Any, Draft]:
    client = browse(cast.admin)
    form = {"name": "Spring", "starts_on": "5/20/2026", "note": "Two teams", **values}
    answer = client.post(reverse("draft_create"), form)
    assert answer.status_code == 302
    return client, the_draft()


def the_draft() -> Any:
    return look(Draft.objects.get)


def page(client: Any, draft: Draft) -> str:
    return " ".join(client.get(reverse("draft_detail", args=[draft.pk])).content.decode().split())


def put(client: Any, draft: Draft, kind: str, **values: Any) -> Any:
    return client.post(f"{reverse('move_create', args=[draft.pk])}?kind={kind}", values)


@pytest.fixture
def spring(cast, browse, acting):
    client, draft = begun(cast, browse)
    return client, draft


def test_a_realignment_begins_with_a_name_and_a_day(spring):
    client, draft = spring
    text = page(client, draft)
    assert "Nothing moves yet" in text
    assert "May 20, 2026" in text
    assert 'class="row-link" href' in client.get(reverse("draft_list")).content.decode()


def test_accounts_are_named_by_their_numbers(spring, cast, acting):
    client, draft = spring
    west = cast.territories["West 1"].pk
    choices = {"into_id": west, "open_work": "go", "quota": "person"}
    answer = put(client, draft, "accounts", numbers="A-1, A-2;\nA-99", **choices)
    assert answer.status_code == 422
    assert "You see no account of this number: A-99." in answer.content.decode()
    answer = put(client, draft, "accounts", numbers="A-97 A-98 A-99 A-96", **choices)
    assert "of 4 of these numbers, such as A-97, A-98, A-99" in answer.content.decode()
    answer = put(client, draft, "accounts", numbers="", **choices)
    assert "Name accounts, or choose a territory that has some." in answer.content.decode()
    assert put(client, draft, "accounts", numbers="A-1, A-2;\n", **choices).status_code == 302
    assert "2 accounts go to West 1" in page(client, draft)


def test_all_accounts_of_a_territory_go(spring, cast):
    client, draft = spring
    values = {"from_id": cast.territories["East 1"].pk, "into_id": cast.territories["West 1"].pk}
    put(client, draft, "accounts", **values, open_work="until", stays_until="6/1/2026", quota="person")
    text = page(client, draft)
    assert "1 account goes to West 1" in text
    assert "Open work stays with its owner until Jun 1, 2026" in text


def test_every_kind_of_move_is_put_in_and_said(spring, cast, acting):
    client, draft = spring
    nodes = {name: node.pk for name, node in cast.territories.items()}
    with acting(cast.admin):
        module = Module.objects.create(name="Big ones")
        rule = Rule.objects.create(name="All of East", territory_id=nodes["East 1"])
    work = {"open_work": "usual"}
    seat = {"seat_kind": "owner", "is_vacant": "on", "quota": "person", **work}
    assert put(client, draft, "seat", territory_id=nodes["East 1"], **seat).status_code == 302
    assert (
        put(client, draft, "node", territory_id=nodes["West Team"], into_id=nodes["East"]).status_code == 302
    )
    into = {"into_id": nodes["East 2"], **work}
    assert put(client, draft, "module", module_id=module.pk, quota="accounts", **into).status_code == 302
    assert put(client, draft, "rule", rule_id=rule.pk, **into).status_code == 302
    text = page(client, draft)
    for said in (
        "nobody becomes owner of East 1",
        "West Team goes below East",
        "The module Big ones goes to East 2",
        "The rule All of East leads to East 2, with the accounts that it placed",
        "Quota: moves with the accounts",
    ):
        assert said in text


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        ("node", {"territory_id": "Unassigned", "into_id": "East"}, "Unassigned stays where it is"),
        ("node", {"territory_id": "East 1"}, "Choose below which territory it goes"),
        ("node", {"into_id": "East"}, "Choose a territory of the tree"),
    ],
)
def test_what_cannot_move_is_refused_with_its_place(spring, cast, kind, values, said):
    client, draft = spring
    ids = {name: cast.territories[node].pk for name, node in values.items()}
    answer = put(client, draft, kind, **ids)
    assert answer.status_code == 422
    assert look(Move.objects.count) == 0
    assert said in answer.content.decode() or "This field is required" in answer.content.decode()


def test_the_effect_is_seen_and_a_second_person_is_asked(cast, browse, acting, ben):
    draft = moved(cast, acting, **acorn_west(cast, open_work="go"))
    client = browse(cast.admin)
    text = page(client, draft)
    assert "Before and after" in text
    assert "<strong>2</strong><small>was 1</small>" in text
    assert "Acorn renewal" in text
    assert "passes on May 20, 2026" in text
    ask = reverse("draft_ask", args=[draft.pk])
    assert client.get(ask).status_code == 200
    assert client.post(ask, {"version": draft.version, "reason": "agreed"}).status_code == 302
    text = page(client, draft)
    assert "waits for approval" in text
    inbox = " ".join(browse(ben).get(reverse("inbox")).content.decode().split())
    assert (
        "From May 20, 2026: 1 account goes to West 1. 1 account moves. 1 open deal of $100,000.01 changes hands. "
        "No quota changes. Nothing touches what was sold." in inbox
    )
    client.post(reverse("draft_reopen", args=[draft.pk]), {"version": the_draft().version})
    assert the_draft().state == "open"


def test_a_stale_press_is_told(cast, browse, acting):
    draft = moved(cast, acting, **acorn_west(cast))
    client = browse(cast.admin)
    client.post(reverse("draft_preview", args=[draft.pk]), {"version": draft.version - 1})
    assert "changed this" in page(client, draft)


def test_a_move_is_taken_out_and_a_draft_given_up(cast, browse, acting):
    draft = moved(cast, acting, **acorn_west(cast))
    client = browse(cast.admin)
    client.post(reverse("move_remove", args=[look(draft.moves.get).pk]), {})
    assert "Nothing moves yet" in page(client, draft)
    client.post(reverse("draft_drop", args=[draft.pk]), {"version": the_draft().version})
    assert "dropped" in page(client, draft)


def test_whoever_sees_it_comments_on_it(cast, browse, acting):
    draft = moved(cast, acting, **acorn_west(cast))
    beside = ["realignment", draft.pk]
    url = reverse("comment_create", args=beside)
    browse(cast.executive).post(url, {"text": "Not before July"})
    assert reverse("beside_panel", args=beside) in page(browse(cast.admin), draft)
    text = browse(cast.admin).get(reverse("beside_panel", args=beside)).content.decode()
    assert "Not before July" in text
    assert "Eve Executive" in text
    empty = browse(cast.admin).post(url, {"text": " "})
    assert empty.status_code == 422


def test_a_published_one_is_taken_back_by_a_draft(cast, browse, acting, ben):
    draft = publish(moved(cast, acting, **acorn_west(cast)), cast, ben, acting)
    client = browse(cast.admin)
    assert "published" in page(client, draft)
    undo = reverse("draft_undo", args=[draft.pk])
    assert client.get(undo).status_code == 200
    assert client.post(undo, {"starts_on": "5/19/2026"}).status_code == 409
    assert client.post(undo, {"starts_on": "5/21/2026"}).status_code == 302
    counter = look(lambda: Draft.objects.get(undoes=draft))
    assert "1 account goes to East 1" in page(client, counter)


def test_another_day_makes_the_effect_unseen(cast, browse, acting):
    draft = moved(cast, acting, **acorn_west(cast))
    client = browse(cast.admin)
    form = {"name": "Later", "starts_on": "5/25/2026", "note": "", "version": draft.version}
    assert client.post(reverse("draft_edit", args=[draft.pk]), form).status_code == 302
    assert "has not been looked at as it is now" in page(client, draft)
    assert the_draft().starts_on > TODAY
