"""People, territories and seats brought in from files: each of them once, all of a file with a few statements."""

from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _

from common.importing import Names, Outcome, Row, resolved
from common.staging import by_index
from common.transaction import act, reach
from common.undoing import Made
from territories.models import User
from territories.services.importing_people import People, undo_people
from territories.services.importing_seats import Seats, undo_seats
from territories.services.importing_tree import Nodes, node_names, undo_tree


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
        rows = resolved(rows, outcome, {"person": people, "territory": node_names()})
    bringing: dict[str, Callable[..., People | Nodes | Seats]]
    bringing = {"person": People, "territory": Nodes, "seat": Seats}
    with by_index():
        bringing[entity](by, rows).bring(rows, outcome)
    return outcome


@act
def undo_import(*, by: int | None, entity: str, made: Made) -> None:
    """Take back the people (`person`), tree nodes (`territory`) or seats (`seat`) of an import.

    Who may: as for `apply_import`. Raises InUse where something refers to them, they were changed since, or published
    figures or credit booked since stand on them, Conflict for people who signed in, and for the role of the last
    administrator.
    """
    reach().require("user", "update")
    {"person": undo_people, "territory": undo_tree, "seat": undo_seats}[entity](made)
