"""People whom credit touches read a deal for good, and never edit it."""

import pytest

from common.errors import Forbidden, NotInReach
from pipeline.models import Opportunity
from pipeline.services import add_participants, edit_opportunity


def test_a_participant_reads_and_does_not_edit(cast, acting):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        add_participants(opportunity_id=deal.pk, person_ids=[cast.other_rep.pk], reason="split")
        add_participants(opportunity_id=deal.pk, person_ids=[cast.other_rep.pk, cast.peer.pk], reason="split")
    with acting(cast.other_rep) as context:
        seen = Opportunity.objects.visible_to(context.reach).values_list("name", flat=True)
        assert sorted(seen) == ["Acorn renewal", "Cedar renewal"]
        with pytest.raises(Forbidden):
            edit_opportunity(by=cast.other_rep.pk, opportunity_id=deal.pk, version=deal.version, name="Mine")
    with acting(cast.other_director), pytest.raises(NotInReach):
        edit_opportunity(by=cast.other_director.pk, opportunity_id=deal.pk, version=deal.version, name="Mine")
