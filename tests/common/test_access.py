"""One table, two readers: the queries' scope and the database's policies show each person the same rows."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.db.models import F, Q, Value

from accounts.models import Account, AccountTerritory, Contact
from common.access import AnyOf, Reach, found, known, policy_sql, rule_for, seen, table
from common.errors import Forbidden, NotInReach
from common.models import Organisation
from common.services import set_policy
from common.transaction import reach, widened, work
from orders.models import Credit, Order
from pipeline.models import Activity, Opportunity, OpportunityLine, Participant, StageVisit
from pipeline.services import log_activity
from quotas.models import LeafCell, Quota
from territories.services import seat_person
from tests.cast import PEOPLE, Cast

SCOPED = [
    Account,
    AccountTerritory,
    Activity,
    Contact,
    Credit,
    LeafCell,
    Opportunity,
    OpportunityLine,
    Order,
    Participant,
    Quota,
    StageVisit,
]


@pytest.mark.parametrize("key", PEOPLE)
def test_queries_and_policies_show_the_same_rows(cast: Cast, acting: Any, key: str) -> None:
    with acting(getattr(cast, key)):
        for model in SCOPED:
            by_policy = set(model._default_manager.values_list("pk", flat=True))
            by_query = set(model._default_manager.filter(reach().q(model)).values_list("pk", flat=True))
            assert by_query == by_policy, model


def test_each_of_the_cast_sees_exactly_their_accounts(cast: Cast, acting: Any) -> None:
    seen = {}
    for key in PEOPLE:
        with acting(getattr(cast, key)):
            seen[key] = {account.name for account in Account.objects.all()}
    everything = {"Acorn", "Beech", "Cedar"}
    assert seen == {
        "rep": {"Acorn"},
        "peer": {"Beech"},
        "manager": {"Acorn", "Beech"},
        "director": {"Acorn", "Beech"},
        "other_rep": {"Cedar"},
        "other_manager": {"Cedar"},
        "other_director": {"Cedar"},
        "admin": everything,
        "coordinator": everything,
        "executive": everything,
    }


def test_a_participant_reads_the_deal_that_credit_gave_them(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        Participant.objects.create(opportunity=cast.deals["Cedar renewal"], user=cast.rep, reason="split")
    with acting(cast.rep):
        names = {deal.name for deal in Opportunity.objects.all()}
        assert names == {"Acorn renewal", "Cedar renewal"}
        assert names == {deal.name for deal in Opportunity.objects.visible_to(reach())}


SMALL = """
[deal]
model = "pipeline.Opportunity"
own = ["owner_id"]
nodes = ["territory_id"]
sub = ["territory_id"]
people = ["owner_id"]
credit = ["pipeline.Participant", "opportunity_id"]
read = { rep = ["own"], coordinator = ["nodes", "credit"], manager = ["sub", "people"], admin = ["org"] }
update = { rep = ["own", "credit"], manager = ["sub", "people"], admin = ["org"] }
list = { rep = ["org"] }

[line]
model = "pipeline.OpportunityLine"
via = ["opportunity_id", "deal"]

[year]
model = "common.Period"
open = true
update = { admin = ["org"] }

[cell]
model = "quotas.LeafCell"
derived = true

[key]
model = "orders.DirtyCell"
queue = true
"""


@pytest.fixture
def small(tmp_path: Path, settings: Any) -> Iterator[None]:
    """An access table with every relation in it, in place of the product's."""
    settings.ACCESS_TABLE = tmp_path / "small.toml"
    settings.ACCESS_TABLE.write_text(SMALL)
    _forget()
    yield
    _forget()


def _forget() -> None:
    table.cache_clear()
    rule_for.cache_clear()


@pytest.mark.parametrize(
    ("roles", "name", "action", "relations"),
    [
        ("rep", "deal", "read", "own"),
        ("rep coordinator", "deal", "read", "own nodes credit"),
        ("rep admin", "deal", "read", "org"),
        ("executive", "deal", "read", ""),
        ("", "deal", "read", ""),
        ("rep", "deal", "update", "own credit"),
        ("rep", "deal", "delete", ""),
        ("rep", "year", "read", "org"),
        ("", "year", "read", ""),
        ("rep", "year", "update", ""),
        ("rep", "cell", "read", ""),
    ],
)
def test_roles_reach_rows_through_relations(
    small: None, roles: str, name: str, action: str, relations: str
) -> None:
    mine = Reach(7, frozenset(roles.split()))
    assert mine.relations(name, action) == frozenset(relations.split())


