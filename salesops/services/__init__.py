"""What home pages write."""

from salesops.services.tours import note_tour
from salesops.services.visits import note_visit

__all__ = ["note_tour", "note_visit"]
