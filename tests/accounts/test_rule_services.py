"""Making and changing rules: who may, and what is refused with its place and its remedy."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Rule
from accounts.selectors.rules import matched, unknown_values
from accounts.services.rules import create_rule, edit_rule
from common.errors import Forbidden, NotInReach, Refused, Stale
from territories.models import Edge, Territory
from tests.accounts.ruled import JUNE, START, account, between, is_in, rule
from tests.cast import Cast


@pytest.fixture
def overlay(cast: Cast, acting: Any) -> Territory:
    with acting(cast.admin):
        node = Territory.objects.create(name="Cloud", code="CLOUD", kind="overlay")
        Edge.objects.create(child=node, parent=cast.territories["East"], starts_on=START)
    return node


def refused(cast: Cast, acting: Any, **changes: Any) -> Refused:
    """Why a rule with these changes is not made."""
    usual = {"name": "A", "territory_id": cast.territories["East 1"].pk, "conditions": [[is_in("tier", "A")]]}
    with acting(cast.admin), pytest.raises(Refused) as refusal:
        create_rule(by=cast.admin.pk, **{**usual, **changes})
    return refusal.value


class TestMaking:
    def test_an_administrator_makes_one(self, cast: Cast, acting: Any, overlay: Territory) -> None:
        with acting(cast.admin):
            made = rule(cast.admin, " A ", cast.territories["East 1"], is_in("tier", "A"), priority=7)
            assert (made.name, made.priority, made.spares_placed, made.is_active) == ("A", 7, True, True)
            special = rule(cast.admin, "B", overlay, is_in("tier", "A"), coverage="partner", is_active=False)
            assert (special.coverage, special.is_active) == ("partner", False)

    def test_nobody_else_does(self, cast: Cast, acting: Any) -> None:
        for person in (cast.director, cast.executive, cast.coordinator):
            with acting(person), pytest.raises(Forbidden):
                rule(person, "A", cast.territories["East 1"], is_in("tier", "A"))

    def test_a_name_is_there_and_once(self, cast: Cast, acting: Any) -> None:
        assert refused(cast, acting, name=" ").path == "name"
        with acting(cast.admin):
            rule(cast.admin, "A", cast.territories["East 1"], is_in("tier", "A"))
        assert "There is a rule of that name already." in str(refused(cast, acting, name="a"))

    def test_a_priority_has_limits(self, cast: Cast, acting: Any) -> None:
        assert "from 1 to 1,000,000" in str(refused(cast, acting, priority=0))

    @pytest.mark.parametrize(
        ("written", "said"),
        [
            ([], "There is no condition. Say of which accounts it holds."),
            (
                [[is_in("tier", "A")], []],
                "Group 2: This group is empty. Add a condition or remove the group.",
            ),
            (
                [[is_in("tier", "A"), between("employees", 9, 8)]],
                "Group 1, condition 2: The range is reversed",
            ),
            ([[is_in("account", 999)]], "There is no account 999. Name accounts by numbers that there are."),
        ],
    )
    def test_conditions_that_cannot_be_meant(self, cast: Cast, acting: Any, written: Any, said: str) -> None:
        refusal = refused(cast, acting, conditions=written)
        assert (refusal.path, str(refusal.message).startswith(said)) == ("conditions", True)

    def test_what_holds_of_every_account(self, cast: Cast, acting: Any) -> None:
        refusal = refused(cast, acting, conditions=[[is_in("country", "us")]])
        assert str(refusal.message) == "These conditions hold of every account, of all 3. Narrow them."
        either = [[is_in("country", "us"), is_in("tier", "A")], [is_in("industry", "retail")]]
        assert refused(cast, acting, conditions=either).code == "matches_all"

    def test_where_nothing_is_known_nothing_is_every_account(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin):
            account("Small", employees=3)
            made = rule(cast.admin, "Small ones", cast.territories["East 1"], between("employees", 0, None))
            assert (made.name, made.is_active) == ("Small ones", True)

    def test_a_territory_that_takes_no_such_accounts(
        self, cast: Cast, acting: Any, overlay: Territory
    ) -> None:
        assert str(refused(cast, acting, territory_id=0)) == "Choose a territory of the tree."
        assert "Cloud is an overlay" in str(refused(cast, acting, territory_id=overlay.pk))
        assert "East 1 is no overlay" in str(refused(cast, acting, coverage="specialist"))
        assert refused(cast, acting, coverage="cloud").path == "coverage"
        with acting(cast.admin):
            Edge.objects.get(child=overlay).replaced(stops_on=START.replace(year=2026))
        retired = refused(cast, acting, coverage="partner", territory_id=overlay.pk)
        assert str(retired.message) == "Cloud is retired. Choose a territory of the tree."


class TestChanging:
    @pytest.fixture
    def made(self, cast: Cast, acting: Any) -> Rule:
        with acting(cast.admin):
            return rule(cast.admin, "A", cast.territories["East 1"], is_in("tier", "A"))

    def edit(self, cast: Cast, acting: Any, made: Rule, **changes: Any) -> Rule:
        with acting(cast.admin):
            edit_rule(by=cast.admin.pk, rule_id=made.pk, version=made.version, **changes)
            made.refresh_from_db()
        return made

    def test_it_changes_and_counts_its_versions(self, cast: Cast, acting: Any, made: Rule) -> None:
        self.edit(cast, acting, made, name="B", conditions=[[is_in("tier", "B")]])
        assert (made.name, made.conditions, made.version) == ("B", [[is_in("tier", "B")]], 2)

    def test_what_is_refused_as_for_a_new_one(self, cast: Cast, acting: Any, made: Rule) -> None:
        refused: list[dict[str, Any]] = [
            {"name": ""},
            {"conditions": []},
            {"territory_id": 0},
            {"colour": "red"},
        ]
        for changes in refused:
            with pytest.raises(Refused):
                self.edit(cast, acting, made, **changes)

    def test_out_of_use_its_territory_may_be_gone(self, cast: Cast, acting: Any, made: Rule) -> None:
        with acting(cast.admin):
            Edge.objects.get(child=cast.territories["East 1"]).replaced(stops_on=START.replace(year=2026))
        assert not self.edit(cast, acting, made, is_active=False).is_active
        with pytest.raises(Refused, match="retired"):
            self.edit(cast, acting, made, is_active=True)

    def test_who_read_an_older_version_is_told(self, cast: Cast, acting: Any, made: Rule) -> None:
        self.edit(cast, acting, made, priority=5)
        made.version = 1
        with pytest.raises(Stale):
            self.edit(cast, acting, made, priority=6)

    def test_there_is_none_of_that_id(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin), pytest.raises(NotInReach):
            edit_rule(by=cast.admin.pk, rule_id=99, version=1, name="B")

    def test_only_administrators(self, cast: Cast, acting: Any, made: Rule) -> None:
        with acting(cast.director), pytest.raises(Forbidden):
            edit_rule(by=cast.director.pk, rule_id=made.pk, version=1, name="B")


class TestWhatMatches:
    def test_count_and_examples_obey_the_reach(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin):
            groups = rule(
                cast.admin, "R", cast.territories["East 1"], is_in("account", *self.ids(cast))
            ).conditions
        from accounts.rules.conditions import read
        from common.transaction import reach

        for person, names in ((cast.admin, ["Acorn", "Cedar"]), (cast.director, ["Acorn"])):
            with acting(person):
                found = matched(read(groups), reach())
                assert (found.count.value, [one.name for one in found.examples]) == (len(names), names)

    def ids(self, cast: Cast) -> list[int]:
        return [cast.accounts[name].pk for name in ("Acorn", "Cedar")]

    def test_values_that_no_account_has_are_named(self, cast: Cast, acting: Any) -> None:
        from accounts.rules.conditions import read

        with acting(cast.admin):
            account("One", postcode="94105")
            written = [
                [is_in("country", "US", "Atlantis"), is_in("postcode", "94", "99999")],
                [is_in("tier", "Z")],
            ]
            assert unknown_values(read(written)) == ["Atlantis", "99999", "Z"]
            assert JUNE > START


def test_many_values_are_looked_up_by_as_many_queries_as_one(cast: Cast, acting: Any) -> None:
    from accounts.rules.conditions import read

    asked = []
    with acting(cast.admin):
        for count in (1, 101):
            texts = [f"I{number}" for number in range(count)]
            with CaptureQueriesContext(connection) as queries:
                assert unknown_values(read([[is_in("industry", *texts)]])) == texts
            asked.append(len(queries))
    assert asked[0] == asked[1]