@pytest.mark.parametrize(("action", "relations"), [("read", {"own"}), ("list", {"org"}), ("update", set())])
def test_a_token_that_only_reads_has_the_actions_that_change_nothing(
    small: None, action: str, relations: set[str]
) -> None:
    mine = Reach(7, frozenset({"rep"}), scopes=frozenset({"read"}))
    assert mine.relations("deal", action) == relations


def test_reading_is_what_is_asked_first(small: None) -> None:
    assert Reach(7, frozenset({"rep"})).relations("deal") == {"own"}
    assert Reach.everything().relations("cell") == {"org"}
    assert Reach.nothing().relations("deal") == frozenset()


def test_a_role_is_one_of_those_asked_for() -> None:
    mine = Reach(7, frozenset({"rep", "manager"}))
    assert mine.has_role("manager", "admin") is True
    assert mine.has_role("admin", "executive") is False
    assert Reach.everything().has_role("admin") is True
    assert Reach.nothing().has_role("admin") is False


def test_each_relation_has_its_ids() -> None:
    mine = Reach(7, nodes=frozenset({1}), territories=frozenset({1, 2}), people=frozenset({8, 9}))
    relations = ("own", "nodes", "peers", "sub", "people")
    assert [mine.ids(relation) for relation in relations] == [{7}, {1}, frozenset(), {1, 2}, {8, 9}]
    assert Reach(7, peers=frozenset({1})).ids("peers") == {1}
    assert [Reach.nothing().ids(relation) for relation in relations] == [frozenset()] * 5


def test_a_query_asks_for_each_relation_that_reaches_anything(small: None) -> None:
    nobody = Q(pk__in=[])
    rep = Reach(7, frozenset({"rep"}))
    assert rep.q(Opportunity) == nobody | Q(owner_id=7)
    assert rep.q(Opportunity, "opportunity__") == nobody | Q(opportunity__owner_id=7)
    assert rep.q(OpportunityLine) == nobody | Q(opportunity__owner_id=7)
    assert rep.q(OpportunityLine, "line__") == nobody | Q(line__opportunity__owner_id=7)
    assert rep.q(LeafCell) == nobody
    leads = Reach(7, frozenset({"manager"}), territories=frozenset({2, 1}), people=frozenset({8}))
    team = nobody | Q(owner_id=8) | Q(AnyOf(F("territory_id"), Value([1, 2])))
    assert leads.q(Opportunity) == team
    assert Reach(7, frozenset({"manager"})).q(Opportunity) == nobody
    assert Reach.everything().q(OpportunityLine) == Q()


def test_a_query_for_credit_asks_the_participants(small: None) -> None:
    mine = Reach(7, frozenset({"coordinator"}))
    theirs = (
        'ANY(ARRAY(SELECT U0."opportunity_id" AS "opportunity_id" FROM "pipeline_participant" U0'
        ' WHERE U0."user_id" = 7))'
    )
    deals = str(Opportunity.objects.filter(mine.q(Opportunity)).query)
    assert deals.partition(" WHERE ")[2] == f'"pipeline_opportunity"."id" = {theirs}'
    lines = str(OpportunityLine.objects.order_by().filter(mine.q(OpportunityLine)).query)
    assert lines.partition(" WHERE ")[2] == f'"pipeline_opportunityline"."opportunity_id" = {theirs}'


ME = "SELECT nullif(current_setting('app.user', true), '')::bigint WHERE"


def _granted(pair: str) -> str:
    return f"'{pair}' = ANY(string_to_array(current_setting('app.grants', true), ','))"


def _any_of(setting: str, pair: str) -> str:
    ids = f"SELECT nullif(current_setting('{setting}', true), '')::bigint[] WHERE {_granted(pair)}"
    return f"ANY(({ids})::bigint[])"


def test_a_policy_asks_for_the_same_relations(small: None) -> None:
    mine = f"({ME} {_granted('deal:credit')})"
    theirs = f"SELECT x.opportunity_id FROM pipeline_participant x WHERE x.user_id = {mine}"
    assert policy_sql(table()["deal"]).split(" OR ") == [
        f"(SELECT {_granted('deal:org')})",
        f"id = ANY(ARRAY({theirs}))",
        f"owner_id = {_any_of('app.people', 'deal:people')}",
        f"territory_id = {_any_of('app.territories', 'deal:sub')}",
        f"territory_id = {_any_of('app.nodes', 'deal:nodes')}",
        f"owner_id = ({ME} {_granted('deal:own')})",
    ]


def test_a_policy_of_children_asks_for_their_parent(small: None) -> None:
    assert policy_sql(table()["line"]).split(" OR ") == [
        f"(SELECT {_granted('line:org')})",
        "EXISTS (SELECT 1 FROM pipeline_opportunity p WHERE p.id = pipeline_opportunityline.opportunity_id)",
    ]


