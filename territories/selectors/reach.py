"""What a person may see and lead on a day, and who comes in by a token."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from common.access import Reach
from common.policies import TEAM_READ
from common.selectors import policy
from common.transaction import now
from territories.models import ApiToken, User

REACH = """
SELECT person.id, theirs.* FROM unnest(%(people)s::bigint[]) AS person(id), LATERAL (
    WITH RECURSIVE mine AS (
        SELECT territory_id, kind FROM territories_seat
        WHERE user_id = person.id AND superseded_at IS NULL AND starts_on <= %(on)s
          AND (stops_on IS NULL OR stops_on > %(on)s)
    ), below AS (
        SELECT territory_id AS node FROM mine WHERE kind = 'lead'
        UNION
        SELECT e.child_id FROM below b JOIN territories_edge e ON e.parent_id = b.node
        WHERE e.superseded_at IS NULL AND e.starts_on <= %(on)s AND (e.stops_on IS NULL OR e.stops_on > %(on)s)
    )
    SELECT
        ARRAY(SELECT role FROM territories_rolegrant WHERE user_id = person.id AND superseded_at IS NULL
              AND starts_on <= %(on)s AND (stops_on IS NULL OR stops_on > %(on)s)),
        ARRAY(SELECT DISTINCT territory_id FROM mine),
        ARRAY(SELECT node FROM below),
        ARRAY(SELECT DISTINCT s.user_id FROM territories_seat s JOIN below b ON b.node = s.territory_id
              WHERE s.superseded_at IS NULL AND s.starts_on <= %(on)s AND (s.stops_on IS NULL OR s.stops_on > %(on)s)
                AND s.user_id <> person.id AND s.kind NOT IN ('overlay', 'cover'))
) theirs
"""


def reach_for(user: User | None, on: date) -> Reach:
    """What the person may see and lead on that day, by one query. Nobody, or a person who left, reaches nothing."""
    if user is None or not user.is_active:
        return Reach.nothing()
    return reaches_for([user], on)[user.pk]


def reaches_for(people: Iterable[User], on: date) -> dict[int, Reach]:
    """The same for many by one query, those who left passed over; by the person's id."""
    ids = [person.pk for person in people if person.is_active]
    with connection.cursor() as cursor:
        cursor.execute(REACH, {"people": ids, "on": on})
        found = cursor.fetchall()
    is_shared = policy("peer_visibility", on) == TEAM_READ
    return {pk: _reach(pk, row, is_shared=is_shared) for pk, *row in found}


def _reach(user_id: int, row: Sequence[Any], *, is_shared: bool) -> Reach:
    roles, nodes, territories, people = map(frozenset, row)
    peers = nodes if is_shared else frozenset[int]()
    return Reach(user_id, roles, nodes, territories, people, peers=peers)


def today_of(person_id: int) -> date:
    """Today where that person lives."""
    zone = User.objects.values_list("time_zone", flat=True).get(pk=person_id)
    return now().astimezone(ZoneInfo(zone)).date()


def token_digest(secret: str) -> str:
    """What is kept of an API token's secret. 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def token_for(secret: str) -> ApiToken | None:
    """The standing token with that secret, of an active person whose password and address are those of its day."""
    standing = ApiToken.objects.filter(revoked_at=None, expires_at__gt=now(), user__is_active=True)
    token = standing.filter(digest=token_digest(secret)).select_related("user").first()
    return token if token and token.way_in == token.user.get_session_auth_hash() else None
