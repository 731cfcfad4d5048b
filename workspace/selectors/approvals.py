"""What waits for an answer: who may give it, in whose place, and what it would do."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Case, Q, QuerySet, Value, When
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from common import history
from common.access import Reach, Role, found
from common.history import Change
from common.http import Page, page_by_key
from common.locale import format_instant
from common.transaction import reach, widened
from territories.models import RoleGrant, User
from workspace.models import Approval
from workspace.selectors.stand_ins import absent_for, stand_ins_of

MOST_SHOWN = 50
HISTORY = ("state", "answer", "approver", "role")


@dataclass(frozen=True)
class Kind:
    """A kind of approval as `settings.APPROVALS` wires it: its name, and the role that is asked where no person is.

    A stand-in answers one that is delegable; an acceptance is a person's own word and is not. `does` and `says` name
    what a granted one does, and what says in words what that would be; `lists`: what it is about, one by one, each
    with a `name`, a `url` and a `note`. They are imported when they are called. One `is_looked_at` is answered from its
    page, where these lines and what it is about are read first, not by one press in a list.
    """

    name: str
    role: str = ""
    is_delegable: bool = True
    is_acceptance: bool = False
    does: str = ""
    says: str = ""
    lists: str = ""
    is_looked_at: bool = False

    @property
    def act(self) -> Callable[..., Any] | None:
        return import_string(self.does) if self.does else None

    def effects(self, payloads: Sequence[dict[str, Any]]) -> list[str]:
        """What granting would do, for several at once; empty where nothing says it."""
        said: list[str] = import_string(self.says)(payloads) if self.says else [""] * len(payloads)
        return said


def lines_of(approval: Approval) -> list[Any]:
    """What is asked for, one by one as far as the reader sees it; nothing where its kind lists nothing."""
    lists = kind_of(approval.kind).lists
    found: list[Any] = import_string(lists)(approval.payload) if lists else []
    return found


GONE: dict[str, Any] = {"is_delegable": False}
"""A kind that is not wired any more: what was asked stays readable, and nobody answers it."""


def kind_of(name: str) -> Kind:
    wired: dict[str, Any] = {"name": name, **settings.APPROVALS.get(name, GONE)}
    return Kind(**{**wired, "name": str(wired["name"])})


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

    To be read within `widened("approval")`: it is the check of authority itself. Nobody answers a kind that is gone.
    """
    grants = RoleGrant.objects.on(day).filter(user__is_active=True)
    roles = grants.filter(user=person_id).values("role")
    absent = grants.filter(role__in=roles, user__in=absent_for(person_id, day)).values("user")
    delegable = [name for name in settings.APPROVALS if kind_of(name).is_delegable]
    mine = Q(approver=person_id, approver__is_active=True) | Q(role__in=roles)
    rows = Approval.objects.filter(kind__in=list(settings.APPROVALS)).exclude(asked_by=person_id)
    return rows.filter(mine | Q(approver__in=absent, kind__in=delegable))


def waiting_for(person_id: int, day: date) -> QuerySet[Approval]:
    """What waits for that person's answer; to be read within `widened("approval")`."""
    return addressed_to(person_id, day).filter(state=Approval.State.WAITING)


def stood_in_for(approval: Approval, person_id: int) -> User | None:
    """The absent person in whose place somebody answers what was asked by name; None in their own right.

    What was asked of a role is answered by those who hold it: each of them in their own right.
    """
    return None if approval.approver_id in (None, person_id) else approval.approver


def holders(role: str, day: date) -> set[int]:
    """The ids of those who are here and hold a role on that day."""
    grants = RoleGrant.objects.on(day).filter(role=role, user__is_active=True)
    return set(grants.values_list("user_id", flat=True))


def answerers(approval: Approval, day: date) -> set[int]:
    """Everybody who may answer on that day, stand-ins among them."""
    if approval.role:
        return holders(approval.role, day) - {approval.asked_by_id}
    grants = RoleGrant.objects.on(day).filter(user__is_active=True)
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


@dataclass(frozen=True)
class Answering:
    """Who would be asked for something, by name; where nobody is, `nobody` says why and what to do."""

    names: list[str]
    nobody: str


