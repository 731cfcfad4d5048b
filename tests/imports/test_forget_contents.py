"""What tables held is forgotten after 30 days where nothing of it is in; what is refused by the database itself."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from imports.models import Batch
from imports.services import undo_batch
from imports.tasks import forget_contents
from tests.imports.company import everything
from tests.imports.tables import Tables, as_admin
from tests.quotas.conftest import worker


@pytest.fixture
def tables(cast):
    return Tables(cast.admin)


def kept():
    with everything():
        return {one.table: (bytes(one.content) != b"", one.rejects != []) for one in Batch.objects.all()}


def test_what_was_undone_or_never_brought_in_is_forgotten_after_30_days(tables, cast, browse):
    tables.bring("products", "Code | Name | Family", "N1 | Nut | Bolts")
    undone = tables.bring("accounts", "Number | Name", "N-1 | Nine")
    with as_admin(cast.admin):
        undo_batch(by=cast.admin.pk, batch_id=undone.pk)
    looked_at = tables.check("people", "Name | E-mail | Role", "Ann |  | rep")
    before = {"products": (True, False), "accounts": (True, False), "people": (True, True)}
    assert kept() == before
    for days, after in (
        (29, before),
        (31, {"products": (True, False), "accounts": (False, False), "people": (False, False)}),
    ):
        then = timezone.now() - timedelta(days=days)
        with everything():
            Batch.objects.filter(state="undone").update(undone_at=then)
            Batch.objects.update(started_at=then)
        with worker():
            forget_contents()
        assert kept() == after
        with everything():
            notes = Batch.objects.get(table="products").style["notes"]
            assert notes == ["1 product family is new: Bolts."]
            assert ("notes" in Batch.objects.get(pk=undone.pk).style) == (days == 29)
    client = browse(cast.admin)
    assert client.get(f"/imports/{undone.pk}/original/").status_code == 404
    page = client.get(f"/imports/{undone.pk}/").content.decode()
    assert "The original" not in page
    assert "1 account" in page
    page = client.get(f"/setup/tables/people/?batch={looked_at.pk}").content.decode()
    assert "Bring in " not in page


def test_a_batch_is_in_one_state_and_one_of_a_person_s_tables_is_looked_at(tables, cast):
    batch = tables.check("people", "Name | E-mail | Role", "Ann | ann@x.example | rep")
    now, request = timezone.now(), uuid4()
    wrong = [
        {"state": "applied"},
        {"state": "applied", "applied_at": now},
        {"state": "undone", "applied_at": now, "request_id": request},
        {"applied_at": now},
        {"request_id": request},
        {"undone_at": now},
    ]
    for facts in wrong:
        with everything(), pytest.raises(IntegrityError, match="batch_states"), transaction.atomic():
            Batch.objects.filter(pk=batch.pk).update(**facts)
    with everything(), pytest.raises(IntegrityError, match="batch_one_checked"), transaction.atomic():
        Batch.objects.create(by=cast.admin, table="people", profile="people", state="checked")
