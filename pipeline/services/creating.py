"""Many deals opened in one act, all or none: what opening one does, at a fraction of the statements."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Account
from common.checks import refuse_unknown
from common.errors import ManyRefused, NotInReach, Refused
from common.selectors import today
from common.staging import merge, new_ids
from common.transaction import act, context, reach
from pipeline.bulk import write_visits
from pipeline.models import Motion, Opportunity
from pipeline.services.bulk import MOST
from pipeline.services.editing import Known, check_values
from pipeline.services.stages import entering, stage_of
from pipeline.services.ways import NEW, WAY
from workspace.models import Event
from workspace.services import Told, own_values, tell_each

FIELDS = (
    *"account_id name amount_minor currency close_on stage_id owner_id motion own".split(),
    *WAY,
)
# What is written of each, besides its number; the rest is empty.
EMPTY = {"next_step": "", "won_reason": "", "pushes": 0}
COLUMNS = (
    *"account_id owner_id territory_id name amount_minor currency close_on motion created_on own".split(),
    *"stage_id state category category_is_manual stage_since_on closed_on lost_reason lost_to".split(),
    *WAY,
    *EMPTY,
)


@act
def create_opportunities(*, by: int, rows: Sequence[Mapping[str, Any]]) -> list[Opportunity]:
    """Open many deals with accounts that are here, all or none, each as `create_opportunity` would: fields of FIELDS.

    Owners are told once each. Raises ManyRefused with all that is wrong, by the place in `rows`.
    """
    if len(rows) > MOST:
        raise Refused(
            _("At most %(most)s opportunities are opened at once.") % {"most": MOST}, code="too_many"
        )
    asked = _Asked(by, rows)
    if asked.faults:
        raise ManyRefused(_("Nothing was opened."), asked.faults)
    ids = new_ids("pipeline_opportunity", len(rows))
    merge(
        "pipeline_opportunity",
        ["id", "number", *COLUMNS],
        ((pk, f"OPP-{pk}", *map(new.get, COLUMNS)) for pk, new in zip(ids, asked.deals, strict=True)),
    )
    write_visits((pk, new["stage_id"], asked.day, by) for pk, new in zip(ids, asked.deals, strict=True))
    deals = list(Opportunity.objects.filter(pk__in=ids).order_by("pk"))
    _tell(deals, by)
    return deals


class _Asked:
    """The deals that were asked for as they are written, and what is wrong with them."""

    def __init__(self, by: int, rows: Sequence[Mapping[str, Any]]) -> None:
        self.by, self.day, self.known = by, today(), Known([])
        self.accounts = self._accounts(rows)
        self.stands: dict[Any, dict[str, Any] | Refused] = {
            pk: _entered(pk, self.day) for pk in sorted({row["stage_id"] for row in rows})
        }
        self.deals: list[dict[str, Any]] = []
        self.faults: list[tuple[int, Refused]] = []
        for place, row in enumerate(rows):
            try:
                self.deals.append(self._deal(row))
            except Refused as refusal:
                self.faults.append((place, refusal))

    def _accounts(self, rows: Sequence[Mapping[str, Any]]) -> dict[int, Account]:
        """Those in reach, locked so that a move of their territory waits."""
        wanted = {row["account_id"] for row in rows}
        there = Account.objects.visible_to(reach()).filter(pk__in=wanted).order_by("pk")
        return {account.pk: account for account in there.select_for_update(no_key=True)}

    def _deal(self, row: Mapping[str, Any]) -> dict[str, Any]:
        refuse_unknown(row, FIELDS)
        plain = {name: value for name, value in row.items() if name not in ("own", "stage_id", "account_id")}
        values = {"motion": Motion.NEW, **plain, "owner_id": plain.get("owner_id") or self.by}
        check_values(values)
        self.known.check_close(values["close_on"])
        values |= self.known.way({**NEW, **{name: values[name] for name in WAY if name in values}}, NEW)
        self.known.check_owner(values["owner_id"])
        account = self._account(row["account_id"])
        stands = self.stands[row["stage_id"]]
        if isinstance(stands, Refused):
            raise stands
        values |= {"territory_id": account.territory_id, "account_id": account.pk, "created_on": self.day}
        reach().require("opportunity", "create", values)
        own = own_values("opportunity", row.get("own"), {}, values["currency"])
        return {**EMPTY, **values, **stands, "name": values["name"].strip(), "own": own}

    def _account(self, pk: int) -> Account:
        account = self.accounts.get(pk)
        if account is None:
            raise NotInReach()
        if account.merged_into_id:
            message = _("%(name)s was merged into another account. Choose that one.")
            raise Refused(message % {"name": account.name}, path="account", code="merged")
        return account


def _entered(stage_id: int, day: date) -> dict[str, Any] | Refused:
    """What becomes of a deal that begins in a stage, or why none does."""
    try:
        stands = entering(stage_of(stage_id), day)
        return {"stage_id": stands.pop("stage").pk, **stands}
    except Refused as refusal:
        return refusal


def _tell(deals: Sequence[Opportunity], by: int) -> None:
    """Tell each owner once of what came to them."""
    came: dict[int, list[Opportunity]] = {}
    for deal in deals:
        came.setdefault(deal.owner_id, []).append(deal)
    news = []
    for person_id, theirs in came.items():
        one, url = theirs[0], reverse("opportunity_list")
        if len(theirs) == 1:
            url = reverse("opportunity_detail", args=[one.pk])
        key = f"{context().request_id} {one.pk}"
        news.append(Told(person_id, key, about=one.name, url=url, count=len(theirs)))
    tell_each(event=Event.DEAL_CAME, news=news, by=by)
