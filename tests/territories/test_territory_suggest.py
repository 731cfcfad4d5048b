"""A territory among many: found while one types, told apart by what is above it, taken without a script too."""

import re
from datetime import date
from typing import Any

from django.urls import reverse

from territories.models import Edge, Seat, Territory, User
from tests.cast import Cast
from tests.territories.many import add_many

URL = reverse("territory_suggest")
FORM = reverse("seat_create")
OPTION = re.compile(
    r'<li role="option" data-value="(\d+)" data-label="([^"]+)">([^<]*?)(?: <small>([^<]*)</small>)?</li>'
)


def found(client: Any, text: str, url: str = URL) -> list[tuple[str, str]]:
    """The options as a reader sees them: a name, and what stands small beside it."""
    page = client.get(url, {"q": text}).content.decode()
    return [(name, small) for _value, _label, name, small in OPTION.findall(page)]


def seat(cast: Cast, **sent: str) -> dict[str, str]:
    more = {"kind": "overlay", "starts_on": "2026-06-01", "share": "100"}
    return {"user_id": str(cast.rep.pk), **more, **sent}


def test_it_is_found_by_name_code_and_former_name(cast: Cast, browse: Any) -> None:
    add_many(cast)
    client = browse(cast.admin)
    bostons = [("Boston", "Company › East"), ("Boston", "Company › West")]
    assert found(client, "bos") == bostons
    assert found(client, " BOSTON ") == bostons
    assert found(client, "s-w") == [("Boston", "Company › West · BOS-W")]
    assert found(client, "harb") == [("Boston", "Company › West · once called so")]
    assert found(client, "Boston · Company › West") == bostons  # what a field shows, changed at its end
    assert found(client, "zzz") == []
    assert "Nothing found" in client.get(URL, {"q": "zzz"}).content.decode()


def test_names_that_begin_so_come_first_and_no_more_than_twelve(cast: Cast, browse: Any) -> None:
    add_many(cast)
    client = browse(cast.admin)
    assert [name for name, _small in found(client, "team")] == ["East Team", "West Team"]
    assert [name for name, _small in found(client, "east")] == ["East", "East 1", "East 2", "East Team"]
    assert [name for name, _small in found(client, "plain")] == [f"Plain {number:03}" for number in range(12)]
    assert "There are more." in client.get(URL, {"q": "plain"}).content.decode()
    assert len(found(client, "")) == 12


def test_one_that_joins_later_says_when_and_one_that_is_gone_is_not_found(
    cast: Cast, browse: Any, acting: Any
) -> None:
    add_many(cast)
    with acting(cast.admin):
        for name, days in (
            ("Later", {"starts_on": date(2026, 6, 1)}),
            ("Gone", {"starts_on": date(2025, 1, 1), "stops_on": date(2026, 5, 1)}),
        ):
            node = Territory.objects.create(name=name, code=name.upper())
            Edge.objects.create(child=node, parent=cast.territories["East"], **days)
            cast.territories[name] = node
    client = browse(cast.admin)
    assert found(client, "later") == [("Later", "from Jun 1, 2026 on")]
    assert found(client, "gone") == []
    answer = client.post(FORM, seat(cast, territory_id=str(cast.territories["Gone"].pk)))
    assert answer.context["form"].errors == {"territory_id": ["This can't be chosen here. Pick another one."]}


def test_few_stand_in_a_plain_list_and_many_in_a_field(cast: Cast, browse: Any) -> None:
    client, node = browse(cast.admin), cast.territories["West 1"]
    plain = client.get(FORM, {"territory": str(node.pk)}).content.decode()
    assert f'<option value="{node.pk}" selected>\u2003\u2003\u2003West 1</option>' in plain
    assert "data-suggest" not in plain
    add_many(cast)
    page = client.get(FORM, {"territory": str(node.pk), "person": str(cast.rep.pk)}).content.decode()
    assert f'data-suggest="{URL}"' in page
    assert 'value="West 1 · Company › West › West Team"' in page
    assert 'value="Rita Rep"' in page
    assert "West 2" not in page
    assert "Plain" not in page


def test_what_was_picked_is_taken(cast: Cast, browse: Any, acting: Any) -> None:
    add_many(cast)
    node = cast.territories["BOS-W"]
    label = "Boston · Company › West"
    sent = seat(cast, territory_id=str(node.pk), territory_id_text=label)
    assert browse(cast.admin).post(FORM, sent).status_code == 302
    with acting(cast.admin):
        assert Seat.objects.get(user=cast.rep, kind="overlay").territory == node


