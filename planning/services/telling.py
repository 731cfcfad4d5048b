"""Who hears of a seat that passes, and of accounts that leave or come: both people, and who leads them."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from accounts.selectors.placing import some_of
from common.access import Reach, Role
from common.locale import format_date, format_number
from common.transaction import context
from planning.models import Draft, Move
from planning.selectors.handover import territories_of
from planning.selectors.shape import Shape
from territories.models import RoleGrant, Seat, Territory
from workspace.models import Event
from workspace.services import Told, tell, tell_each


def leads_above(nodes: Collection[int], day: date, but: Collection[int] = ()) -> dict[int, set[int]]:
    """For each territory who leads it on that day: the nearest lead at or above it, and the nearest director.

    `but`: people who are passed over, as those between whom a seat passes are.
    """
    shape = Shape(Reach.everything(), day)
    leads: dict[int, list[int]] = {}
    for node, person in (
        Seat.objects.on(day).filter(kind=Seat.Kind.LEAD).values_list("territory_id", "user_id")
    ):
        if person not in but:
            leads.setdefault(node, []).append(person)
    grants = RoleGrant.objects.on(day).filter(role=Role.DIRECTOR)
    directors = set(grants.values_list("user_id", flat=True))
    found: dict[int, set[int]] = {}
    for node in nodes:
        path = shape.path(node)[::-1] if node in shape.parents else []
        above = [leads[step] for step in path if step in leads]
        nearest = next(iter(above), [])
        director = next((led for led in above if directors.intersection(led)), [])
        found[node] = {*nearest, *directors.intersection(director)}
    return found


def tell_of_hand_over(by: int, old: Seat, seat: Seat) -> None:
    """Tell both people and those who lead the territory: who takes it from when on, with how many accounts."""
    there = territories_of(old.territory_id, seat.starts_on, is_below=old.kind == Seat.Kind.LEAD)
    count = Account.objects.filter(territory__in=there).count()
    words = {
        "territory": old.territory.name,
        "old": old.user.name,
        "new": seat.user.name,
        "day": format_date(seat.starts_on),
        "end": format_date(seat.stops_on) if seat.stops_on else "",
        "accounts": _accounts(count),
    }
    came = _("%(territory)s from %(day)s on, with %(accounts)s")
    went = _("%(territory)s goes from %(old)s to %(new)s on %(day)s, with %(accounts)s")
    if seat.kind == Seat.Kind.COVER:
        went = _("%(new)s covers %(territory)s for %(old)s from %(day)s until %(end)s, with %(accounts)s")
    key = f"{seat.pk}:{context().request_id}"
    url = reverse("territory_detail", args=[old.territory_id])
    both = [old.user_id, seat.user_id]
    leads = leads_above([old.territory_id], seat.starts_on, but=both)[old.territory_id]
    tell(event=Event.SEAT_CAME, people=[seat.user_id], by=by, key=key, about=came % words, url=url)
    tell(event=Event.SEAT_WENT, people={old.user_id, *leads}, by=by, key=key, about=went % words, url=url)


def tell_leads(draft: Draft) -> None:
    """Tell those who lead a territory that a published realignment takes accounts or a seat from, or gives them to.

    Who was told already as the owner of something that moves is not told twice.
    """
    moves = list(draft.moves.filter(is_removed=False).select_related("territory", "person"))
    left, came = _going(moves)
    seats = [move for move in moves if move.kind == Move.Kind.SEAT]
    nodes = {*left, *came, *(move.territory_id for move in seats if move.territory_id)}
    names = dict(Territory.objects.filter(pk__in=nodes).values_list("pk", "name"))
    theirs: dict[int, set[int]] = {}
    for node, people in leads_above(nodes, draft.starts_on).items():
        for person in people:
            theirs.setdefault(person, set()).add(node)
    news = []
    for person, led in theirs.items():
        said = [
            *_seated(move for move in seats if move.territory_id in led),
            *_counted(led, left, came, names),
        ]
        words = {"name": draft.name, "day": format_date(draft.starts_on), "what": some_of(said)}
        about = _("%(name)s, from %(day)s: %(what)s") % words
        url = reverse("draft_list") if person == draft.made_by_id else reverse("account_list")
        news.append(Told(person, f"draft {draft.pk}", about, url))
    tell_each(event=Event.REALIGNED, news=news, by=draft.approved_by_id)


def _going(moves: Iterable[Move]) -> tuple[Counter[int], Counter[int]]:
    """How many accounts left each territory, and how many came, as the moves kept it."""
    left: Counter[int] = Counter()
    came: Counter[int] = Counter()
    for move in moves:
        stood = [node for pk, node in move.came_from.items() if pk.isdigit()]
        left.update(node for node in stood if node)
        if stood and move.into_id:
            came[move.into_id] += len(stood)
    return left, came


def _seated(seats: Iterable[Move]) -> Iterable[str]:
    for move in seats:
        words = {"territory": move.territory.name if move.territory else "", "new": str(move.person or "")}
        yield (
            _("%(territory)s goes to %(new)s") if move.person else _("%(territory)s becomes vacant")
        ) % words


def _counted(
    led: Collection[int], left: Counter[int], came: Counter[int], names: dict[int, str]
) -> Iterable[str]:
    """Such as *East 1 loses 12 accounts*, the most first."""
    rows = [(count, _("%(territory)s loses %(accounts)s"), node) for node, count in left.items()]
    rows += [(count, _("%(territory)s gets %(accounts)s"), node) for node, count in came.items()]
    for count, text, node in sorted(rows, reverse=True):
        if node in led:
            yield text % {"territory": names[node], "accounts": _accounts(count)}


def _accounts(count: int) -> str:
    said = ngettext("%(count)s account", "%(count)s accounts", count)
    return said % {"count": format_number(count)}