def test_a_policy_of_what_nobody_reads_leaves_it_to_the_organisation(small: None) -> None:
    assert policy_sql(table()["cell"]) == f"(SELECT {_granted('cell:org')})"


def test_grants_name_what_policies_check(small: None) -> None:
    assert Reach(7, frozenset({"rep", "manager"})).grants() == ["deal:own", "deal:people", "deal:sub"]
    assert Reach.everything().grants() == ["cell:org", "deal:org", "key:org", "line:org"]


@pytest.mark.parametrize(
    ("row", "allowed"),
    [
        ({"owner_id": 8, "territory_id": 3}, True),
        ({"owner_id": 6, "territory_id": 2}, True),
        ({"owner_id": 6, "territory_id": 3}, False),
        ({"territory_id": 2}, True),
        ({}, False),
        (None, False),
        (Opportunity(owner_id=8, territory_id=3), True),
        (Opportunity(owner_id=6, territory_id=3), False),
    ],
)
def test_a_row_is_theirs_through_any_of_its_columns(small: None, row: Any, allowed: bool) -> None:
    leads = Reach(7, frozenset({"manager"}), territories=frozenset({1, 2}), people=frozenset({8}))
    assert leads.allows("deal", "update", row) is allowed


def test_credit_alone_changes_nothing(small: None) -> None:
    mine = Reach(7, frozenset({"rep"}))
    assert mine.allows("deal", "update", {"owner_id": 7})
    assert not mine.allows("deal", "update", {"owner_id": 8})


def test_what_is_required_is_allowed_or_forbidden(small: None) -> None:
    mine = Reach(7, frozenset({"rep"}))
    mine.require("deal", "update", {"owner_id": 7})
    for action, row in (("update", {"owner_id": 8}), ("update", None), ("delete", {"owner_id": 7})):
        with pytest.raises(Forbidden):
            mine.require("deal", action, row)


def test_a_row_out_of_reach_is_as_good_as_none(cast: Cast) -> None:
    mine = Reach(cast.rep.pk, frozenset({"rep"}))
    deal, foreign = cast.deals["Acorn renewal"], cast.deals["Cedar renewal"]
    with work(by=None, why="a look", reach=Reach.everything()):
        assert seen(Opportunity.objects.all(), mine, deal.pk) == deal
        for pk in (foreign.pk, 0):
            with pytest.raises(NotInReach):
                seen(Opportunity.objects.all(), mine, pk)


def test_a_row_is_found_or_refused() -> None:
    assert found("a row") == "a row"
    with pytest.raises(NotInReach):
        found(None)


def test_the_table_says_what_may_be_asked(small: None) -> None:
    assert known("deal", "update") == ("deal", "update")
    assert known("year", "read") == ("year", "read")
    for name, action in (("deal", "book"), ("line", "read"), ("year", "list"), ("quota", "read")):
        with pytest.raises(ImproperlyConfigured) as refused:
            known(name, action)
        assert str(refused.value) == f"access table, {name}.{action}: nothing of that name"


def test_the_table_says_how_rows_come_to_be(small: None) -> None:
    flags = {name: (rule.is_open, rule.is_derived, rule.is_queue) for name, rule in table().items()}
    assert flags == {
        "deal": (False, False, False),
        "line": (False, False, False),
        "year": (True, False, False),
        "cell": (False, True, False),
        "key": (False, False, True),
    }


def test_two_roles_add_up_but_never_multiply(cast: Cast, acting: Any) -> None:
    """A rep of one subtree who leads nothing gains no subtree from another role that names one."""
    mine = Reach(cast.rep.pk, frozenset({"rep", "manager"}), territories=frozenset())
    assert not mine.allows("opportunity", "read", {"owner_id": cast.peer.pk, "territory_id": 1})


