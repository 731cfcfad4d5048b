"""Many open deals changed in one act, all or none: what one edit and one move do, at a fraction of the statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.errors import Conflict, Forbidden, ManyRefused, NotInReach, Refused, Stale
from common.selectors import today
from common.staging import by_index, merge
from common.transaction import act, because, context, reach, widened
from pipeline.bulk import write_visits
from pipeline.models import Opportunity, Stage
from pipeline.selectors.criteria import passed_each
from pipeline.selectors.sharing import waiting_splits
from pipeline.services.checks import MERGED
from pipeline.services.credit import end_waiting_split
from pipeline.services.editing import Known, becoming
from pipeline.services.passing import pass_activities
from pipeline.services.stages import Rivals, competitor, entering, lost_reason_of, stage_of
from pipeline.services.telling import WORTH_TELLING
from workspace.models import Event
from workspace.services import Told, tell_each

MOST = 10_000
Change = tuple[int, int, Mapping[str, Any]]
"""A deal's id, the version that was read, and what becomes of it: fields of EDITABLE, and those of MOVE."""
MOVE = ("stage_id", "lost_reason", "lost_to")


@act
def change_opportunities(
    *, by: int, changes: Sequence[Change], reason: str = "", with_activities: bool = False
) -> list[Opportunity]:
    """Change many open deals, all or none, each as `edit_opportunity` and then `move_stage` would.

    `reason` is kept beside every change, and asked for where an owner changes. `with_activities`: what the owners of
    deals that go to somebody else had still to do for them goes along. Owners are told once each. Answers the deals as
    they were asked for, as they are now.

    Whoever may edit every one of them. Raises ManyRefused with all that is wrong, by the place in `changes`:
    NotInReach, Forbidden, Stale, Conflict for a closed deal, Refused on a field. A deal is won by booking its order,
    never here.
    """
    _check_number(changes)
    asked = _Asked(by, changes)
    if not reason.strip():
        asked.refuse_given()
    if asked.faults:
        raise ManyRefused(_said(len(asked.faults)), sorted(asked.faults, key=lambda fault: fault[0]))
    with because(reason.strip() or context().why):
        asked.write(with_activities=with_activities)
    with widened("opportunity"):  # one that was given away may be out of reach by now
        rows = Opportunity.objects.select_related("stage").in_bulk([pk for pk, _version, _new in changes])
    asked.tell(rows)
    return [rows[pk] for pk, _version, _new in changes]


