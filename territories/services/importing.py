"""People, territories and seats brought in from files: each of them once, all of a file with a few statements."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from common.access import Role
from common.dated import Dated
from common.errors import Conflict, Refused
from common.importing import Names, Outcome, Row, resolved
from common.selectors import today
from common.services import refuse_closed
from common.staging import append, by_index, merge, new_ids
from common.transaction import act, reach
from common.undoing import (
    Made,
    created,
    put_back,
    recorded,
    refuse_published,
    refuse_recorded,
    take_out,
    take_out_recorded,
)
from territories import rules
from territories.models import Edge, Naming, RoleGrant, Seat, Territory, User
from territories.services.names import check_new_kind
from territories.services.people import check_profile, lock_admins, need_admin
from territories.services.seats import seat_person
from territories.services.tree import check_fit, check_parent, create_root

PERSON = ["id", "password", "is_active", "email", "name", "locale", "time_zone"]
TERRITORY = ["id", "is_unassigned", "code", "name", "kind"]


@act
def apply_import(*, by: int | None, entity: str, rows: Sequence[Row]) -> Outcome:
    """Bring in people with a role (`person`), tree nodes (`territory`) or seats (`seat`).

    Administrators, and the organisation's own jobs. Dated facts that stand are left as they are: a row that says
    otherwise is rejected, because a move has a date that a file does not tell.
    """
    reach().require("user", "update")
    outcome = Outcome()
    if entity == "seat":
        people = Names(_("person"), User.objects.values_list("pk", "email", "name"))
        rows = resolved(rows, outcome, {"person": people, "territory": _nodes()})
    bringing: dict[str, Callable[..., _People | _Nodes | _Seats]]
    bringing = {"person": _People, "territory": _Nodes, "seat": _Seats}
    with by_index():
        bringing[entity](by, rows).bring(rows, outcome)
    return outcome


def _nodes() -> Names:
    return Names(_("territory"), Territory.objects.values_list("pk", "code", "name"))


def _bring(entity: str, row: Row, outcome: Outcome, write: Callable[[Row], str]) -> None:
    """Count what became of a row, or keep why it is refused."""
    try:
        kind = write(row)
    except Refused as refusal:
        column, remedy = refusal.path.removesuffix("_id"), _("Correct the row, or change it in the product.")
        outcome.rejects.append(row.reject(column or entity, str(refusal.message), remedy))
    else:
        outcome.add(kind == "created", kind == "changed", kind == "unchanged")


def _refusal(check: Callable[..., Any], *facts: Any) -> Refused | None:
    """Why the rules refuse these facts, if they do."""
    try:
        check(*facts)
    except Refused as refusal:
        return refusal
    return None


def _raise(refusal: Refused | None) -> None:
    if refusal:
        raise refusal


def _held(rows: Iterable[Any], *names: str) -> dict[Any, list[Any]]:
    """Dated rows by what they are of."""
    held: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        held[tuple(getattr(row, name) for name in names)].append(row)
    return held


def _record(model: type[Dated], rows: Iterable[Any], *names: str) -> None:
    """Write dated rows that are new: what they are of, and when they hold."""
    columns = [*names, "starts_on", "stops_on", "recorded_by_id"]
    append(model._meta.db_table, columns, ([getattr(row, name) for name in columns] for row in rows))


class _People:
    """The people of a file, who is here already, and what has to be written; people who are here stay locked."""

    def __init__(self, by: int | None, rows: Sequence[Row]) -> None:
        self.by = by
        emails = {row.values["email"].lower() for row in rows}
        known = User.objects.filter(email__in=emails).order_by("pk").select_for_update(no_key=True)
        self.people = {person.email: person for person in known}
        grants = RoleGrant.objects.current().filter(user__in=self.people.values()).order_by("starts_on")
        ends = grants.values_list("user__email", "role", "stops_on")
        self.until = {(email, role): stops_on or date.max for email, role, stops_on in ends}
        self.ids = iter(new_ids("territories_user", len(emails) - len(self.people)))
        self.written: dict[str, User] = {}
        self.grants: list[RoleGrant] = []
        self.refusal_of = cache(lambda **style: _refusal(check_profile, style))

    def bring(self, rows: Sequence[Row], outcome: Outcome) -> None:
        for row in rows:
            _bring("person", row, outcome, self._person)
        staged = ([getattr(one, name) for name in PERSON] for one in self.written.values())
        merge("territories_user", PERSON, staged, once=("password", "is_active"))
        _record(RoleGrant, self.grants, "user_id", "role")

    def _person(self, row: Row) -> str:
        values = {name: value for name, value in row.values.items() if value}
        values["email"], role, starts_on = (
            values["email"].lower(),
            values.pop("role"),
            values.pop("starts_on"),
        )
        self._check(values)
        person = self.people.get(values["email"])
        kind = "unchanged"
        if person is None:
            kind = "created"
            person = User(pk=next(self.ids), password=make_password(None), email=values["email"])
        elif any(getattr(person, name) != value for name, value in values.items()):
            kind = "changed"
        if kind != "unchanged":
            for name, value in values.items():
                setattr(person, name, value)
            self.people[person.email] = self.written[person.email] = person
        if self.until.get((person.email, role), date.min) <= starts_on:
            self.until[person.email, role] = date.max
            grant = RoleGrant(user_id=person.pk, role=role, starts_on=starts_on, recorded_by_id=self.by)
            self.grants.append(grant)
            kind = "created" if kind == "created" else "changed"
        return kind

    def _check(self, values: dict[str, Any]) -> None:
        """Raises Refused for an address, a zone or a locale that is none; names are taken as the file has them."""
        try:
            validate_email(values["email"])
        except ValidationError as error:
            raise Refused(_("It is not an e-mail address."), path="email") from error
        _raise(self.refusal_of(**{name: values[name] for name in ("locale", "time_zone") if name in values}))


class _Nodes:
    """The territories of a file, the tree that is here, and what has to be written; the nodes named stay locked."""

    def __init__(self, by: int | None, rows: Sequence[Row]) -> None:
        self.by, self.names = by, _nodes()
        codes = {row.values["code"] for row in rows}
        known = Territory.objects.filter(code__in=codes).order_by("pk").select_for_update(no_key=True)
        self.nodes = {node.code: node for node in known}
        named = Naming.objects.current().filter(territory__in=self.nodes.values())
        self.renamed = set(named.values_list("territory_id", flat=True))
        self.placed: dict[int, Territory] = Territory.objects.in_bulk()
        self.parents = {row.values.get("parent") for row in rows}
        self.edges = _held(Edge.objects.current().filter(child__in=self.nodes.values()), "child_id")
        self.ids = iter(new_ids("territories_territory", len(codes) - len(self.nodes)))
        self.written: dict[int, Territory] = {}
        self.new: dict[int, Edge] = {}
        self.closed = cache(lambda day: _refusal(refuse_closed, day, "starts_on"))
        self.misplaced = cache(lambda parent_id, day: _refusal(check_parent, parent_id, day))

    def bring(self, rows: Sequence[Row], outcome: Outcome) -> None:
        for row in self._parents_first(rows, outcome):
            for found in resolved([row], outcome, {"parent": self.names}):
                _bring("territory", found, outcome, self._territory)
        self._write()

    def _parents_first(self, rows: Sequence[Row], outcome: Outcome) -> Iterator[Row]:
        """Parents before children, in whichever order the file has them; then those whose parent never comes."""
        ready, waiting = deque[Row](), defaultdict[str, list[Row]](list)
        for row in rows:
            parent = row.values.get("parent")
            (ready if not parent or parent in self.names else waiting[parent]).append(row)
        coming = {row.values["code"] for row in rows}
        while ready or (ready := self._without(coming, waiting)):
            row = ready.popleft()
            yield row
            ready.extend(waiting.pop(row.values["code"], ()))
            if row.values["name"] in self.names:
                ready.extend(waiting.pop(row.values["name"], ()))
        remedy = _("Give one of them no parent.")
        for row in sorted((row for lost in waiting.values() for row in lost), key=lambda row: row.line):
            outcome.rejects.append(row.reject("parent", _("It lies below itself."), remedy))

    def _without(self, coming: set[str], waiting: dict[str, list[Row]]) -> deque[Row]:
        """Those that wait for a parent that no row brings."""
        lost = [parent for parent in waiting if parent not in coming]
        return deque(row for parent in lost for row in waiting.pop(parent))

    def _territory(self, row: Row) -> str:
        code, name, starts_on = (row.values[part] for part in ("code", "name", "starts_on"))
        node, parent_id, kind = self.nodes.get(code), row.values.get("parent"), row.values.get("kind")
        if node is None:
            self._create(code, name, kind or self._usual_kind(row), parent_id, starts_on)
            return "created"
        standing = next((edge for edge in self.edges[node.pk,] if edge.holds_on(starts_on)), None)
        if standing is None or standing.parent_id != parent_id:
            raise Refused(_("It lies elsewhere in the tree on that day."), path="parent")
        if (node.name, node.kind) == (name, kind or node.kind):
            return "unchanged"
        self._check_change(node, name, kind or node.kind)
        node.name, node.kind = name, kind or node.kind
        self.written[node.pk] = self.placed[node.pk] = node
        self.names.add(node.pk, code, name)
        return "changed"

    def _check_change(self, node: Territory, name: str, kind: str) -> None:
        """Raises Refused for a name where the product says which one holds when, and for a type that does not fit."""
        if name != node.name and node.pk in self.renamed:
            raise Refused(_("It was renamed here, and bears several names by date."), path="name")
        if kind != node.kind:
            self._write()  # so that the tree itself says what is wrong
            check_new_kind(node, kind)

    def _usual_kind(self, row: Row) -> str:
        """The type of a new territory that names none: by what it lies below, and whether the file has some below."""
        parent = self.placed.get(row.values.get("parent") or 0)
        is_parent = not self.parents.isdisjoint((row.values["code"], row.values["name"]))
        return rules.kind_by_place(parent.kind if parent else None, is_parent=is_parent)

    def _create(self, code: str, name: str, kind: str, parent_id: int | None, starts_on: date) -> None:
        if parent_id is None:
            node = create_root(by=self.by, name=name, code=code, starts_on=starts_on, kind=kind)
        else:
            self._check(parent_id, starts_on)
            node = Territory(pk=next(self.ids), name=name, code=code, kind=kind)
            check_fit(node, self.placed[parent_id])
            self.written[node.pk] = node
        self.placed[node.pk] = node
        edge = Edge(child=node, parent_id=parent_id, starts_on=starts_on, recorded_by_id=self.by)
        if parent_id:
            self.new[node.pk] = edge
        self.nodes[code], self.edges[node.pk,] = node, [edge]
        self.names.add(node.pk, code, name)

    def _check(self, parent_id: int, starts_on: date) -> None:
        """Raises Refused for a day in a closed period, or on which the parent is not part of the tree."""
        _raise(self.closed(starts_on))
        above = self.new.get(parent_id)
        if above and not above.holds_on(starts_on):
            self._write()  # so that the tree itself says what is wrong
        if parent_id not in self.new:
            _raise(self.misplaced(parent_id, starts_on))

    def _write(self) -> None:
        """Write what is new or changed so far."""
        staged = ([getattr(node, name) for name in TERRITORY] for node in self.written.values())
        merge("territories_territory", TERRITORY, staged, once=("is_unassigned",))
        _record(Edge, self.new.values(), "child_id", "parent_id")
        self.written, self.new = {}, {}


class _Seats:
    """The seats of a file, with what stands on their territories, which stay locked.

    `odd` are those that something seems to speak against: the act that seats one person says what it is.
    """

    def __init__(self, by: int | None, rows: Sequence[Row]) -> None:
        self.by = by
        people, places = ({row.values[name] for row in rows} for name in ("person", "territory"))
        # Two who seat at once would each wait for the other inside the exclusion constraint.
        locked = Territory.objects.filter(pk__in=places).order_by("pk").select_for_update(no_key=True)
        self.places = {node.pk for node in locked if not node.is_unassigned}
        self.edges = _held(Edge.objects.current().filter(child__in=places), "child_id")
        self.people = set(User.objects.filter(pk__in=people, is_active=True).values_list("pk", flat=True))
        self.seats = _held(Seat.objects.current().filter(territory__in=places), "territory_id", "kind")
        self.closed = cache(lambda day: _refusal(refuse_closed, day, "starts_on"))
        self.new: list[Seat] = []
        self.odd: dict[int, Row] = {}

    def bring(self, rows: Sequence[Row], outcome: Outcome) -> None:
        for row in rows:
            outcome.unchanged += self._stands(row)
        _record(Seat, self.new, "user_id", "territory_id", "kind", "reason")
        outcome.created += len(self.new)
        for row in self.odd.values():
            _bring("seat", row, outcome, self._seat)

    def _stands(self, row: Row) -> bool:
        """Whether the seat is here already; else it is kept as new, or as odd."""
        seat = Seat(**_seat_of(row), recorded_by_id=self.by)
        beside = self.seats[seat.territory_id, seat.kind]
        others = [one for one in beside if _meet(one, seat)]
        is_odd = any(id(one) in self.odd for one in others)
        if not is_odd and any(one.user_id == seat.user_id for one in others):
            return True
        beside.append(seat)
        if is_odd or (others and seat.kind in Seat.LASTING) or not self._fits(seat):
            self.odd[id(seat)] = row
        else:
            self.new.append(seat)
        return False

    def _fits(self, seat: Seat) -> bool:
        """Whether nothing but another seat speaks against it."""
        is_placed = any(edge.holds_on(seat.starts_on) for edge in self.edges[seat.territory_id,])
        is_known = seat.user_id in self.people and seat.territory_id in self.places
        is_ordered = seat.stops_on is None or seat.starts_on < seat.stops_on
        return is_placed and is_known and is_ordered and not self.closed(seat.starts_on)

    def _seat(self, row: Row) -> str:
        facts = _seat_of(row)
        start, stop = facts["starts_on"], facts["stops_on"]
        same = {name: facts[name] for name in ("user_id", "territory_id", "kind")}
        if Seat.objects.overlapping(start, stop).filter(**same).exists():
            return "unchanged"
        seat_person(by=self.by, **facts)
        return "created"


def _seat_of(row: Row) -> dict[str, Any]:
    """Who sits where, as what, and when."""
    values = row.values
    whose = {"user_id": values["person"], "territory_id": values["territory"], "kind": values["kind"]}
    return {**whose, "starts_on": values["starts_on"], "stops_on": values.get("stops_on")}


def _meet(one: Dated, other: Dated) -> bool:
    """Whether two dated rows share a day."""
    starts_before = other.stops_on is None or one.starts_on < other.stops_on
    return starts_before and (one.stops_on is None or other.starts_on < one.stops_on)


@act
def undo_import(*, by: int | None, entity: str, made: Made) -> None:
    """Take back the people (`person`), tree nodes (`territory`) or seats (`seat`) of an import.

    Who may: as for `apply_import`. Raises InUse where something refers to them, they were changed since, or published
    figures or credit booked since stand on them, Conflict for people who signed in, and for the role of the last
    administrator.
    """
    reach().require("user", "update")
    {"person": _undo_people, "territory": _undo_tree, "seat": _undo_seats}[entity](made)


def _undo_seats(made: Made) -> None:
    seats = recorded(made, Seat)
    people, places = (set(seats.values_list(name, flat=True)) for name in ("user_id", "territory_id"))
    refuse_published(made, Seat, user=people, territory=places)
    refuse_recorded(made, Seat, "credit", person__in=people, seat__in=places)
    take_out_recorded(made, Seat)


def _undo_people(made: Made) -> None:
    """Somebody who was here stays on record: they are deactivated, not undone."""
    # Locked first, so that nobody signs in meanwhile.
    new = User.objects.filter(pk__in=created(made, User)).order_by("pk").select_for_update(of=("self",))
    if names := [person.name for person in new if person.last_login][:3]:
        message = _("%(names)s signed in already. Deactivate whom you brought in by mistake.")
        raise Conflict(message % {"names": ", ".join(names)}, code="signed_in")
    lock_admins()
    grants = take_out_recorded(made, RoleGrant)
    if any(grant.role == Role.ADMIN for grant in grants):
        need_admin(today())
    put_back(made, User)
    take_out(made, User)


def _undo_tree(made: Made) -> None:
    take_out_recorded(made, Edge)
    put_back(made, Territory)
    take_out(made, Territory)
