"""One typed line of an activity: what was done with whom, about what, when, and what is next. Its words are English."""

import re
from dataclasses import dataclass, replace
from datetime import date, time

from pipeline.rules.spoken_days import Clock, When, when_of

MOST_LINE, MOST_SUBJECT = 200, 160
NOTE, TASK, FOLLOW_UP = "note", "task", "follow_up"
KINDS = {
    "call": "call called phone phoned ring rang",
    "email": "email e-mail mail emailed e-mailed mailed wrote write",
    "meeting": "meeting meet met",
    "demo": "demo demoed demonstrated",
    "presentation": "presentation present presented",
    "visit": "visit visited saw",
    NOTE: "note",
    TASK: "task todo to-do",
    FOLLOW_UP: "follow-up followup",
}
WORDS = {word: kind for kind, words in KINDS.items() for word in words.split()}
PAST = frozenset(
    "called phoned rang emailed e-mailed mailed wrote met demoed demonstrated presented visited saw".split()
)
FILLERS = frozenset("a an the had did made gave quick short long first second third good phone".split())
LINKS = frozenset("with at to for from in by".split())
ABOUT = frozenset("about re re: regarding concerning".split())
PLACES = frozenset(("at", "@"))
NEXT = re.compile(r"(?:next(?: step)?\b:?|then\b|to-?do\b:?)\s*", re.IGNORECASE)
FOLLOWING = re.compile(r"(?:next|then|to-?do|follow[ -]?up)\b", re.IGNORECASE)
CLAUSE = re.compile(r"\s*[,;]\s+|\s+(?:and\s+)?then\s+", re.IGNORECASE)


@dataclass(frozen=True)
class Said:
    """What a line says. `text` is what was done as it was typed, without its day; `topic` what it was about.

    Who it was with stands as typed: `name`, and `place` where it says at whose. `is_planned`: it lies ahead.
    """

    kind: str
    text: str
    name: str = ""
    place: str = ""
    topic: str = ""
    on: date | None = None
    at: time | None = None
    is_planned: bool = False
    outcome: str = ""
    next_step: str = ""
    next_step_on: date | None = None


def read_line(line: str, clock: Clock) -> Said:
    """What a line says to who reads it by that clock. Raises nothing: what is not understood stays in its text.

    Example on Wednesday 20 May 2026: "call Ann about pricing, wants 5 % off, follow up Friday" → a call with Ann about
    pricing, outcome "wants 5 % off", next step "Follow up: pricing" by 22 May; "visit Acme tomorrow 14:00" is planned.
    Without a word for its kind it is a note, or a task where it lies ahead.
    """
    typed = " ".join(line.split())
    if match := re.match(r"note:\s*", typed, re.IGNORECASE):
        return _note(typed[match.end() :], clock)
    first, *later = [clause for clause in CLAUSE.split(typed) if clause] or [""]
    kind, is_past, after = _kind(when_of(first.split(), clock).words)
    lean = -1 if is_past else 0
    said = when_of(first.split(), clock, lean)
    lone, rest = _apart(later, clock) if said.on is None and said.at is None else ([], later)
    if lone:
        said = replace(when_of(lone, clock, lean), words=said.words)
    outcome, step, step_on = _later(rest, clock)
    on, is_planned = _placed(said, clock)
    who, topic = _about(after)
    if topic and step.casefold().replace("-", "").replace(" ", "") == "followup":
        step = f"{step}: {' '.join(topic)}"[:MOST_SUBJECT]
    name, place = _named(who) if kind else ("", "")
    return Said(
        kind=kind or (TASK if is_planned else NOTE),
        text=_shown(said.words),
        name=name,
        place=place,
        topic=_shown(topic),
        on=on,
        at=said.at if is_planned else None,
        is_planned=is_planned,
        outcome=outcome,
        next_step=step,
        next_step_on=step_on,
    )


def kind_of(text: str) -> str:
    """What a text that was to be done is, by its first words: "Call Ann" → a call, "Send the offer" → a task."""
    return _kind(text.split())[0] or TASK


