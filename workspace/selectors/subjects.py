"""The things of the apps above that comments and documents stand beside: found in reach, and where their page is."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from common.access import Reach, rule_for, seen, table
from common.errors import Conflict, NotInReach
from common.selectors import today
from common.slots import slot_urls
from common.transaction import widened
from territories.models import User
from territories.selectors import reaches_for
from workspace.models import Comment, Document

OBJECTS = {Comment.Subject.REALIGNMENT: "draft"}
"""How the access table calls a subject that it calls otherwise."""
PUTS = {Comment.Subject.OPPORTUNITY: "book"}
"""What lets somebody put documents beside a thing where it is not *update*: whoever books a deal has its contract."""
WITH_DOCUMENTS = (Comment.Subject.ACCOUNT, Comment.Subject.OPPORTUNITY, Comment.Subject.ORDER)


def object_of(subject: str) -> str:
    """The object of the access table that a subject is. Raises NotInReach for what is none."""
    if subject not in Comment.Subject.values:
        raise NotInReach()
    return OBJECTS.get(Comment.Subject(subject), subject)


def subject_row(mine: Reach, subject: str, pk: int) -> Any:
    """The thing itself, if it is in reach. Raises NotInReach."""
    model = table()[object_of(subject)].model_class()
    return seen(model._default_manager.all(), mine, pk)


def subject_open(mine: Reach, subject: str, pk: int) -> Any:
    """The thing itself, where something is to be written beside it.

    Raises NotInReach, or Conflict for one that was merged into another one.
    """
    row = subject_row(mine, subject, pk)
    refuse_merged(mine, row)
    return row


def is_merged(row: Any) -> bool:
    """Whether a thing was merged into another one, beside which everything is written since."""
    return getattr(row, "merged_into_id", None) is not None


def refuse_merged(mine: Reach, row: Any) -> None:
    """Raises Conflict for a thing that was merged into another one, which is named to who may see that."""
    if is_merged(row):
        other = type(row)._default_manager.visible_to(mine).filter(pk=row.merged_into_id).first()
        message = _("%(name)s was merged into %(other)s. Open that one.")
        raise Conflict(message % {"name": row, "other": other or _("another one")}, code="merged")


def takes_documents(mine: Reach, subject: str, row: Any) -> bool:
    """Whether this person may put documents beside the thing, which they found in their reach."""
    if subject not in WITH_DOCUMENTS:
        return False
    return mine.allows(object_of(subject), PUTS.get(Comment.Subject(subject), "update"), row)


def takes_away(mine: Reach, document: Document, row: Any) -> bool:
    """Whether this person may take a document away from the thing: their own, or whoever may change the thing.

    Nobody takes away the contract that an order rests on (`keeps_contract` of the thing).
    """
    if document.kind == Document.Kind.CONTRACT and getattr(row, "keeps_contract", False):
        return False
    is_own = document.by_id == mine.user_id and takes_documents(mine, document.subject, row)
    return is_own or mine.allows(object_of(document.subject), "update", row)


def page_of(subject: str, pk: int) -> str:
    """The address of the thing's page."""
    return next(iter(slot_urls(f"subject.{subject}", pk)), "")


def readers(subject: str, pk: int, people: Iterable[User]) -> set[int]:
    """Who of these people may read the thing today, each by their own reach."""
    rule = table()[object_of(subject)]
    model: Any = rule.model_class()
    participant: Any = apps.get_model(rule.credit[0]) if rule.credit else None
    named_in = [rule_for(participant).name] if participant else []
    with widened(rule.name, *named_in):
        return {
            person
            for person, theirs in reaches_for(people, today()).items()
            if model._default_manager.filter(theirs.q(model)).filter(pk=pk).exists()
        }