def who_would_answer(kind: str, person_id: int, day: date) -> Answering:
    """Who could answer, were that person to ask the role of this kind of approval now."""
    asked = Approval(kind=kind, role=kind_of(kind).role, asked_by_id=person_id)
    names = who_may_answer(asked, day)
    return Answering(names, "" if names else nobody_answers(asked))


def effects_of(approvals: Sequence[Approval]) -> dict[int, str]:
    """What granting each of them would do, in words, as far as the reader may see what it touches."""
    said: dict[int, str] = {}
    for name in sorted({row.kind for row in approvals}):
        rows = [row for row in approvals if row.kind == name]
        texts = kind_of(name).effects([row.payload for row in rows])
        said |= {row.pk: text for row, text in zip(rows, texts, strict=True)}
    return said


@dataclass(frozen=True)
class Waiting:
    """One thing to answer: what granting it does, in whose place, and whether it is a person's own word."""

    approval: Approval
    effect: str
    absent: User | None
    is_acceptance: bool
    is_looked_at: bool = False

    @property
    def key(self) -> str:
        """By which it is chosen among others: itself, and the version that was read."""
        return f"{self.approval.pk}:{self.approval.version}"


def waiting(person_id: int, day: date) -> list[Waiting]:
    """What waits for that person, the oldest first."""
    with widened("approval"):
        rows = waiting_for(person_id, day).select_related("asked_by", "approver").order_by("id")
        shown = list(rows[:MOST_SHOWN])
    return _to_answer(shown, person_id)


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


def to_answer(approval: Approval, person_id: int) -> Waiting:
    """One of them by itself."""
    return _to_answer([approval], person_id)[0]


def _to_answer(approvals: Sequence[Approval], person_id: int) -> list[Waiting]:
    effects = effects_of(approvals)
    return [
        Waiting(row, effects[row.pk], stood_in_for(row, person_id), kind.is_acceptance, kind.is_looked_at)
        for row, kind in ((row, kind_of(row.kind)) for row in approvals)
    ]


ASKED_ORDER = ("place", "-id")
"""First what waits, then the newest answers."""


def asked_by(person_id: int) -> QuerySet[Approval]:
    """What somebody asked for, to be read in `ASKED_ORDER`."""
    place = Case(When(state=Approval.State.WAITING, then=Value(0)), default=Value(1))
    rows = Approval.objects.filter(asked_by=person_id).annotate(place=place)
    asked: QuerySet[Approval] = rows.select_related("approver", "answered_by", "answered_for")
    return asked


def answered_page(person_id: int, after: str | None) -> Page[Approval]:
    """One page of what somebody approved or refused, the newest answer first."""
    answers = (Approval.State.GRANTED, Approval.State.REFUSED)
    with widened("approval"):
        rows = Approval.objects.filter(answered_by=person_id, state__in=answers)
        people = rows.select_related("asked_by", "answered_by", "answered_for")
        return page_by_key(people, ("-answered_at", "-id"), after)


def approval_for(pk: int, person_id: int, day: date) -> Approval:
    """An approval that this reader asked, answered or may answer, or sees by their role. Raises NotInReach."""
    theirs = Q(answered_by=person_id) | Q(pk__in=addressed_to(person_id, day).values("pk"))
    seen = Q(pk__in=Approval.objects.visible_to(reach()).values("pk"))
    rows = Approval.objects.filter(seen | theirs)
    with widened("approval"):
        people = ("asked_by", "approver", "answered_by", "answered_for")
        approval: Approval = found(rows.select_related(*people).filter(pk=pk).first())
    return approval


def history_of(approval: Approval) -> list[Change]:
    """What became of an approval that the reader has found, also where their reach does not show it."""
    with widened("approval"):
        return history.history_of(approval, HISTORY)


def effect_read(mine: Reach, approval: Approval) -> str:
    """What who answered read that it does: it tells of their reach, so it is for them and who reads all approvals."""
    is_theirs = approval.answered_by_id == mine.user_id or "org" in mine.relations("approval")
    return approval.effect if is_theirs else ""


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
