"""A sheet of what stands, edited elsewhere and brought back: what differs becomes a draft of a realignment."""

from collections.abc import Sequence

from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from common.errors import Conflict, Forbidden, Refused
from common.importing import Outcome, Row
from common.transaction import act, reach
from common.undoing import Made, created
from planning.models import Draft, Move
from planning.services.drafts import create_draft, drop_draft
from planning.services.sheet_lines import Comparison, day_of


@act
def import_realignment(*, by: int | None, entity: str, rows: Sequence[Row]) -> Outcome:
    """Draft the moves that make the company what the lines say on their day; whoever drafts. Nothing moves.

    Directors draft accounts within what they lead; what lies beyond is to them as if it were not there. A line about an
    account says its territory; any other one is about a territory. Of a column that the file lacks nothing changes; an
    empty owner or lead leaves the seat vacant. With anything wrong there is no draft. Raises Refused where nobody would
    own the draft, as in a folder of files.
    """
    if not reach().relations("draft", "create"):
        raise Forbidden()
    if by is None:
        raise Refused(_("A realignment is somebody's draft. Bring its table in on the page of realignments."))
    day, wrong = day_of(rows)
    if wrong:
        return Outcome(rejects=wrong)
    found = Comparison(rows, day)
    if found.rejects:
        return Outcome(rejects=found.rejects)
    if moves := found.moves():
        draft = create_draft(by=by, name=_free_name(rows[0].file), starts_on=day)
        for move in moves:
            move.draft = draft
        Move.objects.bulk_create(moves)
    return Outcome(changed=len(rows) - found.same, unchanged=found.same, differences=found.differences())


def _free_name(file: str) -> str:
    """What a draft is called: as its file, with a number where there is one of that name."""
    plain = file.removesuffix(".csv").removesuffix(".xlsx").strip()[:100] or _("Import")
    name = wanted = plain[:1].upper() + plain[1:]
    drafts = Draft.objects.exclude(state=Draft.State.DROPPED).annotate(lower=Lower("name"))
    taken = set(drafts.filter(lower__startswith=wanted.lower()).values_list("lower", flat=True))
    number = 1
    while name.lower() in taken:
        number += 1
        name = f"{wanted} {number}"
    return name


@act
def undo_realignment(*, by: int, entity: str, made: Made) -> None:
    """Give up the draft that an import made, while it is one. Raises Conflict once it was asked for or published."""
    for draft in Draft.objects.filter(pk__in=created(made, Draft)).exclude(state=Draft.State.DROPPED):
        if draft.state != Draft.State.OPEN:
            message = _(
                "%(name)s is no draft any more: %(state)s. Work on it again, or take it back, on its page."
            )
            words = {"name": draft.name, "state": draft.get_state_display()}
            raise Conflict(message % words, code="not_undone")
        drop_draft(by=by, draft_id=draft.pk, version=draft.version)
