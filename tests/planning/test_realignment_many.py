"""A realignment of many accounts asks the database no more often than one of few."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, AccountTerritory
from common.access import Reach
from common.transaction import work
from pipeline.models import Opportunity
from planning.models import Draft
from planning.services.drafts import add_move, create_draft
from planning.services.realigning import preview_draft, publish_draft

TODAY = date(2026, 5, 20)


def many(cast: Any, number: int) -> list[int]:
    """So many accounts in East 1, every second one with an open deal of Rita's."""
    like = Opportunity.objects.get(name="Acorn renewal")
    columns = {f.attname: getattr(like, f.attname) for f in like._meta.concrete_fields if not f.generated}
    node = cast.territories["East 1"]
    made = Account.objects.bulk_create(
        Account(name=f"Tree {number} {each}", number=f"T-{number}-{each}", territory=node)
        for each in range(number)
    )
    AccountTerritory.objects.bulk_create(
        AccountTerritory(account=one, territory=node, starts_on=date(2025, 1, 1)) for one in made
    )
    Opportunity.objects.bulk_create(
        Opportunity(
            **{**columns, "id": None, "number": f"O-{one.number}", "name": one.name, "account_id": one.pk}
        )
        for one in made[::2]
    )
    return [one.pk for one in made]


def statements(cast: Any, acting: Any, number: int) -> tuple[int, int]:
    """How many statements the preview takes, and publishing."""
    with acting(cast.admin):
        ids = many(cast, number)
    with acting(cast.admin):
        draft = create_draft(by=cast.admin.pk, name=f"{number} trees", starts_on=TODAY)
        west = cast.territories["West 1"].pk
        move = {"kind": "accounts", "account_ids": ids, "into_id": west, "open_work": "go"}
        add_move(by=cast.admin.pk, draft_id=draft.pk, **move)
        draft.refresh_from_db()
        with CaptureQueriesContext(connection) as seen:
            draft = preview_draft(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)
    with work(by=None, why="approved", reach=Reach.everything()):
        Draft.objects.filter(pk=draft.pk).update(state="queued", approved_by=cast.admin)
    with (
        work(by=None, why="a realignment", reach=Reach.everything()),
        CaptureQueriesContext(connection) as made,
    ):
        done = publish_draft(draft_id=draft.pk)
    assert done is not None
    assert (done.state, done.preview["accounts"], len(done.preview["deals"])) == (
        "published",
        number,
        (number + 1) // 2,
    )
    return len(seen), len(made)


@pytest.mark.parametrize("number", [300])
def test_many_accounts_take_as_many_statements_as_few(cast, acting, number):
    statements(cast, acting, 3)  # what is read once is read
    assert statements(cast, acting, number) == statements(cast, acting, 5)