def candidates(name: str, most: int = 6) -> list[str]:
    """What of a name may be the name, the longest first: "Ann the offer" → all three words, two of them, "ann"."""
    words = name.lower().split()[:most]
    return [" ".join(words[:number]) for number in range(len(words), 0, -1)]


def _note(text: str, clock: Clock) -> Said:
    """A note is kept as it was typed but for a last clause that says what follows."""
    clauses = CLAUSE.split(text)
    last = clauses[-1] if len(clauses) > 1 and FOLLOWING.match(clauses[-1]) else ""
    kept = text[: len(text) - len(last)].rstrip(" ,;") if last else text
    _outcome, step, step_on = _later([last] if last else [], clock)
    more = kept if len(kept) > MOST_SUBJECT else ""
    return Said(NOTE, _shown(kept.split()), outcome=more, next_step=step, next_step_on=step_on)


def _kind(words: list[str]) -> tuple[str, bool, list[str]]:
    """The kind, whether its word says that it is done, and the words after that one."""
    for place, word in enumerate(words):
        bare = word.lower().rstrip(":")
        if bare == "follow" and words[place + 1 : place + 2] and words[place + 1].lower().rstrip(":") == "up":
            return FOLLOW_UP, False, words[place + 2 :]
        if bare in WORDS and not (
            bare == "phone" and [one.lower() for one in words[place + 1 :][:1]] == ["call"]
        ):
            return WORDS[bare], bare in PAST, words[place + 1 :]
        if bare not in FILLERS:
            break
    return "", False, words


def _apart(clauses: list[str], clock: Clock) -> tuple[list[str], list[str]]:
    """The words of clauses that say a day or an hour and nothing else, and the other clauses."""
    lone = [clause for clause in clauses if not when_of(clause.split(), clock).words]
    return " ".join(lone).split(), [clause for clause in clauses if clause not in lone]


def _placed(said: When, clock: Clock) -> tuple[date | None, bool]:
    """The day that was said, that of an hour alone being today, and whether it lies ahead."""
    today = clock.now.date()
    on = said.on or (today if said.at else None)
    if on is None or on < today:
        return on, False
    return on, on > today or (said.at is not None and said.at > clock.now.time())


def _about(words: list[str]) -> tuple[list[str], list[str]]:
    """The words before and after *about*, or after a colon."""
    for place, word in enumerate(words):
        if word.lower() in ABOUT:
            return words[:place], words[place + 1 :]
        if word.endswith(":"):
            return [*words[:place], word[:-1]], words[place + 1 :]
    return words, []


def _named(words: list[str]) -> tuple[str, str]:
    """Who, and at whose."""
    while words and words[0].lower() in LINKS:
        words = words[1:]
    for place, word in enumerate(words):
        if place and word.lower() in PLACES:
            return " ".join(words[:place]), " ".join(words[place + 1 :])
    return " ".join(words), ""


def _later(clauses: list[str], clock: Clock) -> tuple[str, str, date | None]:
    """Of what follows the first clause: what came of it, the next step, and its day.

    The next step is the last clause that says so, or else a last one that ends with a day to come.
    """
    for place in range(len(clauses) - 1, -1, -1):
        is_step = FOLLOWING.match(clauses[place]) is not None
        found = when_of(NEXT.sub("", clauses[place], count=1).split(), clock, 1)
        if is_step or (place == len(clauses) - 1 and found.on and found.on > clock.now.date()):
            outcome = clauses[:place] + clauses[place + 1 :]
            return _shown(", ".join(outcome).split(), most=4000), _shown(found.words), found.on
    return _shown(", ".join(clauses).split(), most=4000), "", None


def _shown(words: list[str], most: int = MOST_SUBJECT) -> str:
    """The words as a sentence begins, cut where they are too many."""
    text = " ".join(words)
    return (text[:1].upper() + text[1:])[:most].rstrip()
