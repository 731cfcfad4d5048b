"""Assign… above the limit in Settings: a second administrator answers before anything moves."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Account
from accounts.services import assign_accounts
from common.access import Reach
from common.errors import Conflict, Forbidden, NotInReach
from common.services import set_policy
from common.transaction import work
from planning.services.assign import assign_as_asked, assign_or_ask
from territories.models import Seat, User
from territories.services import end_seat, move_territory
from tests.accounts.places import MAY, add_accounts, add_overlay, spans, today_of
from tests.cast import START, Cast
from tests.planning.assigning import LIST, confirm, ids, look
from tests.salesops.conftest import plain
from workspace.models import Approval


def waiting() -> Approval:
    with work(by=None, why="look", reach=Reach.everything()):
        return Approval.objects.get(kind="accounts_assign")


def answer(client: Any, approval: Approval) -> Any:
    url = reverse("approval_answer", args=[approval.pk])
    return client.post(url, {"version": str(approval.version), "is_granted": "grant", "answer": ""})


def test_twenty_six_wait_for_a_second_person(cast: Cast, browse: Any, ben: User) -> None:
    chosen = [str(pk) for pk in add_accounts(cast, 26)]
    asker, other = browse(cast.admin), browse(ben)
    shown = look(asker, cast, chosen, "East 2")
    assert "These are more than the 25 accounts that one person assigns at once." in plain(shown)
    assert confirm(asker, cast, chosen, "East 2").status_code == 302
    assert "An administrator is asked: Assign 26 accounts to East 2." in plain(asker.get(LIST))
    assert today_of("Oak 26")[0] == "East 1"
    assert "Assign 26 accounts to East 2" in plain(asker.get(reverse("asked_list")))
    effect = (
        "26 accounts go to East 2 from May 20, 2026 on: 26 from East 1. "
        "Oak 01, Oak 02, Oak 03, Oak 04, Oak 05 and 21 more. Quotas and booked credit stay as they are."
    )
    assert effect in plain(other.get(reverse("inbox")))
    approval = waiting()
    assert (approval.role, approval.reason) == ("admin", "nearer")
    assert answer(asker, approval).status_code == 403
    again = confirm(asker, cast, chosen, "East 2")
    assert again.status_code == 422
    assert "This is asked for already, and waits for an answer." in plain(again)
    assert answer(other, approval).status_code == 302
    assert today_of("Oak 26")[0] == "East 2"
    assert spans(cast, "Oak 01") == [("East 1", START, MAY), ("East 2", MAY, None)]


def test_a_directors_request_goes_the_same_way(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name="assign_accounts_limit", value=1)
    add_overlay(cast, "Security", "East")
    director, admin = browse(cast.director), browse(cast.admin)
    assert confirm(director, cast, ids(cast, "Acorn", "Beech"), "East Team").status_code == 302
    said = plain(admin.get(reverse("inbox")))
    assert (
        "2 accounts go to East Team from May 20, 2026 on: 1 from East 1, 1 from East 2. Acorn, Beech." in said
    )
    assert "2 open deals follow: $200,000.03." in said
    assert answer(admin, waiting()).status_code == 302
    assert (today_of("Acorn")[0], today_of("Beech")[0]) == ("East Team", "East Team")


def test_specialists_of_many_are_asked_for_too(cast: Cast, browse: Any, acting: Any, ben: User) -> None:
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name="assign_accounts_limit", value=1)
    add_overlay(cast, "Security", "East")
    chosen = ids(cast, "Acorn", "Beech")
    assert confirm(browse(cast.admin), cast, chosen, "Security", coverage="specialist").status_code == 302
    said = plain(browse(ben).get(reverse("inbox")))
    assert (
        "2 accounts go to Security from May 20, 2026 on. Acorn, Beech. Quotas and booked credit stay as they are."
        in said
    )
    assert answer(browse(ben), waiting()).status_code == 302
    assert today_of("Acorn") == ("East 1", "Security", "")


def test_what_no_longer_fits_is_refused(cast: Cast, browse: Any, acting: Any, ben: User) -> None:
    chosen = add_accounts(cast, 26)
    with acting(cast.admin):
        place = {"territory_id": cast.territories["East 2"].pk, "starts_on": MAY, "coverage": "field"}
        done = assign_or_ask(by=cast.admin.pk, account_ids=chosen, reason="nearer", **place)
        assert done.approval
        assign_accounts(
            by=cast.admin.pk,
            account_ids=chosen[:1],
            territory_id=cast.territories["West 1"].pk,
            starts_on=MAY,
        )
    refused = answer(browse(ben), waiting())
    assert refused.status_code == 409
    assert "Some of these accounts were assigned otherwise since this was asked." in plain(refused)
    assert waiting().state == "waiting"
    assert today_of("Oak 02")[0] == "East 1"


def test_who_answers_sees_each_account_and_what_is_dropped(
    cast: Cast, browse: Any, acting: Any, ben: User
) -> None:
    chosen = add_accounts(cast, 26)
    june = date(2026, 6, 1)
    with acting(cast.admin):
        for name, some in (("West 1", chosen[:4]), ("East Team", chosen[4:5])):
            place = {"territory_id": cast.territories[name].pk, "starts_on": june}
            assign_accounts(by=cast.admin.pk, account_ids=some, **place)
    dialog = look(browse(cast.admin), cast, [str(pk) for pk in chosen], "East 2")
    dropped = "4 planned moves to West 1 on Jun 1, 2026, 1 planned move to East Team on Jun 1, 2026"
    assert f"planned for later, and dropped {dropped} 5" in plain(dialog)
    assert '<span id="assign-submit" hx-swap-oob="true">Ask for approval</span>' in dialog.content.decode()
    few = look(browse(cast.admin), cast, [str(pk) for pk in chosen[:5]], "East 2").content.decode()
    assert '<span id="assign-submit" hx-swap-oob="true">Assign them</span>' in few
    assert confirm(browse(cast.admin), cast, [str(pk) for pk in chosen], "East 2").status_code == 302
    reader = browse(ben)
    assert f"Planned for later, and dropped: {dropped}." in plain(reader.get(reverse("inbox")))
    said = plain(reader.get(reverse("approval_detail", args=[waiting().pk])))
    assert "What it is about, one by one 26" in said
    assert "Oak 01 from East 1; dropped: 1 planned move to West 1 on Jun 1, 2026 Oak 02 from East 1;" in said
    assert "Oak 25 from East 1 Oak 26 from East 1" in said


def asked_by(person: User, cast: Cast, acting: Any) -> list[int]:
    """The person asks for 26 accounts of East 1 to go to East 2."""
    chosen = add_accounts(cast, 26)
    with acting(person):
        place = {"territory_id": cast.territories["East 2"].pk, "starts_on": MAY, "coverage": "field"}
        assert assign_or_ask(by=person.pk, account_ids=chosen, reason="nearer", **place).approval
    return chosen


def test_a_territory_that_hangs_elsewhere_by_now_is_not_what_was_asked_for(
    cast: Cast, browse: Any, acting: Any
) -> None:
    asked_by(cast.director, cast, acting)
    with acting(cast.admin):
        ids = {"territory_id": cast.territories["East 2"].pk, "parent_id": cast.territories["West Team"].pk}
        move_territory(by=cast.admin.pk, **ids, on=MAY)
    refused = answer(browse(cast.admin), waiting())
    assert refused.status_code == 409
    assert "East 2 hangs elsewhere in the tree since this was asked. Refuse it, and ask anew." in plain(
        refused
    )
    assert today_of("Oak 02")[0] == "East 1"


def test_what_the_asker_may_not_do_any_more_is_not_done(cast: Cast, browse: Any, acting: Any) -> None:
    asked_by(cast.director, cast, acting)
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=cast.director)
        end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=MAY)
    refused = answer(browse(cast.admin), waiting())
    assert refused.status_code == 409
    assert "Dora Director, who asked for it, may not assign accounts there any more. Refuse it." in plain(
        refused
    )
    assert today_of("Oak 02")[0] == "East 1"


def test_nothing_moves_without_the_grant(cast: Cast, acting: Any, ben: User) -> None:
    chosen = add_accounts(cast, 26)
    with acting(cast.admin):
        place = {"territory_id": cast.territories["East 2"].pk, "starts_on": MAY, "coverage": "field"}
        done = assign_or_ask(by=cast.admin.pk, account_ids=chosen, reason="nearer", **place)
    for person in (cast.admin, ben):
        with acting(person), pytest.raises(Forbidden):
            assign_as_asked(by=person.pk, approval_id=done.approval.pk, **done.approval.payload)


def test_nobody_else_could_answer(cast: Cast, acting: Any) -> None:
    chosen = add_accounts(cast, 26)
    place = {"territory_id": cast.territories["East 2"].pk, "starts_on": MAY, "coverage": "field"}
    with acting(cast.admin), pytest.raises(Conflict, match="Nobody else is admin"):
        assign_or_ask(by=cast.admin.pk, account_ids=chosen, reason="nearer", **place)


@pytest.mark.parametrize("who", ["rep", "manager", "coordinator", "executive"])
def test_others_ask_for_nothing(cast: Cast, acting: Any, who: str) -> None:
    place = {"territory_id": cast.territories["East 2"].pk, "starts_on": MAY, "coverage": "field"}
    with acting(getattr(cast, who)), pytest.raises(Forbidden):
        assign_or_ask(
            by=getattr(cast, who).pk, account_ids=[cast.accounts["Acorn"].pk], reason="nearer", **place
        )


def test_a_foreign_director_asks_for_nothing(cast: Cast, acting: Any) -> None:
    place = {"territory_id": cast.territories["West 1"].pk, "starts_on": MAY, "coverage": "field"}
    with acting(cast.other_director), pytest.raises(NotInReach):
        assign_or_ask(
            by=cast.other_director.pk, account_ids=[cast.accounts["Acorn"].pk], reason="nearer", **place
        )
    with work(by=None, why="look", reach=Reach.everything()):
        assert Account.objects.get(name="Acorn").territory_id == cast.territories["East 1"].pk
