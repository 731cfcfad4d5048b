"""New territories beside one take the accounts that were chosen for them; the rest stays."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import AccountTerritory
from common.errors import Conflict, Forbidden, Refused
from planning.rules.splitting import Candidate, Choice, chosen_twice, words_of
from planning.services import Part, split_territory
from territories.models import Succession, Territory
from tests.cast import START, Cast
from tests.closing import close_period
from tests.planning.acts import JUNE, TODAY, account, add, edges, places, split

BERN = {"town": "Bern", "country": "Switzerland", "postcode": "3011"}
ZUG = {"town": "Zug", "region": "Zug", "country": "Switzerland", "postcode": "6300"}


def test_places_and_numbers_choose() -> None:
    one = Candidate(1, "A-1", "One", "94105", ("San Francisco", "California", "US"))
    other = Candidate(2, "A-2", "Other", "10001", ("New York", "", "US"))
    found = [
        Choice(words_of(places), words_of(numbers)).of([one, other])
        for places, numbers in (
            ("941", ""),
            ("newyork", ""),
            ("us", ""),
            ("San", ""),
            ("", "a-2"),
            ("94; 100\nus, 94", "A-1"),
        )
    ]
    assert found == [[one], [other], [one, other], [], [other], [one, other]]
    assert words_of(" 94 ,, Bern ;94\n ") == ["94", "Bern"]
    assert Choice(["941", "Bern"], ["A-2", "A-9"]).unknown([one, other]) == ["Bern", "A-9"]
    assert not one.matches("")


def test_what_is_chosen_twice_is_found() -> None:
    assert chosen_twice([[1, 2, 2], [3], [2, 3]]) == {2: [0, 2], 3: [1, 2]}
    assert chosen_twice([[1], [2]]) == {}


def test_the_parts_stand_beside_it_with_their_accounts(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        bern, zug = account(cast, "Dogwood", "East 1", **BERN), account(cast, "Elm", "East 1", **ZUG)
        made = split(cast, "East 1", {"East 1a": [bern], "East 1b": [zug]}, TODAY)
        assert [(node.name, node.code, node.kind) for node in made] == [
            ("East 1a", "EAST 1A", "territory"),
            ("East 1b", "EAST 1B", "territory"),
        ]
        assert edges("East 1a") == [("East Team", TODAY, None)]
        assert places("Dogwood") == [("East 1", START, TODAY), ("East 1a", TODAY, None)]
        assert places("Elm") == [("East 1", START, TODAY), ("East 1b", TODAY, None)]
        assert places("Acorn") == [("East 1", START, None)]
        bern.refresh_from_db()
        assert bern.territory == made[0]
        passed = Succession.objects.order_by("pk").values_list("territory__name", "heir__name", "is_whole")
        assert list(passed) == [("East 1", "East 1a", False), ("East 1", "East 1b", False)]


def test_an_overlay_is_split_by_what_it_covers(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        cloud, acorn = add(cast, "Cloud", "East", START, "overlay"), cast.accounts["Acorn"]
        for coverage in ("specialist", "partner"):
            place = {"account": acorn, "territory": cloud, "coverage": coverage, "starts_on": START}
            AccountTerritory.objects.create(**place)
        (made,) = split(cast, "Cloud", {"Data": [acorn]}, JUNE)
        assert made.kind == "overlay"
        assert places("Acorn", "specialist") == [("Cloud", START, JUNE), ("Data", JUNE, None)]
        assert places("Acorn", "partner") == [("Cloud", START, JUNE), ("Data", JUNE, None)]
        assert places("Acorn") == [("East 1", START, None)]


def test_a_root_is_split_into_roots(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        add(cast, "Other", None, START)
        bern = account(cast, "Dogwood", "Other")
        (made,) = split(cast, "Other", {"Third": [bern]}, JUNE)
        assert (made.kind, edges("Third")) == ("company", [("", JUNE, None)])


@pytest.mark.parametrize(
    ("parts", "path", "said"),
    [
        ({}, "parts", "Name from 1 to 5 new territories."),
        ({name: ["Acorn"] for name in "abcdef"}, "parts", "Name from 1 to 5 new territories."),
        ({"New": []}, "parts.0.account_ids", "New takes no account."),
        (
            {"New": ["Acorn"], "Newer": ["Acorn"]},
            "parts",
            "Acorn is in more than one part: New, Newer. Leave it in one of them.",
        ),
        (
            {"New": ["Acorn", "Elm", "Fir"], "Newer": ["Acorn", "Elm", "Fir"]},
            "parts",
            "Acorn is in more than one part: New, Newer. Leave it in one of them. So are 2 more.",
        ),
        (
            {"New": ["Acorn", "Elm"], "Newer": ["Acorn", "Elm"]},
            "parts",
            "Acorn is in more than one part: New, Newer. Leave it in one of them. So is 1 more.",
        ),
        ({"New": ["Acorn", "Beech"]}, "parts", "Not in East 1 on that day: Beech. Leave them out."),
        ({"New": ["Acorn"], "": ["Elm"]}, "name", "A territory has a name and a code. Write one."),
    ],
)
def test_what_is_wrong_is_named_and_nothing_done(
    cast: Cast, acting: Any, parts: dict[str, list[str]], path: str, said: str
) -> None:
    with acting(cast.admin):
        account(cast, "Elm", "East 1")
        account(cast, "Fir", "East 1")
        count = Territory.objects.count()
        chosen = {name: [cast.accounts[one] for one in names] for name, names in parts.items()}
        with pytest.raises(Refused) as refusal:
            split(cast, "East 1", chosen)
        assert refusal.value.path == path
        assert str(refusal.value.message).startswith(said)
        assert Territory.objects.count() == count


def test_a_code_that_is_taken_says_of_which_part(cast: Cast, acting: Any) -> None:
    parts = [Part("New", "EAST-2", [cast.accounts["Acorn"].pk])]
    east_1 = cast.territories["East 1"].pk
    with acting(cast.admin), pytest.raises(Refused) as refusal:
        split_territory(by=cast.admin.pk, territory_id=east_1, on=JUNE, parts=parts)
    assert str(refusal.value.message) == "New: This code is already taken. Choose another one."


def test_a_closed_day_and_unassigned_are_refused(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        close_period(cast.q1.pk)
        with pytest.raises(Conflict) as closed:
            split(cast, "East 1", {"New": [cast.accounts["Acorn"]]}, date(2026, 3, 31))
        assert (closed.value.path, closed.value.code) == ("on", "period_closed")
        with pytest.raises(Refused, match="Unassigned keeps what belongs to nobody"):
            split(cast, "Unassigned", {"New": [cast.accounts["Acorn"]]})


def test_only_administrators_split(cast: Cast, acting: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        with acting(person), pytest.raises(Forbidden):
            split(cast, "East 1", {"New": [cast.accounts["Acorn"]]})


def typed(*parts: dict[str, str], on: str = "2026-05-20") -> dict[str, Any]:
    rows = {f"parts-{n}-{name}": value for n, part in enumerate(parts) for name, value in part.items()}
    return {
        "on": on,
        "reason": "too large",
        "parts-TOTAL_FORMS": len(parts),
        "parts-INITIAL_FORMS": 0,
        **rows,
    }


def test_the_page_shows_who_takes_what_before_it_is_pressed_a_second_time(
    cast: Cast, browse: Any, acting: Any
) -> None:
    with acting(cast.admin):
        for number in range(7):
            account(cast, f"Bern {number}", "East 1", **BERN)
        account(cast, "Elm", "East 1", **ZUG)
    client, url = browse(cast.admin), reverse("territory_split", args=[cast.territories["East 1"].pk])
    assert "which of its 9 accounts does each take?" in client.get(url).content.decode()
    one = {"name": "Bern", "code": "BERN", "places": "bern", "numbers": ""}
    other = {"name": "Zug", "code": "ZUG", "places": "", "numbers": "elm"}
    blank = {"name": "", "code": "", "places": "", "numbers": ""}
    first = client.post(url, typed(one, other, blank))
    text = " ".join(first.content.decode().split())
    assert first.status_code == 200
    assert [(each.name, len(each.accounts)) for each in first.context["effect"]] == [
        ("Bern", 7),
        ("Zug", 1),
        ("", 1),
    ]
    assert "Bern 0 (3011), Bern 1 (3011), Bern 2 (3011), Bern 3 (3011), Bern 4 (3011), …" in text
    assert "Stay in East 1" in text
    with acting(cast.admin):
        assert not Territory.objects.filter(name="Bern").exists()
    seen = first.context["form"]["seen"].value()
    text = client.post(url, {**typed(one, other, blank), "seen": seen}, follow=True).content.decode()
    assert "Beside East 1 there is now: Bern, Zug." in text
    assert "Split on May 20, 2026: Zug has a part of its accounts: too large" in text
    with acting(cast.admin):
        assert places("Elm")[-1] == ("Zug", TODAY, None)
        pk = Territory.objects.get(name="Zug").pk
    text = client.get(reverse("territory_detail", args=[pk])).content.decode()
    assert "Has a part of the accounts of East 1 from May 20, 2026 on: too large" in text


def test_what_names_nothing_and_what_is_missing_is_said_at_its_part(cast: Cast, browse: Any) -> None:
    client, url = browse(cast.admin), reverse("territory_split", args=[cast.territories["East 1"].pk])
    part = {"name": "New", "code": "NEW", "places": "", "numbers": "A-1"}
    for change, said in (
        ({"numbers": "A-1, A-2"}, "No account here: A-2. Correct it or leave it out."),
        ({"places": "99999"}, "No account here: 99999. Correct it or leave it out."),
        ({"numbers": ""}, "Say which accounts it takes"),
        ({"name": ""}, "This field is required."),
        ({"code": "EAST-2"}, "New: This code is already taken."),
    ):
        answer = client.post(url, typed({**part, **change}))
        assert answer.status_code == 422
        assert said in answer.content.decode()
    assert client.post(url, typed(part, on="soon")).status_code == 422
    assert "Nothing was saved yet." in client.post(url, typed()).content.decode()


def test_it_goes_back_to_where_it_was_opened(cast: Cast, browse: Any, clock: Any) -> None:
    clock.move_to(datetime(2026, 5, 20, 12, tzinfo=UTC))
    client = browse(cast.admin)
    url = reverse("territory_split", args=[cast.territories["East 1"].pk]) + "?back=/people/"
    data = typed({"name": "New", "code": "NEW", "places": "", "numbers": "A-1"})
    data["seen"] = client.post(url, data).context["form"]["seen"].value()
    assert client.post(url, data)["Location"] == "/people/"
