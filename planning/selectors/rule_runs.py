"""What a run of the rules, or taking one back, means for people: who loses and gains accounts, and open deals."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.bulk.ruled import Ways
from accounts.models import Coverage
from accounts.selectors.previews import Preview
from accounts.selectors.taking_back import TakingBack
from common.locale import format_date, format_number
from common.selectors import policy, today
from planning.selectors.assign import LIMIT, Deals, DealSums, Line, deals_on
from territories.models import Seat, Territory, User
from territories.selectors import unassigned

Place = tuple[str, int | None]
"""A coverage and a territory; None: in none."""
SHOWN, KEPT, NAMED = 100, 10, 5
"""So many people are shown on the page; so many territories and people are kept with a request; so many are named."""


@dataclass
class Turn:
    """What comes to a territory or a person and what goes from it: accounts, and the open deals on them."""

    came: int = 0
    went: int = 0
    deals_in: Deals = field(default_factory=Deals)
    deals_out: Deals = field(default_factory=Deals)

    @property
    def size(self) -> int:
        return self.came + self.went

    def gain(self, accounts: int, deals: DealSums) -> None:
        self.came += accounts
        for currency, count, minor in deals:
            self.deals_in.add(currency, count, minor)

    def lose(self, accounts: int, deals: DealSums) -> None:
        self.went += accounts
        for currency, count, minor in deals:
            self.deals_out.add(currency, count, minor)


@dataclass(frozen=True)
class Vacant:
    """A territory into which accounts go though nobody sells there on the day."""

    territory: Territory
    coverage: str
    turn: Turn


@dataclass(frozen=True)
class Meaning:
    """What a run means for people. `seated`: who sells in a territory on the day; `people`: who loses or gains, those
    first who do most; `to_nobody`: how many accounts come to nobody, those in *Unassigned* among them."""

    day: date
    moved: int
    unassigned: int
    places: Mapping[Place, Turn]
    seated: Mapping[Place, list[User]]
    people: Sequence[tuple[User, Turn]]
    vacant: Sequence[Vacant]
    deals: Deals
    limit: int

    @property
    def needs_approval(self) -> bool:
        return self.moved > self.limit

    @property
    def to_nobody(self) -> int:
        return self.unassigned + sum(one.turn.came for one in self.vacant)

    @property
    def in_vacant(self) -> int:
        """How many accounts go into territories in which nobody sells."""
        return self.to_nobody - self.unassigned

    @property
    def shown(self) -> Sequence[tuple[User, Turn]]:
        return self.people[:SHOWN]

    @property
    def more(self) -> int:
        return len(self.people[SHOWN:])


def meaning_of(found: Preview | TakingBack) -> Meaning:
    """What a run that is previewed means for people; deals as far as the reader sees them."""
    field_ways = found.ways.get(Coverage.FIELD, {})
    deals = deals_on([pk for accounts in field_ways.values() for pk in accounts])
    seated = _seated(found.ways, found.day)
    places: dict[Place, Turn] = defaultdict(Turn)
    people: dict[User, Turn] = defaultdict(Turn)
    for coverage, ways in found.ways.items():
        for (away, back), accounts in ways.items():
            their = [sums for pk in accounts for sums in deals.get(pk, ())] if coverage == "field" else []
            places[coverage, away].lose(len(accounts), their)
            places[coverage, back].gain(len(accounts), their)
            before, after = seated.get((coverage, away), []), seated.get((coverage, back), [])
            for person in before:
                if person not in after:
                    people[person].lose(len(accounts), their)
            for person in after:
                if person not in before:
                    people[person].gain(len(accounts), their)
    total = Turn()
    total.gain(0, [sums for every in deals.values() for sums in every])
    return Meaning(
        day=found.day,
        moved=found.moved,
        unassigned=found.unassigned,
        places=places,
        seated=seated,
        people=sorted(people.items(), key=lambda pair: (-pair[1].size, pair[0].name, pair[0].pk)),
        vacant=_vacant(places, seated),
        deals=total.deals_in,
        limit=policy(LIMIT),
    )


def _seated(ways: Mapping[str, Ways], day: date) -> dict[Place, list[User]]:
    """Who sells in these territories on the day: the owner, in an overlay also those who help there."""
    nodes = {coverage: {pk for way in some for pk in way if pk} for coverage, some in ways.items()}
    kinds = (Seat.Kind.OWNER, Seat.Kind.OVERLAY)
    every = Seat.objects.on(day).filter(territory_id__in=set[int]().union(*nodes.values()), kind__in=kinds)
    found: dict[Place, list[User]] = defaultdict(list)
    for seat in every.select_related("user").order_by("user__name", "user_id"):
        for coverage, theirs in nodes.items():
            is_here = seat.territory_id in theirs and (coverage != "field" or seat.kind == Seat.Kind.OWNER)
            if is_here and seat.user not in found[coverage, seat.territory_id]:
                found[coverage, seat.territory_id].append(seat.user)
    return found


def _vacant(places: Mapping[Place, Turn], seated: Mapping[Place, list[User]]) -> list[Vacant]:
    """The territories that gain accounts and where nobody sells, those first that gain most."""
    nobody = unassigned().pk
    empty = {
        place: turn
        for place, turn in places.items()
        if turn.came and place[1] not in (None, nobody) and not seated.get(place)
    }
    nodes = Territory.objects.in_bulk({pk for _coverage, pk in empty if pk})
    found = [Vacant(nodes[pk or 0], coverage, turn) for (coverage, pk), turn in empty.items()]
    return sorted(found, key=lambda one: (-one.turn.came, one.territory.name))


# ---- What is kept with a request, and told to who answers it ----


def kept(meaning: Meaning, left_alone: int) -> dict[str, Any]:
    """What who approves reads of it, as figures: it is what who asked has seen."""
    largest = sorted(meaning.places.items(), key=lambda pair: (-pair[1].size, pair[0][0], pair[0][1] or 0))
    return {
        "seen_on": today().isoformat(),
        "moved": meaning.moved,
        "left_alone": left_alone,
        "unassigned": meaning.unassigned,
        "in_vacant": meaning.in_vacant,
        "vacant": [one.territory.pk for one in meaning.vacant[:KEPT]],
        "gaining": sum(turn.came > 0 for _person, turn in meaning.people),
        "losing": sum(turn.went > 0 for _person, turn in meaning.people),
        "deals": _sums(meaning.deals),
        "people": [[person.pk, *_figures(turn)] for person, turn in meaning.people[:KEPT]],
        "territories": [[coverage, pk, *_figures(turn)] for (coverage, pk), turn in largest[:KEPT]],
    }


def _figures(turn: Turn) -> list[Any]:
    return [turn.came, turn.went, _sums(turn.deals_in), _sums(turn.deals_out)]


def _sums(deals: Deals) -> list[Any]:
    return [deals.count, dict(sorted(deals.sums.items()))]


def _deals(written: Sequence[Any]) -> Deals:
    return Deals("", written[0], written[1])


def rule_run_effects(asked: Sequence[dict[str, Any]]) -> list[str]:
    """What each of these runs would do, in words, as who asked for it has seen it."""
    ids = {pk for one in asked for pk in one["effect"]["vacant"][:NAMED]}
    names = dict(Territory.objects.filter(pk__in=ids).values_list("pk", "name"))
    return [" ".join(_said(one, names)) for one in asked]


def _said(asked: dict[str, Any], names: Mapping[int, str]) -> Iterable[str]:
    effect = asked["effect"]
    words = {name: format_number(effect[name]) for name in ("moved", "left_alone", "unassigned", "in_vacant")}
    words["day"] = format_date(date.fromisoformat(asked["starts_on"]))
    words["seen_on"] = format_date(date.fromisoformat(effect["seen_on"]))
    head = ngettext(
        "%(moved)s account goes to another territory from %(day)s on, as seen on %(seen_on)s.",
        "%(moved)s accounts go to other territories from %(day)s on, as seen on %(seen_on)s.",
        effect["moved"],
    )
    yield head % words
    if effect["left_alone"]:
        yield _staying(effect["left_alone"], is_back=bool(asked["takes_back_id"])) % words
    people = {name: format_number(effect[name]) for name in ("gaining", "losing")}
    yield _("People who gain accounts: %(gaining)s; who lose some: %(losing)s.") % people
    if effect["unassigned"]:
        yield _("%(unassigned)s of them come to nobody, into Unassigned.") % words
    if effect["in_vacant"]:
        some = [names[pk] for pk in effect["vacant"][:NAMED] if pk in names]
        words["names"] = ", ".join(some) + (" …" if len(effect["vacant"]) > NAMED else "")
        yield _("%(in_vacant)s go where nobody sells on that day: %(names)s.") % words
    yield deals_in_words(_deals(effect["deals"]))
    yield _("Quotas and booked credit stay as they are.")


def _staying(count: int, *, is_back: bool) -> str:
    if is_back:
        return ngettext(
            "%(left_alone)s stays: it moved on since, is held, or was where no territory is any more.",
            "%(left_alone)s stay: they moved on since, are held, or were where no territory is any more.",
            count,
        )
    return ngettext(
        "%(left_alone)s stays: placed by hand, or held.",
        "%(left_alone)s stay: placed by hand, or held.",
        count,
    )


def deals_in_words(deals: Deals) -> str:
    """That so many open deals go with their accounts, and stay with who has them."""
    if not deals.count:
        return _("No open deal is on them.")
    words = ngettext(
        "%(count)s open deal goes with its account and keeps its owner: %(sums)s.",
        "%(count)s open deals go with their accounts and keep their owners: %(sums)s.",
        deals.count,
    )
    return words % {"count": format_number(deals.count), "sums": deals.amounts}


def rule_run_lines(asked: dict[str, Any]) -> list[Line]:
    """The people and then the territories with which most accounts come and go in a run that is asked for."""
    effect = asked["effect"]
    people = dict(User.objects.filter(pk__in=[row[0] for row in effect["people"]]).values_list("pk", "name"))
    ids = [row[1] for row in effect["territories"] if row[1]]
    places = dict(Territory.objects.filter(pk__in=ids).values_list("pk", "name"))
    theirs = [
        Line(people[row[0]], reverse("person_detail", args=[row[0]]), _noted(row[1:]))
        for row in effect["people"]
        if row[0] in people
    ]
    return theirs + [
        Line(places[row[1]], reverse("territory_detail", args=[row[1]]), _noted(row[2:], row[0]))
        for row in effect["territories"]
        if row[1] in places
    ]


def _noted(figures: Sequence[Any], coverage: str = "") -> str:
    """*in 12 (3 open deals, $1,200.00) · out 4 (no open deal)*."""
    came, went, deals_in, deals_out = figures
    said = [str(Coverage(coverage).label)] if coverage not in ("", Coverage.FIELD) else []
    for words, count, sums in ((_("in %(count)s"), came, deals_in), (_("out %(count)s"), went, deals_out)):
        if count:
            said.append(words % {"count": format_number(count)} + _worth(_deals(sums)))
    return " · ".join(said)


def _worth(deals: Deals) -> str:
    if not deals.count:
        return ""
    words = ngettext("%(count)s open deal: %(sums)s", "%(count)s open deals: %(sums)s", deals.count)
    return f" ({words % {'count': format_number(deals.count), 'sums': deals.amounts}})"
