"""While a rule is written: which of the accounts that it matches stay, and which another rule takes."""

import re
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Hold, Rule
from accounts.rules.conditions import read
from accounts.selectors import rule_rivals
from accounts.selectors.previews import preview
from accounts.selectors.rule_rivals import NotTaken, Written, not_taken
from accounts.services.rules import edit_rule
from common.transaction import reach
from tests.accounts.ruled import account, is_in, rule
from tests.accounts.test_rule_pages import lines, values
from tests.cast import Cast
from tests.salesops.conftest import plain

TODAY = date(2026, 5, 20)


@pytest.fixture
def banks(cast: Cast, acting: Any) -> Cast:
    """Six banks: one by hand, one held, one both, one in the target, one by hand in Unassigned, one imported."""
    nodes = cast.territories
    with acting(cast.admin):
        for name, place, cause in (
            ("By hand", "East 2", "manual"), ("Held", "East 2", "import"), ("Both", "East 2", "realignment"),
            ("There", "East 1", "manual"), ("Nobody's", "Unassigned", "manual"), ("Free", "East 2", "import"),
        ):  # fmt: skip
            cast.accounts[name] = account(name, nodes[place], cause, industry="Banking", tier="A")
        for name in ("Held", "Both"):
            kept = {"account": cast.accounts[name], "person": cast.peer, "starts_on": TODAY}
            Hold.objects.create(**kept, stops_on=date(2027, 1, 1))
    return cast


def written(cast: Cast, **more: Any) -> Written:
    groups = read([[is_in("industry", "Banking")]])
    return Written(**{"groups": groups, "coverage": "field", "priority": 20, **more})


def found(cast: Cast, acting: Any, **more: Any) -> NotTaken:
    with acting(cast.admin):
        return not_taken(written(cast, **more), reach())


class TestWhatStays:
    def test_what_is_placed_by_hand_or_held_elsewhere(self, banks: Cast, acting: Any) -> None:
        target = banks.territories["East 1"].pk
        seen = found(banks, acting, territory_id=target)
        assert (seen.placed, seen.held) == (2, 1)
        assert seen.overruled == 0
        seen = found(banks, acting, territory_id=target, spares_placed=False)
        assert (seen.placed, seen.held, seen.overruled) == (0, 2, 1)

    def test_before_a_territory_is_said_also_what_is_anywhere(self, banks: Cast, acting: Any) -> None:
        seen = found(banks, acting)
        assert (seen.placed, seen.held) == (3, 1)

    def test_it_is_what_the_preview_then_says(self, banks: Cast, acting: Any) -> None:
        place = banks.territories["East 1"]
        with acting(banks.admin):
            made = rule(banks.admin, "Banks", place, is_in("industry", "Banking"), priority=20)
            seen, run = not_taken(Written.of(made), reach()), preview(TODAY)
            assert (seen.placed, seen.held) == (run.spared, run.held) == (2, 1)

    def test_a_specialist_s_place_is_another_one(self, banks: Cast, acting: Any) -> None:
        seen = found(banks, acting, coverage="specialist")
        assert (seen.placed, seen.held) == (0, 2)


