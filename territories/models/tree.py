"""The territory tree by date: nodes, what they lie below, what they are called, who has what they had."""

import pghistory
import pgtrigger
from django.db import models
from django.db.models import PROTECT, F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from common.dated import Dated, Undoable, no_overlap, ordered
from common.models import Editable, by_request, undone_only
from territories.models.people import User


@pghistory.track(meta=by_request("territoryevent_request"))
class Territory(Editable):
    """A node of the territory tree. *Unassigned* is a real node that keeps what belongs to nobody.

    `name` is today's; `Naming` says what it was called on other days.
    """

    class Kind(models.TextChoices):
        # From the top down: nothing lies below a kind that comes after its own.
        COMPANY = "company", _("company")
        REGION = "region", _("region")
        AREA = "area", _("area")
        TERRITORY = "territory", _("territory")
        OVERLAY = "overlay", _("overlay")

    name = models.CharField(_("name"), max_length=120)
    code = models.CharField(_("code"), max_length=40, unique=True)
    kind = models.CharField(
        _("type"), max_length=9, choices=Kind, default=Kind.TERRITORY, db_default=Kind.TERRITORY
    )
    is_unassigned = models.BooleanField(default=False, editable=False)

    class Meta(Editable.Meta):
        triggers = [undone_only()]
        ordering = [Lower("name"), "id"]
        constraints = [
            models.UniqueConstraint(
                name="territory_one_unassigned", fields=["is_unassigned"], condition=Q(is_unassigned=True)
            )
        ]

    def __str__(self) -> str:
        return self.name


class Naming(Dated):
    """A territory bears a name on `[starts_on, stops_on)`; one that was never renamed has no such row."""

    territory = models.ForeignKey(Territory, on_delete=PROTECT, related_name="namings")
    name = models.CharField(_("name"), max_length=120)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+")

    class Meta(Dated.Meta):
        constraints = [
            ordered("naming_ordered"),
            no_overlap(
                "naming_one", "territory", message=_("This territory has another name on one of these days.")
            ),
        ]

    def __str__(self) -> str:
        return self.name


TREE_CYCLE = """
    PERFORM pg_advisory_xact_lock(hashtext('territory_tree'));
    -- A territory below which nothing ever lay closes no circle.
    IF NOT EXISTS (SELECT FROM territories_edge WHERE parent_id = NEW.child_id) THEN
        RETURN NEW;
    END IF;
    IF NEW.parent_id IS NOT NULL AND NEW.superseded_at IS NULL AND EXISTS (
        WITH RECURSIVE above(node, starts, stops) AS (
            SELECT NEW.parent_id, NEW.starts_on, NEW.stops_on
            UNION
            SELECT e.parent_id, greatest(e.starts_on, a.starts), least(e.stops_on, a.stops)
            FROM above a JOIN territories_edge e
              ON e.child_id = a.node AND e.superseded_at IS NULL AND e.parent_id IS NOT NULL
             AND daterange(e.starts_on, e.stops_on) && daterange(a.starts, a.stops)
        ) SELECT 1 FROM above WHERE node = NEW.child_id
    ) THEN
        RAISE EXCEPTION 'a territory below itself'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'tree_cycle';
    END IF;
    RETURN NEW;
"""


class Edge(Undoable):
    """A territory lies below another on `[starts_on, stops_on)`; without a parent it is a root."""

    child = models.ForeignKey(Territory, on_delete=PROTECT, related_name="edges_up")
    parent = models.ForeignKey(Territory, null=True, on_delete=PROTECT, related_name="edges_down")
    reason = models.CharField(_("reason"), max_length=200, blank=True, db_default="")
    recorded_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+")

    class Meta(Undoable.Meta):
        constraints = [
            ordered("edge_ordered"),
            no_overlap(
                "edge_one_parent",
                "child",
                message=_("This territory already has a parent on one of these days."),
            ),
            models.CheckConstraint(
                name="edge_not_itself",
                condition=~Q(child=F("parent")) | Q(parent=None),
                violation_error_message=_("A territory can't lie below itself."),
            ),
        ]
        triggers = [
            *Undoable.Meta.triggers,
            pgtrigger.Trigger(
                name="tree_cycle", when=pgtrigger.Before, operation=pgtrigger.Insert, func=TREE_CYCLE
            ),
        ]

    def __str__(self) -> str:
        return f"{self.parent_id} > {self.child_id}"


class Succession(Dated):
    """From `starts_on` on another territory has what this one had: all of it (`is_whole`), or some of its accounts.

    Two that were merged leave a whole one, one that was split leaves one for each of its parts.
    """

    territory = models.ForeignKey(Territory, on_delete=PROTECT, related_name="successions")
    heir = models.ForeignKey(Territory, on_delete=PROTECT, related_name="inheritances")
    is_whole = models.BooleanField()
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(User, null=True, on_delete=PROTECT, related_name="+")

    class Meta(Dated.Meta):
        constraints = [
            ordered("succession_ordered"),
            models.CheckConstraint(name="succession_not_itself", condition=~Q(territory=F("heir"))),
        ]

    def __str__(self) -> str:
        return f"{self.territory_id} > {self.heir_id}"