def test_without_a_script_a_name_or_a_code_is_enough(cast: Cast, browse: Any, acting: Any) -> None:
    add_many(cast)
    client = browse(cast.admin)

    def typed(text: str, key: str = "") -> Any:
        return client.post(FORM, seat(cast, territory_id=key, territory_id_text=text))

    several = typed("boston")
    assert several.status_code == 422
    assert several.context["form"].errors == {
        "territory_id": [
            "Several are called boston: Boston · Company › East; Boston · Company › West. Pick one from the list."
        ]
    }
    assert 'value="boston"' in several.content.decode()
    assert typed("nowhere").context["form"].errors == {
        "territory_id": ["Nothing that can be chosen here is called nowhere. Pick it from the list."]
    }
    assert typed("", key=str(cast.territories["West 1"].pk)).context["form"].errors == {
        "territory_id": ["This field is required."]
    }
    # The key of what stood there before does not win over another name that was typed.
    assert typed("bos-e", key=str(cast.territories["West 1"].pk)).status_code == 302
    assert typed("Boston · Company › West").status_code == 302
    with acting(cast.admin):
        seats = Seat.objects.filter(user=cast.rep, kind="overlay").order_by("pk")
        assert [one.territory.code for one in seats] == ["BOS-E", "BOS-W"]


def test_places_for_accounts_obey_reach(cast: Cast, browse: Any) -> None:
    add_many(cast)
    url = reverse("place_suggest")
    assert found(browse(cast.director), "boston", url) == [("Boston", "Company › East")]
    assert len(found(browse(cast.admin), "boston", url)) == 2
    assert found(browse(cast.rep), "boston", url) == []
    create = f"{url}?act=create&q=east"
    assert OPTION.findall(browse(cast.rep).get(create).content.decode())[0][2] == "East 1"
    assert browse(cast.rep).get(f"{url}?act=read").status_code == 400
    west = cast.territories["BOS-W"]
    chosen = {"account": str(cast.accounts["Acorn"].pk), "territory_id": str(west.pk), "coverage": "field"}
    page = browse(cast.director).post(
        reverse("accounts_assign"), {**chosen, "starts_on": "2026-06-01", "reason": "x", "look": "1"}
    )
    assert "can't be chosen here" in page.context["form"].errors["territory_id"][0]


def test_people_are_told_apart_by_their_addresses(cast: Cast, browse: Any, acting: Any) -> None:
    url = reverse("person_suggest")
    client = browse(cast.rep)
    assert found(client, "rita", url) == [("Rita Rep", "")]
    assert "rep@example.com" not in client.get(url).content.decode()
    assert found(client, "coord", url) == [("Cora Coordinator", "")]
    assert "Rita" not in client.get(url, {"q": "rita", "but": str(cast.rep.pk)}).content.decode()
    with acting(cast.admin):
        User.objects.filter(pk=cast.peer.pk).update(name="RITA Rep")
    assert sorted(found(client, "rita", url)) == [
        ("RITA Rep", cast.peer.email), ("Rita Rep", "rep@example.com"),
    ]  # fmt: skip


def test_those_who_left_are_offered_to_who_may_ask_who_held_what(
    cast: Cast, browse: Any, acting: Any
) -> None:
    url = f"{reverse('person_suggest')}?left=1&q=paul"
    with acting(cast.admin):
        User.objects.filter(pk=cast.peer.pk).update(is_active=False)
    assert browse(cast.rep).get(url).status_code == 403
    assert found(browse(cast.rep), "paul", reverse("person_suggest")) == []
    assert "Paul Peer" in browse(cast.manager).get(url).content.decode()


def test_a_filter_is_set_by_a_name_without_a_script(cast: Cast, browse: Any) -> None:
    add_many(cast)
    client, page = browse(cast.admin), reverse("account_list")
    east = cast.territories["BOS-E"]
    assert client.get(page, {"q": "a", "territory": "", "territory_text": "bos-e"})["Location"] == (
        f"{page}?q=a&territory={east.pk}"
    )
    shown = client.get(page, {"territory": str(east.pk)}).content.decode()
    assert 'value="Boston · Company › East"' in shown
    assert client.get(page, {"territory_text": "boston"}).status_code == 400
    held = reverse("held_report")
    answer = client.get(
        held, {"person": "", "person_text": "Nora Neu 007", "territory": "", "territory_text": ""}
    )
    assert re.fullmatch(rf"{held}\?person=\d+", answer["Location"])
    assert "Nora Neu 007" in client.get(answer["Location"]).content.decode()
