"""What pages write for their reader."""

from salesops.services.recent import note_opened
from salesops.services.tours import note_tour
from salesops.services.visits import note_visit

__all__ = ["note_opened", "note_tour", "note_visit"]
