"""Events at which people are met: noted by whoever goes, changed by them or who leads them."""

from datetime import date
from typing import Any

import pytest

from common.errors import Forbidden, Refused, Stale
from pipeline.models import SalesEvent
from pipeline.services.events import create_event, edit_event
from tests.cast import Cast

FAIR: dict[str, Any] = {
    "name": " Spring fair ",
    "starts_on": date(2026, 6, 1),
    "ends_on": date(2026, 6, 2),
    "currency": "USD",
    "place": "Boston",
    "cost_minor": 1_200_00,
}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"ends_on": date(2026, 5, 31)}, "salesevent_days"),
        ({"cost_minor": -1}, "amount_range"),
        ({"owner_id": 10**9}, "unknown_person"),
        ({"starts_on": date(1999, 1, 1)}, "date_range"),
    ],
)
def test_what_can_t_be_is_refused_and_nothing_is_noted(
    cast: Cast, acting: Any, wrong: dict[str, Any], code: str
) -> None:
    with acting(cast.rep):
        with pytest.raises(Refused) as refused:
            create_event(by=cast.rep.pk, **FAIR | wrong)
        assert refused.value.code == code
        assert not SalesEvent.objects.exists()


def test_who_goes_notes_it_and_who_leads_them_changes_it(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        event = create_event(by=cast.rep.pk, **FAIR)
        assert (event.name, event.owner_id, event.cost_minor) == ("Spring fair", cast.rep.pk, 1_200_00)
        with pytest.raises(Forbidden):
            create_event(by=cast.rep.pk, **FAIR, owner_id=cast.peer.pk)
    with acting(cast.manager):
        changes = {"owner_id": cast.peer.pk, "name": "Fair", "currency": "EUR"}
        changed = edit_event(by=cast.manager.pk, event_id=event.pk, version=1, **changes)
        assert (changed.name, changed.owner_id, changed.currency) == ("Fair", cast.peer.pk, "EUR")
        with pytest.raises(Stale):
            edit_event(by=cast.manager.pk, event_id=event.pk, version=1, place="New York")
    with acting(cast.other_rep), pytest.raises(Forbidden):
        edit_event(by=cast.other_rep.pk, event_id=event.pk, version=2, place="Here")
