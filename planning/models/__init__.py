"""What is planned: realignments with their moves, and open work that passes on a day."""

from planning.models.drafts import Draft, Move, Passing, QuotaPolicy
from planning.models.handover import HandOver

__all__ = ["Draft", "HandOver", "Move", "Passing", "QuotaPolicy"]
