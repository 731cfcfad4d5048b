"""Open work that passes to another person on a day to come."""

from django.db import models
from django.db.models import PROTECT, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.models import Editable
from territories.models import Seat, Territory, User


class HandOver(Editable):
    """The open work that one person has on a territory, and below it from a lead's seat, passes to another on a day.

    It passes with the seat of that kind that the other one is to have there then: where they do not, it is dropped.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        DONE = "done", _("done")
        DROPPED = "dropped", _("dropped")

    territory = models.ForeignKey(Territory, on_delete=PROTECT, related_name="hand_overs")
    kind = models.CharField(max_length=8, choices=Seat.Kind)
    is_below = models.BooleanField(default=False)
    giver = models.ForeignKey(User, on_delete=PROTECT, related_name="hands_over")
    taker = models.ForeignKey(User, on_delete=PROTECT, related_name="takes_over")
    passes_on = models.DateField()
    state = models.CharField(max_length=7, choices=State, default=State.PLANNED)
    deals = models.PositiveIntegerField(default=0)
    activities = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(User, on_delete=PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(Editable.Meta):
        ordering = ["passes_on", "id"]
        indexes = [models.Index(name="handover_due", fields=["passes_on"], condition=Q(state="planned"))]

    def __str__(self) -> str:
        return f"{self.giver_id} to {self.taker_id} on {self.passes_on}"
