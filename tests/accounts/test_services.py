"""Accounts: where they are on which day, who may change them, and what a first order leaves behind."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from accounts import services
from accounts.models import Account, AccountTerritory, MovedAccount, Participant
from accounts.selectors import account_suggest, territory_on
from accounts.tasks import apply_due_assignments
from common.access import Reach
from common.errors import Forbidden, NotInReach, Refused, Stale
from common.selectors import today
from common.transaction import reach, widened, work
from territories.models import Seat
from territories.services import end_seat, seat_person
from tests.accounts.places import assign_account
from tests.cast import Cast
from workspace.services import add_value

TOMORROW = date(2026, 5, 21)


def assign(cast: Cast, account: str, territory: str, on: date, **more: Any) -> AccountTerritory:
    return assign_account(
        by=cast.admin.pk,
        account_id=cast.accounts[account].pk,
        territory_id=cast.territories[territory].pk,
        starts_on=on,
        **more,
    )


def spans(cast: Cast, account: str) -> list[tuple[str, date, date | None]]:
    rows = AccountTerritory.objects.current().filter(account=cast.accounts[account]).order_by("starts_on")
    return [(row.territory.name, row.starts_on, row.stops_on) for row in rows.select_related("territory")]


def test_a_reps_new_account_lies_in_the_territory_they_own(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        account = services.create_account(by=cast.rep.pk, name="Dogwood", industry="Retail")
        assert account.territory == cast.territories["East 1"]
        assert territory_on(account.pk, today()) == cast.territories["East 1"].pk
        assert account.number.startswith("A-")


def test_a_leads_new_account_lies_where_they_lead_unless_they_own_a_territory(
    cast: Cast, acting: Any
) -> None:
    with acting(cast.manager):
        account = services.create_account(by=cast.manager.pk, name="Dogwood")
        assert account.territory == cast.territories["East Team"]
    with acting(cast.admin):
        east_2 = {"territory_id": cast.territories["East 2"].pk, "kind": "owner", "starts_on": today()}
        left = Seat.objects.current().get(user=cast.peer, kind="owner")
        end_seat(by=cast.admin.pk, seat_id=left.pk, stops_on=today())
        seat_person(by=cast.admin.pk, user_id=cast.manager.pk, **east_2)
    with acting(cast.manager):
        account = services.create_account(by=cast.manager.pk, name="Elm")
        assert account.territory == cast.territories["East 2"]


def test_a_rep_may_not_put_an_account_into_anothers_territory(cast: Cast, acting: Any) -> None:
    with acting(cast.rep), pytest.raises(Forbidden):
        services.create_account(by=cast.rep.pk, name="Dogwood", territory_id=cast.territories["East 2"].pk)


def test_who_may_not_add_accounts_is_told_so(cast: Cast, acting: Any) -> None:
    for person in (cast.director, cast.executive):
        with acting(person), pytest.raises(Forbidden):
            services.create_account(by=person.pk, name="Dogwood")


def test_without_a_seat_it_goes_to_unassigned_and_its_maker_sees_it(
    cast: Cast, acting: Any, owner: Any
) -> None:
    owner.execute("UPDATE territories_seat SET superseded_at = now() WHERE user_id = %s", [cast.rep.pk])
    with acting(cast.rep):
        account = services.create_account(by=cast.rep.pk, name="Dogwood")
        assert account.territory == cast.territories["Unassigned"]
        assert [row.name for row in Account.objects.visible_to(reach())] == ["Dogwood"]


def test_a_number_is_given_once(cast: Cast, acting: Any) -> None:
    with acting(cast.admin), pytest.raises(Refused) as refusal:
        services.create_account(by=cast.admin.pk, name="Dogwood", number="A-1")
    assert (refusal.value.path, str(refusal.value.message)) == (
        "number",
        "This number is already taken. Choose another one.",
    )


def test_an_edit_of_an_older_version_is_stale(cast: Cast, acting: Any) -> None:
    acorn = cast.accounts["Acorn"]
    with acting(cast.rep):
        services.edit_account(by=cast.rep.pk, account_id=acorn.pk, version=1, town="Boston")
        with pytest.raises(Stale):
            services.edit_account(by=cast.rep.pk, account_id=acorn.pk, version=1, town="Salem")


def test_an_account_out_of_reach_does_not_exist(cast: Cast, acting: Any) -> None:
    cedar = cast.accounts["Cedar"]
    with acting(cast.rep):
        with pytest.raises(NotInReach):
            services.edit_account(by=cast.rep.pk, account_id=cedar.pk, version=1, town="Salem")
        with pytest.raises(NotInReach):
            services.create_contact(by=cast.rep.pk, account_id=cedar.pk, name="Carl")


def test_credit_lets_a_person_read_but_not_change(cast: Cast, acting: Any) -> None:
    cedar = cast.accounts["Cedar"]
    with acting(cast.admin), widened("account", "account_participant"):
        services.note_orders({cedar.pk: date(2026, 5, 4)}, [(cedar.pk, cast.rep.pk)])
    with acting(cast.rep):
        assert [row.name for row in Account.objects.visible_to(reach())] == ["Acorn", "Cedar"]
        with pytest.raises(Forbidden):
            services.edit_account(by=cast.rep.pk, account_id=cedar.pk, version=1, town="Salem")


def test_the_first_order_is_the_earliest_whatever_the_order_of_entry(cast: Cast, acting: Any) -> None:
    acorn = cast.accounts["Acorn"]
    with acting(cast.rep), widened("account", "account_participant"):
        for day in (date(2026, 4, 7), date(2026, 2, 3), date(2026, 5, 1)):
            services.note_orders({acorn.pk: day}, [(acorn.pk, cast.rep.pk), (acorn.pk, cast.peer.pk)])
        acorn.refresh_from_db()
        assert acorn.first_ordered_on == date(2026, 2, 3)
        assert Participant.objects.filter(account=acorn).count() == 2


def test_an_account_is_not_below_itself(cast: Cast, acting: Any) -> None:
    acorn, beech = cast.accounts["Acorn"], cast.accounts["Beech"]
    with acting(cast.admin):
        services.edit_account(by=cast.admin.pk, account_id=beech.pk, version=1, parent_id=acorn.pk)
        for parent in (acorn, beech):
            with pytest.raises(Refused) as refusal:
                services.edit_account(by=cast.admin.pk, account_id=acorn.pk, version=1, parent_id=parent.pk)
            assert refusal.value.path == "parent_id"


def test_an_assignment_from_tomorrow_leaves_today_and_waits(cast: Cast, acting: Any, clock: Any) -> None:
    acorn = cast.accounts["Acorn"]
    with acting(cast.admin):
        row = assign(cast, "Acorn", "West 1", TOMORROW, reason="moved house")
        assert (row.recorded_by, row.reason) == (cast.admin, "moved house")
        before = AccountTerritory.objects.exclude(superseded_at=None).get(account=acorn)
        assert (before.superseded_by_id, before.superseded_why) == (cast.admin.pk, "moved house")
        assert spans(cast, "Acorn") == [
            ("East 1", date(2025, 1, 1), TOMORROW),
            ("West 1", TOMORROW, None),
        ]
        acorn.refresh_from_db()
        assert acorn.territory == cast.territories["East 1"]
        assert not MovedAccount.objects.exists()
    clock.move_to(datetime(2026, 5, 21, 9, tzinfo=UTC))
    assert apply_due_assignments() == 1
    assert apply_due_assignments() == 0
    with acting(cast.other_rep):
        acorn.refresh_from_db()
        assert acorn.territory == cast.territories["West 1"]
        assert [row.account_id for row in MovedAccount.objects.all()] == [acorn.pk]


def test_an_assignment_from_today_moves_at_once_and_drops_what_was_planned(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        assign(cast, "Acorn", "East 2", date(2026, 9, 1))
        assign(cast, "Acorn", "West 1", today())
        assert spans(cast, "Acorn") == [
            ("East 1", date(2025, 1, 1), today()),
            ("West 1", today(), None),
        ]
        assert Account.objects.get(name="Acorn").territory == cast.territories["West 1"]
        assert MovedAccount.objects.count() == 1
        assert territory_on(cast.accounts["Acorn"].pk, date(2026, 5, 19)) == cast.territories["East 1"].pk


def test_assigning_to_where_it_is_is_said(cast: Cast, acting: Any) -> None:
    with acting(cast.admin), pytest.raises(Refused, match="in that territory on that day already"):
        assign(cast, "Acorn", "East 1", TOMORROW)


def test_a_territory_that_is_not_in_the_tree_is_refused(cast: Cast, acting: Any) -> None:
    with acting(cast.admin), pytest.raises(Refused, match="not part of the tree"):
        assign(cast, "Acorn", "West 1", date(2024, 12, 31))


def test_who_only_reads_accounts_assigns_none(cast: Cast, acting: Any) -> None:
    for person in (cast.rep, cast.manager, cast.coordinator, cast.executive):
        with acting(person), pytest.raises(Forbidden):
            assign_account(
                by=person.pk,
                account_id=cast.accounts["Acorn"].pk,
                territory_id=cast.territories["East 2"].pk,
                starts_on=today(),
            )


def test_an_account_whose_assignment_ended_goes_to_unassigned(cast: Cast, acting: Any, owner: Any) -> None:
    with acting(cast.admin):
        AccountTerritory.objects.get(account=cast.accounts["Beech"]).replaced(stops_on=today())
    assert apply_due_assignments() == 1
    with acting(cast.admin):
        assert Account.objects.get(name="Beech").territory == cast.territories["Unassigned"]


def test_suggestions_begin_with_what_was_typed_and_obey_reach(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        for number in range(9):
            services.create_account(by=cast.admin.pk, name=f"Northern Beech {number}")
        assert [row.name for row in account_suggest(reach(), " bee ")][:2] == ["Beech", "Northern Beech 0"]
        assert len(account_suggest(reach(), "bee")) == 8
        assert account_suggest(reach(), " ") == []
    with acting(cast.rep):
        assert account_suggest(reach(), "bee") == []


def test_no_unknown_field_is_written(cast: Cast, acting: Any) -> None:
    with acting(cast.admin), pytest.raises(Refused, match="no field territory_id"):
        services.edit_account(
            by=cast.admin.pk,
            account_id=cast.accounts["Acorn"].pk,
            version=1,
            territory_id=cast.territories["West 1"].pk,
        )


def test_the_days_job_needs_no_person(cast: Cast) -> None:
    with work(by=None, why="days that begin", reach=Reach.everything()):
        assert services.apply_due_assignments(today=today()) == 0


@pytest.mark.parametrize(
    ("fields", "path"), [({"territory_id": 999_999}, "territory_id"), ({"parent_id": 999_999}, "parent_id")]
)
def test_what_a_new_account_names_must_be_there(
    cast: Cast, acting: Any, fields: dict[str, int], path: str
) -> None:
    with acting(cast.admin), pytest.raises(Refused) as refusal:
        services.create_account(by=cast.admin.pk, name="Dogwood", **fields)
    assert refusal.value.path == path


def test_an_account_keeps_a_number(cast: Cast, acting: Any) -> None:
    with acting(cast.rep), pytest.raises(Refused, match="An account has a number"):
        services.edit_account(by=cast.rep.pk, account_id=cast.accounts["Acorn"].pk, version=1, number="")


def test_a_given_number_passes_over_one_that_a_file_brought(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        first = services.create_account(by=cast.admin.pk, name="Dogwood")
        given = int(first.number[2:])
        services.create_account(by=cast.admin.pk, name="Elm", number=f"A-{given + 3:06d}")
        assert services.create_account(by=cast.admin.pk, name="Fir").number == f"A-{given + 4:06d}"


def test_an_industry_is_one_of_the_list_and_what_an_account_has_it_keeps(cast: Cast, acting: Any) -> None:
    """Acorn is in Retail, which is not in the list that somebody begins."""
    with acting(cast.admin):
        add_value(by=cast.admin.pk, name="industry", value="Energy")
    with acting(cast.rep):
        with pytest.raises(Refused) as refused:
            services.create_account(by=cast.rep.pk, name="Dogwood", industry="Mining")
        assert (refused.value.path, str(refused.value)) == ("industry", "One of: Energy.")
        services.create_account(by=cast.rep.pk, name="Elm", industry="energy ")
        services.create_account(by=cast.rep.pk, name="Fir")
        names = Account.objects.filter(name__in=["Elm", "Fir"]).values_list("industry", flat=True)
        assert sorted(names) == ["", "Energy"]
        acorn = cast.accounts["Acorn"]
        services.edit_account(
            by=cast.rep.pk, account_id=acorn.pk, version=1, industry="Retail", town="Boston"
        )
        with pytest.raises(Refused):
            services.edit_account(by=cast.rep.pk, account_id=acorn.pk, version=2, industry="Mining")
        services.edit_account(by=cast.rep.pk, account_id=acorn.pk, version=2, industry="")
        acorn.refresh_from_db()
        assert (acorn.industry, acorn.town) == ("", "Boston")
