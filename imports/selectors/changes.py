"""Which rows the running request changes, so that what is brought in is what was checked."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.functions import TransactionNow
from django.db.models import Model

from accounts.models import Account, Module
from catalog.models import Family, Product
from common.transaction import context
from pipeline.models import Lead, Opportunity, OpportunityLine
from quotas.models import Quota
from territories.models import Territory, User

MODELS: dict[str, tuple[type[Model], ...]] = {
    "person": (User,),
    "territory": (Territory,),
    "family": (Family,),
    "product": (Product,),
    "account": (Account,),
    "module": (Module,),
    "lead": (Lead,),
    "opportunity": (Opportunity, OpportunityLine),
}
"""Entity -> the models whose rows an import of it changes; what holds from a date on is added, never changed."""


def changes_hash(entities: Iterable[str]) -> str:
    """The rows that were here and are changed, with their versions, in one word; of quotas those that are replaced.

    Example: nobody edits a deal between two looks at a table → the same word; somebody does → another.
    """
    told = [[model._meta.label, *_changed(model)] for name in entities for model in MODELS.get(name, ())]
    if "quota" in entities:
        gone = Quota.objects.filter(superseded_at__gte=TransactionNow()).order_by("pk")
        told.append(["replaced", *gone.values_list("pk", flat=True)])
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _changed(model: type[Model]) -> list[tuple[int, int]]:
    """The ids of the rows that were here, and the versions that they get."""
    events: Any = model._meta.get_field("history").related_model
    own = events.objects.filter(pgh_context_id=context().request_id).order_by("pgh_id")
    versions: dict[int, int] = {}
    made = set()
    for pk, label, version in own.values_list("pgh_obj_id", "pgh_label", "version"):
        versions[pk] = version
        if label == "insert":
            made.add(pk)
    return sorted((pk, version) for pk, version in versions.items() if pk not in made)
