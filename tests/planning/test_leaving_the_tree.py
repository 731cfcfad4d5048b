"""What is put into a territory that leaves the tree on a day to come would hang nowhere from that day on."""

from datetime import date

import pytest

from accounts.models import AccountTerritory
from accounts.selectors import territory_on
from accounts.selectors.previews import preview
from accounts.services import assign_accounts, create_account
from common.errors import Refused
from territories import services as territories
from territories.models import Seat
from tests.accounts.ruled import is_in, rule
from tests.planning.acts import merge, retire

TODAY, LEAVES = date(2026, 5, 20), date(2026, 7, 1)
GONE = "East 9 is part of the tree until Jul 1, 2026 only."


@pytest.fixture
def leaving(cast, acting):
    """A territory below East Team that is retired on 1 July, today being 20 May."""
    with acting(cast.admin):
        place = {"name": "East 9", "code": "E9", "parent_id": cast.territories["East Team"].pk}
        node = territories.create_territory(by=cast.admin.pk, **place, starts_on=date(2026, 4, 1))
        cast.territories["East 9"] = node
        retire(cast, "East 9", on=LEAVES)
    return node


def test_no_account_is_assigned_there(cast, acting, leaving):
    ids = [cast.accounts["Acorn"].pk]
    with acting(cast.admin), pytest.raises(Refused) as refused:
        assign_accounts(by=cast.admin.pk, account_ids=ids, territory_id=leaving.pk, starts_on=TODAY)
    assert refused.value.code == "territory_leaves"
    assert str(refused.value.message).startswith(GONE)


def test_no_account_is_created_there(cast, acting, leaving):
    with acting(cast.admin):
        with pytest.raises(Refused, match="until"):
            create_account(by=cast.admin.pk, name="Zed", territory_id=leaving.pk)
        assert not AccountTerritory.objects.filter(territory=leaving).exists()


def test_nobody_sits_there_longer_than_it_stays(cast, acting, leaving):
    seat = {"user_id": cast.rep.pk, "territory_id": leaving.pk, "kind": "overlay", "starts_on": TODAY}
    with acting(cast.admin):
        for stops_on in (None, date(2026, 7, 2)):
            with pytest.raises(Refused, match="until"):
                territories.seat_person(by=cast.admin.pk, **seat, stops_on=stops_on)
        territories.seat_person(by=cast.admin.pk, **seat, stops_on=LEAVES)
        assert Seat.objects.filter(territory=leaving).count() == 1


def test_rules_that_lead_there_are_not_run(cast, acting, leaving):
    with acting(cast.admin):
        what = [is_in("country", "DE")]
        rule(cast.admin, "To East 9", leaving, what)
        rule(cast.admin, "To East 1", cast.territories["East 1"], what)
        until = "East 9, to which To East 9 leads, is part of the tree until Jul 1, 2026 only."
        never = "East 9, to which To East 9 leads, is not part of the tree on Jul 1, 2026."
        for day, said in ((TODAY, until), (LEAVES, never)):
            (fault,) = preview(day).faults
            assert fault == f"{said} Let the rule lead elsewhere, or take it out of use."


def test_a_territory_that_is_to_be_merged_takes_no_accounts(cast, acting):
    with acting(cast.admin):
        merge(cast, "East 2", "East 1", on=date(2026, 6, 1))
        place = {"territory_id": cast.territories["East 2"].pk, "starts_on": TODAY}
        with pytest.raises(Refused, match="until"):
            assign_accounts(by=cast.admin.pk, account_ids=[cast.accounts["Acorn"].pk], **place)


def test_it_takes_them_where_it_comes_back_without_a_gap(cast, acting, leaving):
    with acting(cast.admin):
        parent = cast.territories["West Team"].pk
        territories.move_territory(by=cast.admin.pk, territory_id=leaving.pk, parent_id=parent, on=LEAVES)
        ids = [cast.accounts["Acorn"].pk]
        assign_accounts(by=cast.admin.pk, account_ids=ids, territory_id=leaving.pk, starts_on=TODAY)
        assert territory_on(ids[0], LEAVES) == leaving.pk
