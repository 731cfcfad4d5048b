"""Web and worker are bound: without a context nothing is visible, and no test passes because of a superuser."""

from typing import Any

from django.db import connection

from accounts.models import Account
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


def test_a_rep_sees_their_own_deal_by_policy_alone(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        assert [deal.name for deal in Opportunity.objects.all()] == ["Acorn renewal"]


def test_a_director_sees_their_subtree_and_no_other(cast: Cast, acting: Any) -> None:
    with acting(cast.director):
        assert {deal.name for deal in Opportunity.objects.all()} == {"Acorn renewal", "Beech renewal"}