def test_widening_ends_with_its_block(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        with widened("account"):
            assert Account.objects.count() == 3
        assert Account.objects.count() == 1


def test_a_failed_block_leaves_no_wider_view(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        with pytest.raises(RuntimeError), transaction.atomic(), widened("account"):
            raise RuntimeError
        assert Account.objects.count() == 1


def test_a_token_without_write_changes_nothing(cast: Cast) -> None:
    mine = Reach(cast.admin.pk, frozenset({"admin"}), scopes=frozenset({"read"}))
    assert mine.allows("account", "read")
    with pytest.raises(Forbidden):
        mine.require("account", "update")


def test_every_business_table_is_guarded_or_open_on_purpose(cast: Cast, owner: Any) -> None:
    owner.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
        "AND NOT (relrowsecurity AND relforcerowsecurity)"
    )
    bare = {row[0] for row in owner.fetchall()}
    closed = {rule.model_class()._meta.db_table for rule in table().values() if not rule.is_open}
    assert not closed & bare


def test_a_model_without_a_rule_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        rule_for(Session)
    assert str(refused.value) == "the access table does not know sessions.Session"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('read = { king = ["org"] }', "access table, deal.read: no role king"),
        ('read = { rep = ["owner"] }', "access table, deal.read: nothing to look at for owner"),
        ('read = { rep = ["own"] }', "access table, deal.read: nothing to look at for own"),
        ('update = { rep = ["credit"] }', "access table, deal.update: nothing to look at for credit"),
        ('owm = ["owner_id"]', "access table, deal.owm: no such key"),
        ("opne = true", "access table, deal.opne: no such key"),
        ("quue = true\nopne = true", "access table, deal.opne, quue: no such key"),
        ('read = { queen = ["org"], king = ["org"] }', "access table, deal.read: no role king, queen"),
        ('read = { rep = ["sub", "own"] }', "access table, deal.read: nothing to look at for own, sub"),
        ('own = ["owner"]', "access table, deal.own: pipeline.Opportunity has no column owner"),
        (
            'credit = ["pipeline.Helper", "opportunity_id"]',
            "access table, deal.credit: no model pipeline.Helper",
        ),
        (
            'credit = ["pipeline.Participant", "deal_id"]',
            "access table, deal.credit: pipeline.Participant has no column deal_id",
        ),
        (
            'via = ["parent_id", "account"]',
            "access table, deal.via: pipeline.Opportunity has no column parent_id",
        ),
        ('via = ["account_id", "account"]', "access table, deal.via: no object account"),
    ],
)
def test_a_mistake_in_the_table_is_named(tmp_path: Any, settings: Any, line: str, words: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        _read(tmp_path, settings, f'[deal]\nmodel = "pipeline.Opportunity"\n{line}\n')
    assert str(refused.value) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[deal]\nmodel = "pipeline.Deal"\n', "access table, deal.model: no model pipeline.Deal"),
        ("[deal]\nopen = true\n", "access table, deal.model: no model "),
    ],
)
def test_an_object_has_a_model(tmp_path: Any, settings: Any, text: str, words: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        _read(tmp_path, settings, text)
    assert str(refused.value) == words


def test_a_mistake_in_the_table_stops_the_start(tmp_path: Any, settings: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"deal\.opne"):
        _read(tmp_path, settings, "[deal]\nopne = true\n", apps.get_app_config("common").ready)


def _read(folder: Any, settings: Any, text: str, read: Callable[[], object] = table) -> None:
    settings.ACCESS_TABLE = folder / "access.toml"
    settings.ACCESS_TABLE.write_text(text)
    _forget()
    try:
        read()
    finally:
        _forget()


def test_open_objects_are_read_by_whoever_is_signed_in(cast: Cast, acting: Any) -> None:
    with acting(cast.coordinator):
        assert Organisation.objects.filter(reach().q(Organisation)).count() == 1
    assert Organisation.objects.filter(Reach.nothing().q(Organisation)).count() == 0
    connection.close()


def test_colleagues_read_each_others_deals_only_where_the_company_lets_them(cast: Cast, acting: Any) -> None:
    """A peer who also sits in East 1 reads its deals from the moment of the setting, and changes none of them."""
    with acting(cast.admin):
        place = cast.territories["East 1"].pk
        seat_person(
            by=cast.admin.pk,
            user_id=cast.peer.pk,
            territory_id=place,
            kind="overlay",
            starts_on=date(2026, 5, 20),
        )
    assert _deals_of(cast.peer, acting) == {"Beech renewal"}
    _decide(cast, acting, "team_read")
    assert _deals_of(cast.peer, acting) == {"Acorn renewal", "Beech renewal"}
    assert _deals_of(cast.other_rep, acting) == {"Cedar renewal"}
    with acting(cast.peer):
        deal = cast.deals["Acorn renewal"]
        assert not reach().allows("opportunity", "update", deal)
        with pytest.raises(NotInReach):
            log_activity(by=cast.peer.pk, kind="call", subject="Called", opportunity_id=deal.pk)
    _decide(cast, acting, "private")
    assert _deals_of(cast.peer, acting) == {"Beech renewal"}


def _decide(cast: Cast, acting: Any, value: str) -> None:
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name="peer_visibility", value=value)


def _deals_of(person: Any, acting: Any) -> set[str]:
    with acting(person):
        by_policy = {deal.name for deal in Opportunity.objects.all()}
        assert by_policy == {deal.name for deal in Opportunity.objects.visible_to(reach())}
        return by_policy
