"""What waits for an answer: who may give it, in whose place, and what it would do."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Case, Q, QuerySet, Value, When
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from common.access import Reach, Role, found
from common.locale import format_instant
from common.transaction import reach, widened
from territories.models import RoleGrant, User
from workspace.models import Approval, StandIn
from workspace.selectors.stand_ins import absent_for, stand_ins_of

MOST_SHOWN = 50


@dataclass(frozen=True)
class Kind:
    """A kind of approval as `settings.APPROVALS` wires it: its name, and the role that is asked where no person is.

    `act` is what a granted one does, `effect` says in words what that would be. A stand-in answers one that is
    delegable; an acceptance is a person's own word and is not.
    """

    name: str
    role: str
    act: Callable[..., Any] | None
    effect: Callable[..., str] | None
    is_delegable: bool
    is_acceptance: bool


def kind_of(name: str) -> Kind:
    wired = settings.APPROVALS[name]
    act, effect = (import_string(str(wired[part])) if wired.get(part) else None for part in ("act", "effect"))
    is_delegable, is_acceptance = bool(wired.get("is_delegable", True)), bool(wired.get("is_acceptance"))
    return Kind(
        str(wired.get("name", name)), str(wired.get("role", "")), act, effect, is_delegable, is_acceptance
    )


def kinds() -> list[Kind]:
    """Every kind of approval that there is."""
    return [kind_of(name) for name in settings.APPROVALS]


def approved_by(roles: Collection[str]) -> list[tuple[StrOrPromise, list[str]]]:
    """The kinds of approval that are asked of each of these roles, by their names."""
    named = [(role, [kind.name for kind in kinds() if kind.role == role]) for role in Role if role in roles]
    return [(role.label, names) for role, names in named if names]


def asked_by_name() -> list[str]:
    """The kinds of approval that are asked of a person, by their names."""
    return [kind.name for kind in kinds() if not kind.role]


def addressed_to(person_id: int, day: date) -> QuerySet[Approval]:
    """What somebody may answer on a day by their own name, by a role, or for somebody absent; never what they asked.

    To be read within `widened("approval")`: it is the check of authority itself.
    """
    grants = RoleGrant.objects.on(day).filter(user__is_active=True)
    roles = grants.filter(user=person_id).values("role")
    absent = grants.filter(role__in=roles, user__in=absent_for(person_id, day)).values("user")
    delegable = [name for name in settings.APPROVALS if kind_of(name).is_delegable]
    mine = Q(approver=person_id, approver__is_active=True) | Q(role__in=roles)
    rows = Approval.objects.filter(mine | Q(approver__in=absent, kind__in=delegable))
    return rows.exclude(asked_by=person_id)


def waiting_for(person_id: int, day: date) -> QuerySet[Approval]:
    """What waits for that person's answer; to be read within `widened("approval")`."""
    return addressed_to(person_id, day).filter(state=Approval.State.WAITING)


def stood_in_for(approval: Approval, person_id: int, day: date) -> User | None:
    """The absent person in whose place somebody answers; None where they answer in their own."""
    if approval.approver_id:
        return None if approval.approver_id == person_id else approval.approver
    holders = RoleGrant.objects.on(day).filter(role=approval.role).values("user")
    rows = StandIn.objects.on(day).filter(stand_in=person_id, person__is_active=True, person__in=holders)
    rows = rows.exclude(person=approval.asked_by_id).order_by("starts_on", "id")
    first = rows.select_related("person").first()
    return first.person if first else None


def answerers(approval: Approval, day: date) -> set[int]:
    """Everybody who may answer on that day, stand-ins among them."""
    grants = RoleGrant.objects.on(day).filter(user__is_active=True)
    if approval.role:  # who stands in for one of them holds the role too
        return set(grants.filter(role=approval.role).values_list("user_id", flat=True)) - {
            approval.asked_by_id
        }
    own = set(User.objects.filter(pk=approval.approver_id or 0, is_active=True).values_list("pk", flat=True))
    if own and kind_of(approval.kind).is_delegable:
        roles = grants.filter(user=approval.approver_id).values("role")
        beside = grants.filter(role__in=roles, user__in=stand_ins_of(own, day))
        own |= set(beside.values_list("user_id", flat=True))
    return own - {approval.asked_by_id}


