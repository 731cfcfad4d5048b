"""What home pages write."""

from salesops.services.visits import note_visit

__all__ = ["note_visit"]
