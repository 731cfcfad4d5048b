"""People, territories and seats brought in from files; each of them once."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from common.errors import Refused
from common.importing import Names, Outcome, Row, resolved
from common.services import refuse_closed
from common.transaction import act, reach
from territories.models import Edge, RoleGrant, Seat, Territory, User
from territories.services.people import check_profile
from territories.services.seats import seat_person
from territories.services.tree import check_parent

UNASSIGNED = "UNASSIGNED"


@act
def apply_import(*, by: int | None, entity: str, rows: Sequence[Row]) -> Outcome:
    """Bring in people with a role (`person`), tree nodes (`territory`) or seats (`seat`).

    Administrators, and the organisation's own jobs. Dated facts that stand are left as they are: a row that says
    otherwise is rejected, because a move has a date that a file does not tell.
    """
    reach().require("user", "update")
    outcome = Outcome()
    if entity == "territory":
        _territories(by, rows, outcome)
        return outcome
    if entity == "seat":
        nodes = Names(_("territory"), Territory.objects.values_list("pk", "code", "name"))
        rows = resolved(rows, outcome, {"person": person_names(), "territory": nodes})
    one: dict[str, Callable[[int | None, Row], str]] = {"person": _person, "seat": _seat}
    for row in rows:
        try:
            kind = one[entity](by, row)
        except Refused as refusal:
            outcome.rejects.append(
                row.reject(refusal.path or entity, str(refusal.message), _("Change it in the product."))
            )
            continue
        outcome.add(kind == "created", kind == "changed", kind == "unchanged")
    return outcome


def person_names() -> Names:
    """People by e-mail address, or by name where only one has it."""
    return Names(_("person"), User.objects.values_list("pk", "email", "name"))


def _person(by: int | None, row: Row) -> str:
    values = dict(row.values)
    role, starts_on = values.pop("role"), values.pop("starts_on")
    email = values.pop("email").lower()
    _check(email, values)
    person = User.objects.filter(email=email).first()
    kind = "unchanged"
    if person is None:
        given = {name: value for name, value in values.items() if value}
        person = User.objects.create(email=email, password=make_password(None), **given)
        kind = "created"
    elif changes := {
        name: value for name, value in values.items() if value and getattr(person, name) != value
    }:
        User.objects.filter(pk=person.pk).update(version=person.version + 1, **changes)
        kind = "changed"
    if not RoleGrant.objects.current().filter(user=person, role=role).exists():
        RoleGrant.objects.create(user=person, role=role, starts_on=starts_on, recorded_by_id=by)
        kind = "created" if kind == "created" else "changed"
    return kind


def _check(email: str, values: dict[str, Any]) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise Refused(_("It is not an e-mail address."), path="email") from error
    check_profile({name: values[name] for name in ("locale", "time_zone") if values.get(name)})


def _territories(by: int | None, rows: Sequence[Row], outcome: Outcome) -> None:
    """Parents before children, in whichever order the file has them; then those whose parent never comes."""
    waiting = list(rows)
    while waiting:
        nodes = Names(_("territory"), Territory.objects.values_list("pk", "code", "name"))
        coming = {row.values["code"] for row in waiting}
        ready = [row for row in waiting if not row.values.get("parent") or row.values["parent"] in nodes]
        ready = ready or [row for row in waiting if row.values["parent"] not in coming]
        if not ready:
            remedy = _("Give one of them no parent.")
            outcome.rejects += [row.reject("parent", _("It lies below itself."), remedy) for row in waiting]
            return
        for row in resolved(ready, outcome, {"parent": nodes}):
            _territory(by, row, outcome)
        waiting = [row for row in waiting if row not in ready]


def _territory(by: int | None, row: Row, outcome: Outcome) -> None:
    values, parent_id = row.values, row.values.get("parent")
    node = Territory.objects.filter(code=values["code"]).first()
    if node is None:
        _new_territory(by, row, outcome)
        return
    standing = Edge.objects.on(values["starts_on"]).filter(child=node).first()
    if standing is None or standing.parent_id != parent_id:
        outcome.rejects.append(
            row.reject(
                "parent",
                _("It lies elsewhere in the tree on that day."),
                _("Move it on the territory's page."),
            )
        )
    elif node.name != values["name"]:
        Territory.objects.change(node.pk, node.version, name=values["name"])
        outcome.changed += 1
    else:
        outcome.unchanged += 1


def _new_territory(by: int | None, row: Row, outcome: Outcome) -> None:
    values, parent_id, starts_on = row.values, row.values.get("parent"), row.values["starts_on"]
    try:
        refuse_closed(starts_on, "starts_on")
        check_parent(parent_id, starts_on)
    except Refused as refusal:
        name = refusal.path.removesuffix("_id")
        outcome.rejects.append(row.reject(name, str(refusal.message), _("Correct the row.")))
        return
    node = Territory.objects.create(code=values["code"], name=values["name"])
    _hang(by, node, parent_id, starts_on)
    outcome.created += 1


def _hang(by: int | None, node: Territory, parent_id: int | None, starts_on: Any) -> None:
    Edge.objects.create(child=node, parent_id=parent_id, starts_on=starts_on, recorded_by_id=by)
    nobody = ensure_unassigned()
    if parent_id is None and not Edge.objects.current().filter(child=nobody).exists():
        Edge.objects.create(child=nobody, parent=node, starts_on=starts_on, recorded_by_id=by)


def ensure_unassigned() -> Territory:
    """The node that keeps what belongs to nobody; made where there is none, hung below the first root."""
    node, _ = Territory.objects.get_or_create(
        is_unassigned=True, defaults={"code": UNASSIGNED, "name": "Unassigned"}
    )
    return node


def _seat(by: int | None, row: Row) -> str:
    values = row.values
    same = {"user_id": values["person"], "territory_id": values["territory"], "kind": values["kind"]}
    seats = Seat.objects.overlapping(values["starts_on"], values.get("stops_on")).filter(**same)
    if seats.exists():
        return "unchanged"
    seat_person(by=by, **same, starts_on=values["starts_on"], stops_on=values.get("stops_on"))
    return "created"
