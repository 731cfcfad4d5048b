"""Two deals that are one: what is known of the one goes over to the other, which stays."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from common.errors import Conflict, Refused, Stale
from common.locale import format_share
from common.selectors import today
from common.transaction import act, because, widened
from pipeline.models import Category, Competitor, Milestone, Opportunity, Participant, TeamMember
from pipeline.rules.splits import Shares, losses
from pipeline.selectors.deal_merging import BEHIND, parts_of
from pipeline.selectors.team import credit_on, credits_of
from pipeline.services.checks import deal_for
from pipeline.services.credit import loser_of, settle_waiting_split
from pipeline.services.opportunities import add_participants
from pipeline.services.telling import tell_owner
from territories.models import User
from workspace.models import Comment, Document

SAID = {Competitor: "is_incumbent", Milestone: "met_on"}
"""What of a thing that both deals know is not lost where only the one that goes says it."""


@act
def merge_deals(
    *, by: int, opportunity_id: int, version: int, other_id: int, other_version: int | None = None
) -> Opportunity:
    """Merge an open deal into another one of its account, which stays with its own fields and lines.

    Whoever may edit both. What is known around the other goes over where it is not there already; its splits, its
    stages and its lines stay with it, as does whatever was sold. It leaves lists and totals, its page leads to the one
    that stays, and whoever read it reads that one. Both owners are told.
    Raises NotInReach, Stale, Conflict for a deal that is not open or whose split waits for an answer, Refused for two
    that are not alike, and where somebody would lose credit whom the actor does not lead.
    """
    stays, other = deal_for("update", opportunity_id, version), deal_for("update", other_id, other_version)
    _check_alike(stays, other)
    _hold(stays, other)
    for deal in (stays, other):
        settle_waiting_split(by, deal)
    _check_credit(stays, other, by)
    with because(_("%(other)s was merged into %(deal)s") % {"other": other.name, "deal": stays.name}):
        _take_over(stays, other, by)
        gone = {"state": Opportunity.State.MERGED, "merged_into": stays, "closed_on": today()}
        counts = {"category": Category.OMITTED, "category_is_manual": False}
        Opportunity.objects.change(other.pk, other.version, **gone, **counts)
        Opportunity.objects.change(stays.pk, stays.version)
        for deal in (stays, other):
            tell_owner(deal, by, ["stage_id"])
    stays.refresh_from_db()
    return stays


def _check_alike(stays: Opportunity, other: Opportunity) -> None:
    """Raises Refused or Conflict where they cannot be one."""
    if stays.pk == other.pk:
        raise Refused(_("Choose another opportunity: this one stays."), path="other_id", code="same")
    for deal in (stays, other):
        if not deal.is_open:
            message = _("%(name)s is closed. Only open opportunities are merged.") % {"name": deal.name}
            raise Conflict(message, path="other_id", code="opportunity_closed")
    if stays.account_id is None or stays.account_id != other.account_id:
        message = _("These two are with different accounts. Only opportunities of one account are merged.")
        raise Refused(message, path="other_id", code="other_account")
    if stays.currency != other.currency:
        words = {"name": other.name, "other": other.currency, "currency": stays.currency}
        message = _("%(name)s is in %(other)s, and this one is in %(currency)s. Change one of them first.")
        raise Refused(message % words, path="other_id", code="other_currency")


def _hold(*deals: Opportunity) -> None:
    """Wait until nobody else changes them, in the order of their ids. Raises Stale where somebody did."""
    read = {deal.pk: deal.version for deal in deals}
    rows = Opportunity.objects.filter(pk__in=read).order_by("pk").select_for_update(no_key=True)
    if dict(rows.values_list("pk", "version")) != read:
        raise Stale()


def _check_credit(stays: Opportunity, other: Opportunity, by: int) -> None:
    """Raises Refused where somebody but the actor and those they lead gets more of the other from today on."""
    ours = credits_of(stays)
    for held in credits_of(other):
        begins = max(held.starts_on, today())
        if held.split is None or (held.stops_on and held.stops_on <= begins):
            continue
        # Whatever of the one that stays holds on the same days, now or later.
        days = [begins, *(kept.starts_on for kept in ours if held.holds_on(kept.starts_on))]
        for kept in (credit_on(ours, max(day, begins)) for day in days):
            if loser := loser_of(by, losses([held.revenue], kept.revenue)):
                raise _less(other, loser, held.revenue, kept.revenue)


def _less(other: Opportunity, loser: int, held: Shares, kept: Shares) -> Refused:
    share = kept.get(loser, 0)
    words = {
        "name": User.objects.get(pk=loser).name,
        "share": format_share(held[loser]),
        "other": other.name,
        "here": format_share(share),
    }
    message = _(
        "%(name)s has %(share)s %% of %(other)s and %(here)s %% here. "
        "Set the split of the opportunity that stays first."
    )
    if not share:
        message = _(
            "%(name)s has %(share)s %% of %(other)s and nothing here. "
            "Set the split of the opportunity that stays first."
        )
    return Refused(message % words, path="other_id", code="credit_lowered")


def _take_over(stays: Opportunity, other: Opportunity, by: int) -> None:
    """Give what is known of the one to the other; rows that are never changed are written there anew."""
    if stays.competitors.filter(is_incumbent=True, is_removed=False).exists():
        other.competitors.filter(is_incumbent=True, is_removed=False).update(
            is_incumbent=False, version=F("version") + 1
        )
    with widened(*BEHIND, "deal_participant"):
        for part in parts_of(stays, other):
            _fill(part.doubled)
            if part.model is TeamMember:
                _join(stays, part.moving, by)
            elif part.model is Comment:
                said = ({"by_id": row.by_id, "text": row.text, "at": row.at} for row in part.moving)
                about = {"subject": Comment.Subject.OPPORTUNITY, "subject_id": stays.pk}
                Comment.objects.bulk_create(Comment(**about, **one) for one in said)
            elif part.model:
                _give(part.model, part.moving, stays)
        theirs = Participant.objects.filter(opportunity=other).values_list("user_id", flat=True)
        add_participants([(stays.pk, person) for person in (*theirs, other.owner_id)], reason="merged")


def _fill(doubled: Sequence[tuple[Any, Any]]) -> None:
    """Let what is there already be told what only its double says."""
    for row, there in doubled:
        name = SAID.get(type(row), "")
        if name and getattr(row, name) and not getattr(there, name):
            known = type(row).objects.filter(pk=there.pk)
            known.update(**{name: getattr(row, name)}, version=F("version") + 1)


def _give(model: Any, rows: Sequence[Any], stays: Opportunity) -> None:
    new = {"subject_id": stays.pk} if model is Document else {"opportunity": stays}
    found = model.objects.filter(pk__in=[row.pk for row in rows])
    found.update(**new, version=F("version") + 1)


def _join(stays: Opportunity, members: Sequence[TeamMember], by: int) -> None:
    """They work on the deal that stays from today on, or from when they were to."""
    TeamMember.objects.bulk_create(
        TeamMember(
            opportunity=stays,
            person_id=member.person_id,
            role=member.role,
            starts_on=max(member.starts_on, today()),
            stops_on=member.stops_on,
            recorded_by_id=by,
        )
        for member in members
    )
