"""People, their roles by date, and their own keys to the API."""

import threading
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connections

from common.errors import Conflict, Forbidden, NotInReach, Refused, Stale
from common.selectors import today
from territories import services
from territories.models import RoleGrant, User
from territories.selectors import token_for
from tests.cast import Cast
from tests.territories.roles import roles_of


def nina(cast: Cast, **changes: Any) -> User:
    values = {
        "by": cast.admin.pk,
        "email": "Nina.New@Example.com ",
        "name": "Nina New",
        "role": "rep",
        "starts_on": date(2026, 6, 1),
    }
    return services.create_person(**{**values, **changes})


def test_a_new_person_holds_the_role_from_its_day_on(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        person = nina(cast)
        assert (person.email, person.has_usable_password()) == ("nina.new@example.com", False)
        assert (roles_of(person, today()), roles_of(person, date(2026, 6, 1))) == ([], ["rep"])


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"email": "REP@example.com"}, "email"),
        ({"role": "boss"}, "role"),
        ({"time_zone": "Moon/Base"}, "time_zone"),
        ({"locale": "zz-ZZ-zz"}, "locale"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(
    cast: Cast, acting: Any, changes: dict[str, Any], path: str
) -> None:
    with acting(cast.admin):
        with pytest.raises(Refused) as refusal:
            nina(cast, **changes)
        assert refusal.value.path == path
        assert not User.objects.filter(name="Nina New").exists()


def test_a_role_once_held_is_not_given_twice(cast: Cast, acting: Any) -> None:
    with acting(cast.admin), pytest.raises(Refused, match="already holds that role"):
        services.grant_role(by=cast.admin.pk, user_id=cast.rep.pk, role="rep", starts_on=date(2026, 6, 1))


def test_a_role_ends_on_its_day_and_keeps_who_ended_it(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        grant = RoleGrant.objects.current().get(user=cast.rep)
        ended = services.end_role(by=cast.admin.pk, grant_id=grant.pk, stops_on=date(2026, 6, 1))
        assert ended is not None
        assert ended.recorded_by == cast.admin
        assert (roles_of(cast.rep, date(2026, 5, 31)), roles_of(cast.rep, date(2026, 6, 1))) == (["rep"], [])
        with pytest.raises(Stale):
            services.end_role(by=cast.admin.pk, grant_id=grant.pk, stops_on=date(2026, 7, 1))


def test_a_role_that_has_not_begun_is_taken_back(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        day = date(2026, 6, 1)
        grant = services.grant_role(by=cast.admin.pk, user_id=cast.rep.pk, role="manager", starts_on=day)
        assert services.end_role(by=cast.admin.pk, grant_id=grant.pk, stops_on=day) is None
        assert roles_of(cast.rep, day) == ["rep"]


def test_a_role_that_begins_today_is_taken_back_today(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        grant = services.grant_role(by=cast.admin.pk, user_id=cast.rep.pk, role="director", starts_on=today())
        assert services.end_role(by=cast.admin.pk, grant_id=grant.pk, stops_on=today()) is None
        assert roles_of(cast.rep, today()) == ["rep"]


def test_a_role_held_since_yesterday_does_not_end_before_it_began(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        day = date(2026, 5, 19)
        grant = services.grant_role(by=cast.admin.pk, user_id=cast.rep.pk, role="director", starts_on=day)
        with pytest.raises(Refused, match="The end must come after the start"):
            services.end_role(by=cast.admin.pk, grant_id=grant.pk, stops_on=day)


def change(cast: Cast, grant: RoleGrant, role: str, starts_on: date) -> RoleGrant:
    return services.change_role(by=cast.admin.pk, grant_id=grant.pk, role=role, starts_on=starts_on)


def test_a_role_is_changed_from_a_day_on(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        new = change(cast, RoleGrant.objects.get(user=cast.rep), "manager", date(2026, 6, 1))
        assert (new.role, new.stops_on, new.recorded_by) == ("manager", None, cast.admin)
        assert roles_of(cast.rep, date(2026, 5, 31)) == ["rep"]
        assert roles_of(cast.rep, date(2026, 6, 1)) == ["manager"]


def test_the_new_role_ends_when_the_old_one_would_have(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        days = {"starts_on": date(2026, 5, 1), "stops_on": date(2026, 9, 1)}
        old = services.grant_role(by=cast.admin.pk, user_id=cast.peer.pk, role="manager", **days)
        assert change(cast, old, "director", date(2026, 6, 1)).stops_on == date(2026, 9, 1)
        late = RoleGrant.objects.current().get(user=cast.peer, role="director")
        with pytest.raises(Refused, match="ends before that day"):
            change(cast, late, "coordinator", date(2026, 9, 1))


def test_a_role_is_not_changed_into_itself_nor_twice(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        old = RoleGrant.objects.get(user=cast.rep)
        with pytest.raises(Refused, match="They hold that role already"):
            change(cast, old, "rep", date(2026, 6, 1))
        change(cast, old, "manager", date(2026, 6, 1))
        with pytest.raises(NotInReach):
            change(cast, old, "director", date(2026, 6, 1))


def test_the_last_administrator_does_not_change_into_something_else(cast: Cast, acting: Any) -> None:
    with acting(cast.admin), pytest.raises(Conflict, match="Somebody has to be administrator"):
        change(cast, RoleGrant.objects.get(user=cast.admin), "manager", date(2026, 6, 1))


def test_a_session_ends_with_another_password_or_another_address(cast: Cast) -> None:
    before = cast.rep.get_session_auth_hash()
    cast.rep.name = "Rita Rowe"
    assert cast.rep.get_session_auth_hash() == before
    cast.rep.email = "rita@example.com"
    assert cast.rep.get_session_auth_hash() != before


def test_the_last_administrator_stays_one(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        grant = RoleGrant.objects.current().get(user=cast.admin)
        with pytest.raises(Conflict, match="Somebody has to be administrator"):
            services.end_role(by=cast.admin.pk, grant_id=grant.pk, stops_on=date(2026, 6, 1))
        services.grant_role(by=cast.admin.pk, user_id=cast.manager.pk, role="admin", starts_on=today())
        services.end_role(by=cast.admin.pk, grant_id=grant.pk, stops_on=date(2026, 6, 1))
        assert roles_of(cast.admin, date(2026, 6, 1)) == []


@pytest.mark.parametrize(
    ("starts_on", "stops_on"), [(date(2026, 5, 20), date(2026, 12, 1)), (date(2026, 6, 2), None)]
)
def test_one_who_is_administrator_for_a_while_or_later_is_not_enough(
    cast: Cast, acting: Any, starts_on: date, stops_on: date | None
) -> None:
    with acting(cast.admin):
        services.grant_role(
            by=cast.admin.pk, user_id=cast.manager.pk, role="admin", starts_on=starts_on, stops_on=stops_on
        )
        standing = RoleGrant.objects.current().get(user=cast.admin)
        with pytest.raises(Conflict, match="Somebody has to be administrator"):
            services.end_role(by=cast.admin.pk, grant_id=standing.pk, stops_on=date(2026, 6, 1))


def test_of_two_administrators_who_end_each_other_one_stays(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        given = services.grant_role(
            by=cast.admin.pk, user_id=cast.manager.pk, role="admin", starts_on=today()
        )
        grants = {cast.manager: RoleGrant.objects.current().get(user=cast.admin), cast.admin: given}
    answers: list[str] = []
    start = threading.Barrier(2)

    def end(person: User) -> None:
        try:
            with acting(person):
                start.wait(5)
                services.end_role(by=person.pk, grant_id=grants[person].pk, stops_on=date(2026, 6, 1))
            answers.append("ended")
        except Refused as refusal:
            answers.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=end, args=(person,)) for person in grants]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(answers) == ["conflict", "ended"]
    with acting(cast.admin):
        left = RoleGrant.objects.on(date(2027, 1, 1)).filter(role="admin")
        assert left.count() == 1


def test_only_administrators_add_people_and_roles(cast: Cast, acting: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        with acting(person):
            with pytest.raises(Forbidden):
                nina(cast, by=person.pk)
            with pytest.raises(Forbidden):
                services.grant_role(by=person.pk, user_id=person.pk, role="admin", starts_on=today())


def test_a_profile_is_ones_own_and_keeps_no_edit_unseen(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        services.edit_profile(by=cast.rep.pk, version=1, name="Rita R.", locale="de-DE")
        cast.rep.refresh_from_db()
        assert (cast.rep.name, cast.rep.locale, cast.rep.version) == ("Rita R.", "de-DE", 2)
        with pytest.raises(Stale):
            services.edit_profile(by=cast.rep.pk, version=1, name="Rita")
        with pytest.raises(Refused):
            services.edit_profile(by=cast.rep.pk, version=2, email="boss@example.com")


def test_a_token_works_until_it_is_taken_back_and_only_its_hash_is_kept(
    cast: Cast, acting: Any, owner: Any
) -> None:
    with acting(cast.rep):
        token, secret = services.make_token(by=cast.rep.pk, name="report", scopes=["read"], days=30)
        assert token_for(secret) == token
        assert token.scopes == ["read"]
    owner.execute("SELECT row_to_json(t)::text FROM territories_apitoken t")
    assert secret not in owner.fetchone()[0]
    with acting(cast.peer), pytest.raises(NotInReach):
        services.revoke_token(by=cast.peer.pk, token_id=token.pk)
    with acting(cast.rep):
        services.revoke_token(by=cast.rep.pk, token_id=token.pk)
        assert token_for(secret) is None


def test_a_token_ends_by_itself(cast: Cast, acting: Any, clock: Any) -> None:
    with acting(cast.rep):
        token, secret = services.make_token(by=cast.rep.pk, name="report", scopes=["read", "write"], days=1)
    assert token.expires_at.replace(microsecond=0) == datetime(2026, 5, 21, 9, tzinfo=UTC)
    clock.move_to(datetime(2026, 5, 21, 10, tzinfo=UTC))
    with acting(cast.rep):
        assert token_for(secret) is None


@pytest.mark.parametrize(
    ("scopes", "days", "path"), [([], 30, "scopes"), (["own"], 30, "scopes"), (["read"], 0, "days")]
)
def test_a_token_has_known_scopes_and_an_end(
    cast: Cast, acting: Any, scopes: list[str], days: int, path: str
) -> None:
    with acting(cast.rep), pytest.raises(Refused) as refusal:
        services.make_token(by=cast.rep.pk, name="report", scopes=scopes, days=days)
    assert refusal.value.path == path
