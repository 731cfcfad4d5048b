"""What the product told people who never came in does not keep the import that made them."""

from typing import Any

from common.access import Reach
from common.transaction import work
from imports.models import Batch
from imports.services import undo_batch
from territories.models import User
from tests.cast import Cast
from tests.imports.tables import Tables, as_admin
from workspace.models import Event, Message
from workspace.services import tell


def everything() -> Any:
    return work(by=None, why="a test", reach=Reach.everything())


def reminded(cast: Cast) -> Batch:
    """Ann is brought in and reminded of a call that she can't know of; so is who leads her, and of somebody else."""
    batch = Tables(cast.admin).bring("people", "Name | E-mail | Role", "Ann | ann@x.example | rep")
    with everything():
        ann = User.objects.get(email="ann@x.example").pk
        tell(event=Event.FORECAST_DUE, people=[ann, cast.rep.pk], key="due", about="2026-Q2")
        tell(event=Event.FORECAST_LATE, people=[cast.director.pk], key="1", about="2026-Q2", by=ann)
        tell(event=Event.FORECAST_LATE, people=[cast.director.pk], key="2", about="2026-Q2", by=cast.rep.pk)
    return batch


def test_people_who_were_only_reminded_are_undone_with_what_they_were_told(cast: Cast) -> None:
    batch = reminded(cast)
    with as_admin(cast.admin):
        undo_batch(by=cast.admin.pk, batch_id=batch.pk)
    with everything():
        assert not User.objects.filter(email="ann@x.example").exists()
        left = Message.objects.order_by("pk").values_list("person__name", "event", "by__name")
        assert list(left) == [
            ("Rita Rep", "forecast_due", None),
            ("Dora Director", "forecast_late", "Rita Rep"),
        ]


def test_an_undo_that_is_refused_leaves_what_they_were_told(cast: Cast, browse: Any) -> None:
    batch = reminded(cast)
    Tables(cast.admin).bring("quotas", "Person | 2026-Q3", "Ann | 1")
    answer = browse(cast.admin).post(f"/imports/{batch.pk}/undo/", {})
    assert answer.status_code == 409
    assert "1 quota" in answer.content.decode()
    with everything():
        assert Message.objects.filter(person__email="ann@x.example", event="forecast_due").count() == 1
