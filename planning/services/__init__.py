"""People leave with a hand-over, and come back."""

from planning.services.people import come_back, leave

__all__ = ["come_back", "leave"]