def who_may_answer(approval: Approval, day: date) -> list[str]:
    """The names of those who may answer what waits, stand-ins among them."""
    names = User.objects.filter(pk__in=answerers(approval, day)).order_by("name", "pk")
    return list(names.values_list("name", flat=True))


def nobody_answers(approval: Approval) -> str:
    """Why nobody could answer, and what to do about it."""
    if not approval.role:
        return _("Nobody is here who could answer this.")
    message = _("Nobody else is %(role)s, so nobody could answer. Give that role to a second person first.")
    return message % {"role": approval.get_role_display()}


def effect_of(approval: Approval) -> str:
    """What granting it would do, in words, as far as the reader may see what it touches."""
    effect = kind_of(approval.kind).effect
    return effect(**approval.payload) if effect else ""


@dataclass(frozen=True)
class Waiting:
    """One thing to answer: what granting it does, in whose place, and whether it is a person's own word."""

    approval: Approval
    effect: str
    absent: User | None
    is_acceptance: bool


def waiting(person_id: int, day: date) -> list[Waiting]:
    """What waits for that person, the oldest first."""
    with widened("approval"):
        rows = waiting_for(person_id, day).select_related("asked_by", "approver").order_by("id")
        shown = list(rows[:MOST_SHOWN])
    return [to_answer(row, person_id, day) for row in shown]


def more_waiting(person_id: int, day: date, shown: int) -> int:
    """How much more waits for that person than these, the oldest, which are shown at once."""
    if shown < MOST_SHOWN:
        return 0
    with widened("approval"):
        return waiting_for(person_id, day).count() - shown


def waits_unseen(mine: Reach) -> bool:
    """Whether something may wait for this reader by a role of theirs that their reach does not show them."""
    if "org" in mine.relations("approval"):
        return False
    return bool(mine.roles & {kind.role for kind in kinds()})


def to_answer(approval: Approval, person_id: int, day: date) -> Waiting:
    absent = stood_in_for(approval, person_id, day)
    return Waiting(approval, effect_of(approval), absent, kind_of(approval.kind).is_acceptance)


ASKED_ORDER = ("place", "-id")
"""First what waits, then the newest answers."""


def asked_by(person_id: int) -> QuerySet[Approval]:
    """What somebody asked for, to be read in `ASKED_ORDER`."""
    place = Case(When(state=Approval.State.WAITING, then=Value(0)), default=Value(1))
    rows = Approval.objects.filter(asked_by=person_id).annotate(place=place)
    asked: QuerySet[Approval] = rows.select_related("approver", "answered_by", "answered_for")
    return asked


def approval_for(pk: int, person_id: int, day: date) -> Approval:
    """An approval that this reader asked, answered or may answer, or sees by their role. Raises NotInReach."""
    theirs = Q(answered_by=person_id) | Q(pk__in=addressed_to(person_id, day).values("pk"))
    seen = Q(pk__in=Approval.objects.visible_to(reach()).values("pk"))
    rows = Approval.objects.filter(seen | theirs)
    with widened("approval"):
        people = ("asked_by", "approver", "answered_by", "answered_for")
        approval: Approval = found(rows.select_related(*people).filter(pk=pk).first())
    return approval


def may_answer(approval: Approval, person_id: int, day: date) -> bool:
    with widened("approval"):
        return waiting_for(person_id, day).filter(pk=approval.pk).exists()


def who_answered(approval: Approval) -> str:
    """Who answered, and for whom where they stood in: *Ben Boss for Ada Admin*."""
    by = approval.answered_by.name if approval.answered_by else ""
    if approval.answered_for is None:
        return by
    return _("%(name)s for %(absent)s") % {"name": by, "absent": approval.answered_for.name}


def answer_in_words(approval: Approval) -> str:
    """What became of it: *Approved by Ben Boss for Ada Admin on 4 May 2026, 10:00*; empty while it waits."""
    words = {
        Approval.State.WAITING: "",
        Approval.State.GRANTED: _("Approved by %(name)s on %(at)s."),
        Approval.State.REFUSED: _("Refused by %(name)s on %(at)s."),
        Approval.State.WITHDRAWN: _("Withdrawn by %(name)s on %(at)s."),
    }[Approval.State(approval.state)]
    if kind_of(approval.kind).is_acceptance and approval.state == Approval.State.GRANTED:
        words = _("Accepted by %(name)s on %(at)s.")
    return words % {"name": who_answered(approval), "at": format_instant(approval.answered_at)}
