"""People leave with a hand-over, and come back."""

from planning.services.people import Moved, come_back, leave

__all__ = ["Moved", "come_back", "leave"]
