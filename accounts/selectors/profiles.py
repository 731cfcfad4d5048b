"""What is known of an account's goals, strategy, financials and challenges, and how fresh that is."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from accounts.models import ProfileNote, Topic

FRESH_DAYS = 180
"""What is older than this is marked as old."""


@dataclass(frozen=True)
class Known:
    """One topic of a profile: its newest note, the earlier ones, and whether it is old."""

    topic: Topic
    newest: ProfileNote | None
    is_old: bool
    earlier: list[ProfileNote] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.newest.text if self.newest else ""


def profile_of(account_id: int, day: date) -> list[Known]:
    """Every topic in its order, with its newest note and those before it; without notes nothing is known."""
    notes: dict[str, list[ProfileNote]] = {topic: [] for topic in Topic}
    for note in ProfileNote.objects.filter(account_id=account_id).select_related("written_by"):
        notes[note.topic].append(note)
    oldest = day - timedelta(days=FRESH_DAYS)
    return [
        Known(topic, rows[0] if rows else None, bool(rows) and rows[0].as_of < oldest, rows[1:])
        for topic, rows in ((topic, notes[topic]) for topic in Topic)
    ]
