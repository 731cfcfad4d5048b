"""Web and worker are bound: without a context nothing is visible, and no test passes because of a superuser."""

from typing import Any

import pytest
from django.db import connection

from accounts.models import Account
from common.database_roles import SESSION_TABLES
from orders.models import Credit
from pipeline.models import Opportunity
from tests.cast import Cast


def test_the_tests_run_as_a_role_that_row_policies_bind(db: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == ("salesops_web", False, False)


def test_without_a_context_nothing_is_visible(cast: Cast) -> None:
    assert [model.objects.count() for model in (Account, Opportunity, Credit)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("table", "web", "worker"),
    [
        ("quotas_leafcell", "SELECT", "SELECT INSERT UPDATE DELETE"),
        ("quotas_publication", "SELECT", "SELECT INSERT UPDATE DELETE"),
        ("quotas_runpart", "SELECT", "SELECT INSERT UPDATE DELETE"),
        ("quotas_partpiece", "SELECT", "SELECT INSERT UPDATE DELETE"),
        ("forecasts_score", "SELECT", "SELECT INSERT UPDATE DELETE"),
        ("orders_dirtycell", "SELECT INSERT", "SELECT INSERT DELETE"),
        ("accounts_movedaccount", "SELECT INSERT", "SELECT INSERT DELETE"),
        ("orders_credit", "SELECT INSERT", "SELECT INSERT"),
        ("accounts_account", "SELECT INSERT UPDATE DELETE", "SELECT INSERT UPDATE"),
        ("common_idempotencykey", "SELECT INSERT UPDATE", "SELECT INSERT UPDATE DELETE"),
        ("common_rowchange", "SELECT INSERT", "SELECT INSERT DELETE"),
        ("workspace_webhookdelivery", "SELECT INSERT UPDATE", "SELECT INSERT UPDATE DELETE"),
    ],
)
def test_each_role_touches_what_is_its_own(db: str, owner: Any, table: str, web: str, worker: str) -> None:
    held = {}
    for role in ("web", "worker"):
        rights = []
        for right in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            owner.execute("SELECT has_table_privilege(%s, %s, %s)", [f"salesops_{role}", table, right])
            rights += [right] if owner.fetchone()[0] else []
        held[role] = " ".join(rights)
    assert held == {"web": web, "worker": worker}


UNDONE = """
accounts_account accounts_accountterritory accounts_classification accounts_module accounts_modulemember
accounts_potential
catalog_family catalog_product pipeline_lead pipeline_opportunity pipeline_opportunityline
pipeline_stagevisit pipeline_standing
territories_edge territories_rolegrant territories_seat territories_territory territories_user
workspace_message
"""


def test_the_web_deletes_from_no_table_but_those_of_imports_and_sessions(db: str, owner: Any) -> None:
    owner.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        " AND has_table_privilege('salesops_web', oid, 'DELETE')"
    )
    assert {name for (name,) in owner.fetchall()} == {*UNDONE.split(), *SESSION_TABLES}


def test_a_rep_sees_their_own_deal_by_policy_alone(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        assert [deal.name for deal in Opportunity.objects.all()] == ["Acorn renewal"]


def test_a_director_sees_their_subtree_and_no_other(cast: Cast, acting: Any) -> None:
    with acting(cast.director):
        assert {deal.name for deal in Opportunity.objects.all()} == {"Acorn renewal", "Beech renewal"}
