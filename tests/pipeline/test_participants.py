"""People whom credit touches read a deal for good, and never edit it."""

import pytest

from common.errors import Forbidden, NotInReach
from common.transaction import widened
from pipeline.models import Opportunity
from pipeline.services import add_participants, edit_opportunity


def test_a_participant_reads_and_does_not_edit(cast, acting):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep), widened("deal_participant"):
        add_participants([(deal.pk, cast.other_rep.pk)])
        add_participants([(deal.pk, cast.other_rep.pk), (deal.pk, cast.peer.pk)])
    with acting(cast.other_rep) as context:
        seen = Opportunity.objects.visible_to(context.reach).values_list("name", flat=True)
        assert sorted(seen) == ["Acorn renewal", "Cedar renewal"]
        with pytest.raises(Forbidden):
            edit_opportunity(by=cast.other_rep.pk, opportunity_id=deal.pk, version=deal.version, name="Mine")
    with acting(cast.other_director), pytest.raises(NotInReach):
        edit_opportunity(by=cast.other_director.pk, opportunity_id=deal.pk, version=deal.version, name="Mine")
