"""Who owns a territory is told what came into it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.urls import reverse

from accounts.models import (
    Account,
)
from common.selectors import today
from common.transaction import context, widened
from territories.models import Seat
from territories.selectors import reaches_for
from workspace.models import Event
from workspace.services import Told, tell_each


def tell_owners(moves: Mapping[int, int], by: int | None = None) -> None:
    """Tell the owner of each territory what came into it, by account and territory: one message a person."""
    came: dict[int, list[int]] = defaultdict(list)
    seats = Seat.objects.on(today()).filter(territory_id__in=moves.values(), kind=Seat.Kind.OWNER)
    held = list(seats.exclude(user=by).select_related("user"))
    if not held:
        return
    reaches = reaches_for({seat.user for seat in held}, today())
    into: dict[int, list[int]] = defaultdict(list)
    for pk, place in moves.items():
        into[place].append(pk)
    for seat in held:
        theirs = reaches.get(seat.user_id)
        if theirs and theirs.allows("account", "read", {"territory_id": seat.territory_id}):
            came[seat.user_id] += into[seat.territory_id]
    with widened("account"):
        alone = [pk for pk, *others in came.values() if not others]
        names = dict(Account.objects.filter(pk__in=alone).values_list("pk", "name"))
    news = [_what_came(person_id, accounts, names) for person_id, accounts in came.items()]
    tell_each(event=Event.ACCOUNT_CAME, news=news, by=by)


def _what_came(person_id: int, accounts: Sequence[int], names: Mapping[int, str]) -> Told:
    """One account by its name, several by how many there are."""
    first, key = accounts[0], f"{context().request_id} {accounts[0]}"
    if len(accounts) == 1:
        return Told(person_id, key, names[first], reverse("account_detail", args=[first]))
    return Told(person_id, key, url=reverse("account_list"), count=len(accounts))
