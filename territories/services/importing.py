"""People, territories and seats brought in from files; each of them once."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from common.errors import Conflict, Refused
from common.importing import Names, Outcome, Row, resolved
from common.transaction import act, reach
from common.undoing import Made, created, put_back, refuse_published, take_out, take_out_recorded
from territories.models import Edge, RoleGrant, Seat, Territory, User
from territories.services.people import check_profile
from territories.services.seats import seat_person
from territories.services.tree import create_root, create_territory


@act
def apply_import(*, by: int | None, entity: str, rows: Sequence[Row]) -> Outcome:
    """Bring in people with a role (`person`), tree nodes (`territory`) or seats (`seat`).

    Administrators, and the organisation's own jobs. Dated facts that stand are left as they are: a row that says
    otherwise is rejected, because a move has a date that a file does not tell.
    """
    reach().require("user", "update")
    outcome = Outcome()
    write = {"person": _person, "territory": _territory, "seat": _seat}[entity]
    for row in _resolved(entity, rows, outcome):
        try:
            kind = write(by, row)
        except Refused as refusal:
            column, remedy = (
                refusal.path.removesuffix("_id"),
                _("Correct the row, or change it in the product."),
            )
            outcome.rejects.append(row.reject(column or entity, str(refusal.message), remedy))
        else:
            outcome.add(kind == "created", kind == "changed", kind == "unchanged")
    return outcome


def _resolved(entity: str, rows: Sequence[Row], outcome: Outcome) -> Iterable[Row]:
    if entity == "territory":
        return _parents_first(rows, outcome)
    if entity == "seat":
        people = Names(_("person"), User.objects.values_list("pk", "email", "name"))
        return resolved(rows, outcome, {"person": people, "territory": _nodes()})
    return rows


def _nodes() -> Names:
    return Names(_("territory"), Territory.objects.values_list("pk", "code", "name"))


def _parents_first(rows: Sequence[Row], outcome: Outcome) -> Iterator[Row]:
    """Parents before children, in whichever order the file has them; then those whose parent never comes."""
    waiting = list(rows)
    while waiting:
        nodes, coming = _nodes(), {row.values["code"] for row in waiting}
        ready = [row for row in waiting if not row.values.get("parent") or row.values["parent"] in nodes]
        ready = ready or [row for row in waiting if row.values["parent"] not in coming]
        if not ready:
            remedy = _("Give one of them no parent.")
            outcome.rejects += [row.reject("parent", _("It lies below itself."), remedy) for row in waiting]
            return
        yield from resolved(ready, outcome, {"parent": nodes})
        waiting = [row for row in waiting if row not in ready]


def _person(by: int | None, row: Row) -> str:
    values = {name: value for name, value in row.values.items() if value}
    email, role, starts_on = row.values["email"].lower(), values.pop("role"), values.pop("starts_on")
    values["email"] = email
    _check(values)
    person = User.objects.filter(email=email).first()
    kind = "unchanged"
    if person is None:
        person, kind = User.objects.create(password=make_password(None), **values), "created"
    elif changes := {name: value for name, value in values.items() if getattr(person, name) != value}:
        User.objects.change(person.pk, person.version, **changes)
        kind = "changed"
    if not RoleGrant.objects.current().filter(user=person, role=role).exists():
        RoleGrant.objects.create(user=person, role=role, starts_on=starts_on, recorded_by_id=by)
        kind = "created" if kind == "created" else "changed"
    return kind


def _check(values: dict[str, Any]) -> None:
    try:
        validate_email(values["email"])
    except ValidationError as error:
        raise Refused(_("It is not an e-mail address."), path="email") from error
    check_profile({**values, "name": ""})  # names are taken as the file has them


def _territory(by: int | None, row: Row) -> str:
    values, parent_id, starts_on = row.values, row.values.get("parent"), row.values["starts_on"]
    node = Territory.objects.filter(code=values["code"]).first()
    if node is None:
        named = {"by": by, "name": values["name"], "code": values["code"], "starts_on": starts_on}
        if parent_id is None:
            create_root(**named)
        else:
            create_territory(**named, parent_id=parent_id)
        return "created"
    standing = Edge.objects.on(starts_on).filter(child=node).first()
    if standing is None or standing.parent_id != parent_id:
        raise Refused(_("It lies elsewhere in the tree on that day."), path="parent")
    if node.name == values["name"]:
        return "unchanged"
    Territory.objects.change(node.pk, node.version, name=values["name"])
    return "changed"


def _seat(by: int | None, row: Row) -> str:
    values = row.values
    same = {"user_id": values["person"], "territory_id": values["territory"], "kind": values["kind"]}
    start, stop = values["starts_on"], values.get("stops_on")
    if Seat.objects.overlapping(start, stop).filter(**same).exists():
        return "unchanged"
    seat_person(by=by, **same, starts_on=start, stops_on=stop)
    return "created"


@act
def undo_import(*, by: int | None, entity: str, made: Made) -> None:
    """Take back the people (`person`), tree nodes (`territory`) or seats (`seat`) of an import.

    Who may: as for `apply_import`. Raises InUse where something refers to them, they were changed since, or published
    figures stand on them, Conflict for people who signed in.
    """
    reach().require("user", "update")
    {"person": _undo_people, "territory": _undo_tree, "seat": _undo_seats}[entity](made)


def _undo_seats(made: Made) -> None:
    seats = Seat.objects.filter(recorded_at=made.at)
    people, places = (set(seats.values_list(name, flat=True)) for name in ("user_id", "territory_id"))
    refuse_published(made, Seat, user=people, territory=places)
    take_out_recorded(made, Seat)


def _undo_people(made: Made) -> None:
    """Somebody who was here stays on record: they are deactivated, not undone."""
    here = User.objects.filter(pk__in=created(made, User), last_login__isnull=False)
    if names := [person.name for person in here[:3]]:
        message = _("%(names)s signed in already. Deactivate whom you brought in by mistake.")
        raise Conflict(message % {"names": ", ".join(names)}, code="signed_in")
    take_out_recorded(made, RoleGrant)
    put_back(made, User)
    take_out(made, User)


def _undo_tree(made: Made) -> None:
    take_out_recorded(made, Edge)
    put_back(made, Territory)
    take_out(made, Territory)