class _Asked:
    """What was asked of which deals, what becomes of them, and what is wrong with it."""

    def __init__(self, by: int, changes: Sequence[Change]) -> None:
        self.by, self.changes, self.day = by, changes, today()
        self.faults: list[tuple[int, Refused]] = []
        self.stages = self._stages()
        ids = [pk for pk, _version, _new in changes]
        self.deals = _held(ids)
        self.owners = {pk: deal.owner_id for pk, deal in self.deals.items()}
        self.known = Known(self.deals.values())
        self.edits: dict[int, dict[str, Any]] = {}
        self._edit()
        self.moved: dict[int, dict[str, Any]] = {}
        self._move()

    def _stages(self) -> dict[int, Stage]:
        """The stages that are entered, in the order in which every act locks them; unknown ones are faults later."""
        found = {}
        for pk in sorted({new["stage_id"] for _pk, _version, new in self.changes if "stage_id" in new}):
            try:
                found[pk] = stage_of(pk)
            except Refused as refusal:
                self._fault_each(pk, refusal)
        return found

    def _fault_each(self, stage_id: int, refusal: Refused) -> None:
        places = [n for n, (_pk, _v, new) in enumerate(self.changes) if new.get("stage_id") == stage_id]
        self.faults += [(place, refusal) for place in places]

    def _edit(self) -> None:
        mine = reach()
        for place, (pk, version, new) in enumerate(self.changes):
            try:
                deal = self._deal(pk, version, mine)
                fields = {name: value for name, value in new.items() if name not in MOVE}
                self.edits[pk] = becoming(deal, fields, self.known)
                for name, value in self.edits[pk].items():
                    setattr(deal, name, value)
            except Refused as refusal:
                self.faults.append((place, refusal))

    def _deal(self, pk: int, version: int, mine: Any) -> Opportunity:
        deal = self.deals.get(pk)
        if deal is None:
            raise NotInReach()
        if not mine.allows("opportunity", "update", deal):
            raise Forbidden()
        if deal.version != version:
            raise Stale()
        if deal.state == Opportunity.State.MERGED:
            raise Conflict(MERGED, code="opportunity_merged")
        if not deal.is_open:
            raise Conflict(_("This opportunity is closed already."), code="opportunity_closed")
        return deal

    def _move(self) -> None:
        """After the edit: what a stage asks for may have come with it."""
        moves = {
            place: (self.deals[pk], self.deals[pk].stage, self.stages[new["stage_id"]])
            for place, (pk, _version, new) in enumerate(self.changes)
            if pk in self.edits and new.get("stage_id", self.deals[pk].stage_id) != self.deals[pk].stage_id
            if new["stage_id"] in self.stages
        }
        behind, losses = passed_each(moves.values()), _Losses(self.deals)
        for place, (deal, _left, stage) in moves.items():
            try:
                said = self.changes[place][2]
                words = losses.words(deal, said.get("lost_to", "")) | {
                    "lost_reason": said.get("lost_reason", "")
                }
                new = entering(stage, self.day, deal, behind=behind.get(deal.pk, []), **words)
                del new["stage"]
                self.moved[deal.pk] = new
                self.edits[deal.pk] |= {"stage_id": stage.pk, **new}
            except Refused as refusal:
                self.faults.append((place, refusal))

    def refuse_given(self) -> None:
        """Nobody said why deals go to somebody else."""
        refusal = Refused(_("Say why they go to somebody else."), path="owner_id", code="reason_needed")
        for place, (pk, _version, _new) in enumerate(self.changes):
            if "owner_id" in self.edits.get(pk, {}):
                self.faults.append((place, refusal))

    def write(self, *, with_activities: bool) -> None:
        """One statement for the deals, however many; history keeps each of them."""
        changed = {pk: new for pk, new in self.edits.items() if new}
        columns = sorted({name for new in changed.values() for name in new})
        given = {pk: new["owner_id"] for pk, new in changed.items() if "owner_id" in new}
        if given and with_activities:
            pass_activities(given)
        if changed:
            rows = [
                (pk, *(changed[pk].get(name, getattr(self.deals[pk], name)) for name in columns))
                for pk in sorted(changed)
            ]
            # The triggers' plans of one deal would compare each of thousands with every other one.
            with by_index():
                merge("pipeline_opportunity", ["id", *columns], rows)
        if self.moved:
            write_visits((pk, self.edits[pk]["stage_id"], self.day, self.by) for pk in sorted(self.moved))
        if ended := [pk for pk, new in self.moved.items() if new["state"] != Opportunity.State.OPEN]:
            for pk in sorted(waiting_splits(ended)):
                end_waiting_split(self.by, self.deals[pk], self.moved[pk]["state"])

    def tell(self, rows: Mapping[int, Opportunity]) -> None:
        """Each owner once of what came to them, once of what went, and once of what was changed."""
        came, went, touched = (defaultdict[int, list[Opportunity]](list) for _kind in range(3))
        for pk, new in sorted(self.edits.items()):
            if "owner_id" in new:
                came[new["owner_id"]].append(rows[pk])
                went[self.owners[pk]].append(rows[pk])
            elif WORTH_TELLING & set(new):
                touched[rows[pk].owner_id].append(rows[pk])
        tell_each(event=Event.DEAL_CAME, news=self._news(came), by=self.by)
        tell_each(event=Event.DEAL_CHANGED, news=self._news(touched), by=self.by)
        tell_each(event=Event.DEAL_CHANGED, news=self._news(went, ":went"), by=self.by)

    def _news(self, people: Mapping[int, Sequence[Opportunity]], how: str = "") -> list[Told]:
        """What went may be out of reach by now, and leads to the deals that are left."""
        news = []
        for person_id, deals in people.items():
            one, url = deals[0], reverse("opportunity_list")
            if len(deals) == 1 and not how:
                url = reverse("opportunity_detail", args=[one.pk])
            key = f"{context().request_id} {one.pk}{how}"
            news.append(Told(person_id, key, about=one.name, url=url, count=len(deals)))
        return news


class _Losses:
    """What losing many deals looks at: each reason is asked for once, and once how competitors are written."""

    def __init__(self, deal_ids: Iterable[int]) -> None:
        self._ids = list(deal_ids)
        self._reasons: dict[str, str | Refused] = {}

    @cached_property
    def _rivals(self) -> Rivals:
        return Rivals(self._ids)

    def words(self, deal: Opportunity, lost_to: str) -> dict[str, Any]:
        """What `entering` is told of a deal that may be lost."""
        rival = competitor(deal, lost_to, self._rivals) if lost_to else ""
        return {"lost_to": rival, "reason_of": self._reason}

    def _reason(self, text: str) -> str:
        if text not in self._reasons:
            try:
                self._reasons[text] = lost_reason_of(text)
            except Refused as refusal:
                self._reasons[text] = refusal
        found = self._reasons[text]
        if isinstance(found, Refused):
            raise found
        return found


def _held(ids: Sequence[int]) -> dict[int, Opportunity]:
    """The deals in reach, locked, each with its stage; one that moved meanwhile is there as it now is."""
    rows = Opportunity.objects.visible_to(reach()).filter(pk__in=ids).order_by("pk")
    deals = list(rows.select_for_update(no_key=True, of=["self"]))
    # Not joined: a lock that waited for a move would lose the row, whose stage is not the joined one any more.
    stages = Stage.objects.select_related("sales_model").in_bulk({deal.stage_id for deal in deals})
    for deal in deals:
        deal.stage = stages[deal.stage_id]
    return {deal.pk: deal for deal in deals}


def _check_number(changes: Sequence[Change]) -> None:
    """Raises Refused for too many deals, and for one that is named twice."""
    if len(changes) > MOST:
        message = _("At most %(most)s opportunities are changed at once.")
        raise Refused(message % {"most": MOST}, code="too_many")
    if len({pk for pk, _version, _new in changes}) < len(changes):
        raise Refused(_("An opportunity is named twice."), code="named_twice")


def _said(faults: int) -> str:
    message = ngettext(
        "Nothing was changed: %(number)s opportunity can't be.",
        "Nothing was changed: %(number)s opportunities can't be.",
        faults,
    )
    return message % {"number": faults}
