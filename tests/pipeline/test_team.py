"""The team of a deal: who comes, who leaves, in which role; and that they read the deal for good."""

from datetime import date
from typing import Any

import pytest

from common.access import Reach
from common.errors import Forbidden, NotInReach, Refused, Stale
from common.transaction import work
from pipeline.models import Opportunity, TeamMember
from pipeline.selectors.history import history
from pipeline.selectors.team import team_of
from pipeline.services import add_to_team, change_role, end_in_team
from tests.cast import Cast

TODAY, JUNE, JULY = date(2026, 5, 20), date(2026, 6, 1), date(2026, 7, 1)


def add(cast: Cast, person: Any, **more: Any) -> TeamMember:
    deal = cast.deals["Acorn renewal"]
    return add_to_team(by=cast.rep.pk, opportunity_id=deal.pk, person_id=person.pk, **more)


def of_deal(cast: Cast, member: TeamMember) -> dict[str, int]:
    return {"by": cast.rep.pk, "opportunity_id": cast.deals["Acorn renewal"].pk, "member_id": member.pk}


def shown(cast: Cast, day: date = TODAY) -> list[tuple[str, str, date, date | None]]:
    deal = cast.deals["Acorn renewal"]
    return [(row.person.name, row.role, row.starts_on, row.stops_on) for row in team_of(deal, day)]


def told(cast: Cast) -> list[str]:
    deal = Opportunity.objects.get(pk=cast.deals["Acorn renewal"].pk)
    return [
        f"{change.text} / {change.by}"
        for change in history(deal)
        if "team" in change.text or "works" in change.text
    ]


def test_who_is_in_the_team_reads_the_deal_for_good(cast: Cast, acting: Any) -> None:
    with acting(cast.other_rep) as context:
        assert not Opportunity.objects.visible_to(context.reach).filter(name="Acorn renewal").exists()
    with acting(cast.rep):
        member = add(cast, cast.other_rep, role="Presales")
        assert shown(cast) == [("Oscar Other", "Presales", TODAY, None)]
        end_in_team(**of_deal(cast, member), stops_on=TODAY)
        assert shown(cast) == []
    with acting(cast.other_rep) as context:
        assert Opportunity.objects.visible_to(context.reach).filter(name="Acorn renewal").exists()
        with pytest.raises(Forbidden):
            add_to_team(
                by=cast.other_rep.pk, opportunity_id=cast.deals["Acorn renewal"].pk, person_id=cast.peer.pk
            )


def test_another_role_holds_from_its_day(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        member = add(cast, cast.peer, role="Presales")
        later = change_role(**of_deal(cast, member), role="Delivery", starts_on=JUNE)
        assert shown(cast) == [("Paul Peer", "Presales", TODAY, JUNE), ("Paul Peer", "Delivery", JUNE, None)]
        assert shown(cast, JUNE) == [("Paul Peer", "Delivery", JUNE, None)]
        end_in_team(**of_deal(cast, later), stops_on=JULY)
        assert shown(cast, JUNE) == [("Paul Peer", "Delivery", JUNE, JULY)]
        assert told(cast) == [
            "Paul Peer leaves the team on Jul 1, 2026 / Rita Rep",
            "Paul Peer works on it as Delivery from Jun 1, 2026 on / Rita Rep",
            "Added Paul Peer to the team from May 20, 2026 on, as Presales / Rita Rep",
        ]


def test_a_role_that_was_wrong_from_the_beginning(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        member = add(cast, cast.peer)
        change_role(**of_deal(cast, member), role="Delivery", starts_on=date(2026, 1, 1))
        assert shown(cast) == [("Paul Peer", "Delivery", TODAY, None)]
        with pytest.raises(NotInReach):
            change_role(**of_deal(cast, member), role="Again")


def test_taken_out_before_the_first_day_is_never_having_been_there(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        member = add(cast, cast.peer, starts_on=JULY)
        end_in_team(**of_deal(cast, member), stops_on=JUNE)
        assert shown(cast) == []
        assert told(cast)[0] == "Took Paul Peer out of the team / Rita Rep"
        add(cast, cast.peer, starts_on=JUNE)
        assert shown(cast) == [("Paul Peer", "", JUNE, None)]


def test_nobody_is_in_the_team_twice(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        member = add(cast, cast.peer)
        with pytest.raises(Refused, match="in the team already") as refused:
            add(cast, cast.peer, starts_on=JUNE)
        assert refused.value.path == "person_id"
        end_in_team(**of_deal(cast, member), stops_on=JUNE)
        add(cast, cast.peer, starts_on=JUNE)
        with pytest.raises(Refused, match="left the team by then"):
            change_role(
                **of_deal(cast, TeamMember.objects.current().get(stops_on=JUNE)), role="Late", starts_on=JUNE
            )


@pytest.mark.parametrize(
    ("change", "words", "path"),
    [
        ({"person_id": 999_999}, "no such person", "person_id"),
        ({"role": "a\u0000b"}, "can't be part of this text", "role"),
        ({"role": "x" * 81}, "larger or longer", ""),
        ({"starts_on": date(1999, 1, 1)}, "between 2000 and 2100", "starts_on"),
    ],
)
def test_what_is_refused(cast: Cast, acting: Any, change: dict[str, Any], words: str, path: str) -> None:
    values = {"opportunity_id": cast.deals["Acorn renewal"].pk, "person_id": cast.peer.pk, **change}
    with acting(cast.rep), pytest.raises(Refused, match=words) as refused:
        add_to_team(by=cast.rep.pk, **values)
    assert refused.value.path == path


def test_who_has_left_comes_into_no_team(cast: Cast, acting: Any) -> None:
    with work(by=None, why="they left", reach=Reach.everything()):
        type(cast.peer).objects.filter(pk=cast.peer.pk).update(is_active=False)
    with acting(cast.rep), pytest.raises(Refused, match="or they have left"):
        add(cast, cast.peer)


def test_who_may(cast: Cast, acting: Any) -> None:
    deal = cast.deals["Acorn renewal"].pk
    for person, refusal in ((cast.coordinator, Forbidden), (cast.other_manager, NotInReach)):
        with acting(person), pytest.raises(refusal):
            add_to_team(by=person.pk, opportunity_id=deal, person_id=cast.peer.pk)
    with acting(cast.director):
        add_to_team(by=cast.director.pk, opportunity_id=deal, person_id=cast.peer.pk)


def test_of_two_who_end_it_at_once_the_second_is_told(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        member = add(cast, cast.peer)
        end_in_team(**of_deal(cast, member), stops_on=JUNE)
        with pytest.raises(Stale):
            member.replaced(stops_on=JULY)


def test_its_owner_is_not_added_to_the_team(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        with pytest.raises(Refused) as refused:
            add(cast, cast.rep)
        told = (str(refused.value.message), refused.value.path)
        assert told == ("Rita Rep owns this opportunity.", "person_id")
        assert shown(cast) == []


def test_a_member_of_another_deal_is_not_found(cast: Cast, acting: Any) -> None:
    with acting(cast.manager):
        other = add_to_team(
            by=cast.manager.pk, opportunity_id=cast.deals["Beech renewal"].pk, person_id=cast.rep.pk
        )
    with acting(cast.rep), pytest.raises(NotInReach):
        end_in_team(**of_deal(cast, other))