class TestWhatOthersTake:
    @pytest.fixture
    def others(self, banks: Cast, acting: Any) -> dict[str, Rule]:
        by, nodes = banks.admin, banks.territories
        bank = is_in("industry", "Banking")
        ids = {name: banks.accounts[name].pk for name in ("Free", "Held", "There", "Nobody's")}
        with acting(by):
            return {
                "First": rule(by, "First", nodes["West 1"], is_in("account", ids["Free"]), priority=1),
                "Second": rule(
                    by,
                    "Second",
                    nodes["East 2"],
                    is_in("account", *(ids[name] for name in ("Free", "Held", "Nobody's"))),
                    priority=2,
                ),
                "Same": rule(
                    by,
                    "Same",
                    nodes["West 1"],
                    is_in("account", ids["There"], ids["Free"]),
                    priority=20,
                    spares_placed=False,
                ),
                "Alike": rule(by, "Alike", nodes["East 1"], bank, priority=20),
                "Later": rule(by, "Later", nodes["East 2"], bank, priority=30),
                "Elsewhere": rule(by, "Elsewhere", nodes["East 2"], is_in("industry", "Mills"), priority=1),
                "Out": rule(by, "Out", nodes["East 2"], bank, priority=1, is_active=False),
            }

    def test_each_account_counts_with_the_rule_that_comes_first(
        self, banks: Cast, acting: Any, others: dict[str, Rule]
    ) -> None:
        seen = found(banks, acting, territory_id=banks.territories["East 1"].pk)
        assert [(one.rule.name, one.count) for one in seen.before] == [("First", 1), ("Second", 1)]
        assert [(one.rule.name, one.count, one.decides) for one in seen.beside] == [("Same", 1, True)]
        assert seen.more == 0

    def test_what_another_rule_would_take_stays_where_a_person_placed_it_or_somebody_holds_it(
        self, banks: Cast, acting: Any
    ) -> None:
        """Of six one is there already; the first rule takes what is free, and what is in Unassigned."""
        place, bank = banks.territories["East 1"].pk, is_in("industry", "Banking")
        with acting(banks.admin):
            first = rule(banks.admin, "First", banks.territories["West 1"], bank, priority=1)
        seen = found(banks, acting, territory_id=place, spares_placed=False)
        assert (seen.placed, seen.held, [one.count for one in seen.before]) == (2, 1, [2])
        with acting(banks.admin):
            edit_rule(by=banks.admin.pk, rule_id=first.pk, version=1, spares_placed=False)
        seen = found(banks, acting, territory_id=place)
        assert (seen.placed, seen.held, [one.count for one in seen.before]) == (0, 2, [4])

    def test_the_older_of_two_decides(self, banks: Cast, acting: Any, others: dict[str, Rule]) -> None:
        with acting(banks.admin):
            seen = not_taken(Written.of(others["Same"]), reach())
        assert [(one.rule.name, one.decides) for one in seen.beside] == [("Alike", False)]
        assert [one.rule.name for one in seen.before] == ["First"]

    def test_what_is_too_much_to_ask_is_counted(
        self, banks: Cast, acting: Any, others: dict[str, Rule], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(rule_rivals, "MOST_RULES", 1)
        seen = found(banks, acting, territory_id=banks.territories["East 1"].pk)
        assert ([one.rule.name for one in seen.before], seen.beside, seen.more) == (["First"], [], 2)

    def test_none_at_all(self, banks: Cast, acting: Any) -> None:
        with acting(banks.admin):
            groups = read([[is_in("account", banks.accounts["Free"].pk)]])
            assert not_taken(written(banks, groups=groups), reach()).is_none


class TestThePages:
    def try_it(self, cast: Cast, browse: Any, query: str = "", **more: Any) -> str:
        sent = {**lines(values("industry", "Banking")), "coverage": "field", "priority": "20", **more}
        answer = browse(cast.admin).post(reverse("rule_try") + query, sent)
        assert answer.status_code == 200
        return plain(answer)

    def test_while_it_is_written(self, banks: Cast, acting: Any, browse: Any) -> None:
        by, place = banks.admin, banks.territories["East 1"]
        with acting(by):
            first = rule(
                by,
                "First",
                banks.territories["West 1"],
                is_in("account", banks.accounts["Free"].pk),
                priority=5,
            )
            same = rule(by, "Same", banks.territories["East 2"], is_in("tier", "A"), priority=20)
        text = self.try_it(banks, browse, territory_id=str(place.pk), spares_placed="on")
        assert "6 accounts match now" in text
        assert "Stay where a person placed them 2" in text
        assert "Stay because somebody holds them 1" in text
        assert "Taken by First → West 1 it comes first: priority 5 1" in text
        assert "Conflict Same → East 2 of the same priority: it is older and takes them 1" in text
        moved = self.try_it(banks, browse, territory_id=str(place.pk))
        assert "Stay where a person placed them 2" in moved  # Same decides, and spares them
        first_of_all = self.try_it(banks, browse, territory_id=str(place.pk), priority="1")
        assert "a person placed them" not in first_of_all
        assert "somebody holds them 2" in first_of_all
        assert "Placed by hand elsewhere, and taken all the same 1" in first_of_all
        own = self.try_it(banks, browse, f"?rule={same.pk}", territory_id=str(place.pk))
        assert "Same" not in own
        sent = {**lines(values("industry", "Banking")), "coverage": "field", "priority": "20"}
        linked = browse(by).post(reverse("rule_try"), sent).content.decode()
        assert f'href="{reverse("rule_detail", args=[first.pk])}"' in linked

    def test_that_nothing_stays_is_said_as_the_rule_is_written(self, banks: Cast, browse: Any) -> None:
        ids = {name: banks.accounts[name].number for name in ("By hand", "Free")}
        told = {"territory_id": str(banks.territories["East 1"].pk)}
        free = lines(values("account", ids["Free"]))
        spared = self.try_it(banks, browse, spares_placed="on", **told, **free)
        assert "None of them is held or placed by hand elsewhere, and no other rule takes them." in spared
        taken = self.try_it(banks, browse, **told, **free)
        assert "It gets all of them: none is held elsewhere, and no other rule takes them." in taken
        by_hand = self.try_it(banks, browse, **told, **lines(values("account", ids["By hand"])))
        assert "placed by hand elsewhere, and no other rule" not in by_hand
        assert "It gets all of them" in by_hand
        assert "Placed by hand elsewhere, and taken all the same 1" in by_hand

    @pytest.mark.parametrize(
        "typed",
        [
            {"priority": ""}, {"priority": "many"}, {"priority": "0"}, {"coverage": "nowhere"}, {"coverage": ""},
        ],
    )  # fmt: skip
    def test_what_cannot_be_read_yet_leaves_the_count(
        self, banks: Cast, browse: Any, typed: dict[str, str]
    ) -> None:
        text = self.try_it(banks, browse, **typed)
        assert "6 accounts match now" in text
        assert "Stay" not in text

    def test_a_territory_that_there_is_not_is_none(self, banks: Cast, browse: Any) -> None:
        assert "Stay because somebody holds them 2" in self.try_it(banks, browse, territory_id="987654321")

    def test_a_rule_s_number_is_a_number(self, banks: Cast, browse: Any) -> None:
        sent = lines(values("industry", "Banking"))
        assert browse(banks.admin).post(reverse("rule_try") + "?rule=x", sent).status_code == 400

    def test_the_rule_s_page_says_it_too(self, banks: Cast, acting: Any, browse: Any) -> None:
        with acting(banks.admin):
            made = rule(banks.admin, "Banks", banks.territories["East 1"], is_in("industry", "Banking"))
        text = plain(browse(banks.admin).get(reverse("rule_detail", args=[made.pk])))
        assert re.search(
            r"6 accounts match now Stay where a person placed them 2 Stay because somebody", text
        )

    def test_nothing_in_the_way_is_said(self, cast: Cast, acting: Any, browse: Any) -> None:
        with acting(cast.admin):
            made = rule(
                cast.admin, "One", cast.territories["East 1"], is_in("account", cast.accounts["Acorn"].pk)
            )
        text = plain(browse(cast.admin).get(reverse("rule_detail", args=[made.pk])))
        assert "None of them is held or placed by hand elsewhere, and no other rule takes them." in text
