"""One table, two readers: the queries' scope and the database's policies show each person the same rows."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.db.models import Model

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
    class Stranger(Model):
        class Meta:
            app_label = "common"
            managed = False

        def __str__(self) -> str:
            return "nobody knows me"

    with pytest.raises(ImproperlyConfigured, match="does not know"):
        rule_for(Stranger)


def test_the_table_refuses_unknown_roles(tmp_path: Any, settings: Any) -> None:
    path = tmp_path / "access.toml"
    path.write_text('[organisation]\nmodel = "common.Organisation"\nread = { king = ["org"] }\n')
    settings.ACCESS_TABLE = path
    table.cache_clear()
    try:
        with pytest.raises(ImproperlyConfigured, match="king"):
            table()
    finally:
        table.cache_clear()


def test_open_objects_are_read_by_whoever_is_signed_in(cast: Cast, acting: Any) -> None:
    with acting(cast.coordinator):
        assert Organisation.objects.filter(reach().q(Organisation)).count() == 1
    assert Organisation.objects.filter(Reach.nothing().q(Organisation)).count() == 0
    connection.close()
