"""The open pipeline, hung under the tree of team attainment: what covers the remaining quota of each row."""

from collections import Counter, defaultdict
from collections.abc import Collection, Container, Iterable
from datetime import date

from common.access import Reach
from common.calendars import Span
from orders.models import Basis
from orders.selectors.credits import CreditFilter
from pipeline.selectors.open_pipeline import COUNTING, OpenPart, counting_url, open_pipeline
from territories.selectors import places_on, unassigned
from territories.selectors.trees import Tree, tree_of, walked


class Covering:
    """The open deals in reach where they would be credited today: by seat where their owner sits, by territory where
    their account is. Who sits nowhere counts where the account is.

    `day`: the first day on which they may close. `seated`: whose deals hang where they sit.
    """

    def __init__(
        self, day: date, tree: Tree, parts: Iterable[tuple[int, OpenPart]], seated: Container[int] = ()
    ) -> None:
        self.day, self.tree, self.seated = day, tree, seated
        own: dict[str, Counter[int]] = defaultdict(Counter)
        self.theirs: dict[int, dict[int, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        for place, part in parts:
            own[part.category][place] += part.plan_minor
            self.theirs[place][part.owner_id][part.category] += part.plan_minor
        self.until = {category: tree.until(there) for category, there in own.items()}

    def people(self, nodes: Collection[int]) -> set[int]:
        """Whose deals hang on these nodes themselves."""
        return {person for node in nodes if node in self.theirs for person in self.theirs[node]}

    def basis_of(self, person: int) -> Basis:
        """By what the person's deals hang where they do."""
        return Basis.SEAT if person in self.seated else Basis.TERRITORY

    def at(self, node: int, days: Collection[Span], person: int | None = None) -> Counter[str]:
        """What hangs on a node and below it, or of one person on the node itself, by category."""
        if not any(self.day in span for span in days):
            return Counter()
        if person is not None:
            return self.theirs.get(node, {}).get(person, Counter())
        return Counter({category: self.tree.within(node, until) for category, until in self.until.items()})


def covering(mine: Reach, credits: CreditFilter, on: date) -> Covering:
    """What hangs beside some credits of successive days, of the deals that close on them, from today on."""
    span = Span(credits.spans[0].start, credits.spans[-1].stop)
    parts = open_pipeline(mine, span, on, credits.family_id)
    tree = tree_of(on)
    owners = {part.owner_id for part in parts} if credits.basis == Basis.SEAT else set()
    places = places_on(on, tree.places, owners) if owners else {}
    placed = [(places.get(part.owner_id) or part.territory_id, part) for part in parts]
    if any(place not in tree.places for place, _part in placed):
        placed = [(place if place in tree.places else unassigned().pk, part) for place, part in placed]
    return Covering(max(on, span.start), tree, placed, places)


def not_covering() -> Covering:
    """Nothing beside anything, where nobody asks."""
    return Covering(date.max, walked({}), ())


def deals_url(credits: CreditFilter | None, span: Span, on: date, category: str = COUNTING) -> str:
    """The list of the open deals that count beside some credits: of one category, or of all that cover the gap.

    None where a list cannot say which they are: those of a family, or of several teams.
    """
    if credits is None or credits.family_id:
        return ""
    by_seat, owner = credits.basis == Basis.SEAT, credits.person_id or credits.owner_id
    return counting_url(span, on, category, node_id=credits.node_id, owner_id=owner, by_seat=by_seat)
