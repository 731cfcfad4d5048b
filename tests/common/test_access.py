"""One table, two readers: the queries' scope and the database's policies show each person the same rows."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction

from accounts.models import Account, AccountTerritory, Contact
from common.access import Reach, rule_for, table
from common.errors import Forbidden
from common.models import Organisation
from common.transaction import reach, widened
from orders.models import Credit, Order
from pipeline.models import Activity, Opportunity, OpportunityLine, Participant, StageVisit
from quotas.models import LeafCell, Quota
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
    table.cache_clear()
    try:
        read()
    finally:
        table.cache_clear()


def test_open_objects_are_read_by_whoever_is_signed_in(cast: Cast, acting: Any) -> None:
    with acting(cast.coordinator):
        assert Organisation.objects.filter(reach().q(Organisation)).count() == 1
    assert Organisation.objects.filter(Reach.nothing().q(Organisation)).count() == 0
    connection.close()
