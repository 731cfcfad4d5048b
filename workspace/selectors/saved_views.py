"""The views that somebody finds on a page, and how its address differs from the one that is open."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qsl, urlencode

from django.db.models import Case, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.urls import reverse

from common.access import Reach, found
from territories.models import Edge, Seat, Territory
from workspace.models import OwnField, SavedView
from workspace.selectors.own import PREFIX, hidden_names, known_fields

PARAMETER = "view"
NO_VIEW = "0"
PASSING = (PARAMETER, "after", "month", "day")
"""What an address says of the moment and no view keeps: the page that one is on, the days that one looks at."""
GONE = ("columns", "")
"""What is left of columns of which the reader sees none."""
MOST_DIGITS = 19
MOST_SHOWN = 50
"""Of the views of others, and of one's own, of which nobody keeps more."""
SUBJECTS = {
    SavedView.Page.OPPORTUNITY_LIST: OwnField.Subject.OPPORTUNITY,
    SavedView.Page.OPPORTUNITY_BOARD: OwnField.Subject.OPPORTUNITY,
    SavedView.Page.OPPORTUNITY_CALENDAR: OwnField.Subject.OPPORTUNITY,
    SavedView.Page.LEAD_LIST: OwnField.Subject.LEAD,
    SavedView.Page.ACCOUNT_LIST: OwnField.Subject.ACCOUNT,
    SavedView.Page.ORDER_LIST: OwnField.Subject.ORDER,
}
"""The records by whose own fields a page may be asked."""
ABOVE = """
    WITH RECURSIVE up(node) AS (
        SELECT unnest(%s::bigint[])
        UNION
        SELECT e.parent_id FROM up JOIN territories_edge e ON e.child_id = up.node
        WHERE e.superseded_at IS NULL AND e.starts_on <= %s AND coalesce(e.stops_on, 'infinity'::date) > %s
    ) SELECT node FROM up WHERE node IS NOT NULL
"""


def kept_of(query: Mapping[str, str]) -> str:
    """What a view keeps of a page's parameters, in one order: two that ask for the same are equal."""
    return urlencode(sorted((name, value) for name, value in query.items() if value and name not in PASSING))


def views_for(mine: Reach, day: date) -> QuerySet[SavedView]:
    """The views that somebody may open: their own, those for everybody, and those of teams in or below which they sit.

    Who may take views out of what is shared finds all that are.
    """
    rows = SavedView.objects.filter(is_removed=False).select_related("owner", "team")
    theirs = Q(owner_id=mine.user_id) | Q(shared=SavedView.Shared.EVERYBODY)
    if "org" in mine.relations("saved_view", "unshare"):
        theirs |= Q(shared=SavedView.Shared.TEAM)
    elif mine.nodes:
        teams = RawSQL(ABOVE, [sorted(mine.nodes), day, day])  # noqa: S611  its values are parameters
        theirs |= Q(shared=SavedView.Shared.TEAM, team_id__in=teams)
    return rows.filter(theirs)


def view_in(mine: Reach, day: date, pk: int) -> SavedView:
    """One view that the reader may open. Raises NotInReach."""
    return found(views_for(mine, day).filter(pk=pk).first())


def seen(mine: Reach, page: str, asked: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """What an address asks for, without own fields that the reader does not see; that there are such stays untold."""
    pairs = list(asked)
    if not any(PREFIX in text for pair in pairs for text in pair):
        return pairs
    hidden = hidden_names(mine, SUBJECTS.get(SavedView.Page(page), ""))
    left = [(name, _columns(value, hidden) if name == "columns" else value) for name, value in pairs]
    return [(name, value) for name, value in left if _own_name(name) not in hidden and (name, value) != GONE]


def _columns(value: str, hidden: set[str]) -> str:
    return ",".join(key for key in value.split(",") if key not in hidden)


def _own_name(parameter: str) -> str:
    """The field that a filter is of: *own.seats* of *own.seats.from*."""
    return ".".join(parameter.split(".")[:2])


def query_of(mine: Reach, view: SavedView) -> str:
    """What a view asks for, as far as its reader sees that."""
    return urlencode(seen(mine, view.page, parse_qsl(view.query)))


def not_for_all(mine: Reach, view: SavedView) -> list[str]:
    """The labels of the own fields that a shared view asks for and that not everybody sees: others get it without."""
    if view.shared == SavedView.Shared.NOBODY or PREFIX not in view.query:
        return []
    asked = parse_qsl(view.query)
    names = {_own_name(name) for name, _value in asked}
    names |= {key for name, value in asked if name == "columns" for key in value.split(",")}
    fields = known_fields(mine, SUBJECTS.get(SavedView.Page(view.page), ""))
    general = OwnField.Sight.GENERAL
    return [field.label for field in fields if field.sight != general and PREFIX + field.key in names]


def team_of(person_id: int, day: date) -> Territory | None:
    """With whose people a person shares: the territory that they lead, else the one above where they sit."""
    seats = Seat.objects.on(day).filter(user_id=person_id).select_related("territory").order_by("id")
    own = sorted(seats, key=lambda seat: seat.kind != Seat.Kind.LEAD)
    if not own:
        return None
    place: Territory = own[0].territory
    if own[0].kind == Seat.Kind.LEAD:
        return place
    edge = Edge.objects.on(day).filter(child=place).select_related("parent").first()
    above: Territory | None = edge.parent if edge else None
    return above or place


@dataclass(frozen=True)
class Menu:
    """The views of one page for one reader, which of them is open, and what the address asks for now."""

    page: str
    own: Sequence[SavedView]
    others: Sequence[SavedView]
    has_more: bool
    current: SavedView | None
    query: str
    mine: Reach

    @property
    def me(self) -> int | None:
        return self.mine.user_id

    @property
    def may_unshare(self) -> bool:
        """Whether the reader may take somebody else's view that is open out of what is shared."""
        return self.current is not None and self.mine.allows("saved_view", "unshare")

    @property
    def usual(self) -> SavedView | None:
        return next((view for view in self.own if view.is_usual), None)

    @property
    def is_changed(self) -> bool:
        """Whether the address asks for something else than the view that is open."""
        return self.current is not None and self.query != query_of(self.mine, self.current)

    @property
    def is_own(self) -> bool:
        return self.current is not None and self.current.owner_id == self.me

    @property
    def plain_url(self) -> str:
        """The page without any view, also where it opens with one."""
        address = reverse(self.page)
        return f"{address}?{PARAMETER}={NO_VIEW}" if self.usual else address


def menu_of(mine: Reach, day: date, page: str, query: Mapping[str, str]) -> Menu:
    """The menu of a page whose address says `query`; a view that is not theirs is none.

    It holds their own views, the one that is open, and as many of others as are shown.
    """
    asked = query.get(PARAMETER, "")
    wanted = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < MOST_DIGITS else 0
    place = Case(When(owner_id=mine.user_id, then=Value(0)), When(pk=wanted, then=Value(1)), default=Value(2))
    rows = views_for(mine, day).filter(page=page).order_by(place, "name", "id")
    views = list(rows[: 2 * MOST_SHOWN + 1])
    own = [view for view in views if view.owner_id == mine.user_id]
    others = [view for view in views if view.owner_id != mine.user_id]
    current = next((view for view in views if view.pk == wanted and str(wanted) == asked), None)
    shown, has_more = others[:MOST_SHOWN], len(others) > MOST_SHOWN
    return Menu(page, own, shown, has_more, current, kept_of(query), mine)


def address_of(mine: Reach, view: SavedView) -> str:
    """The page as the view keeps it for its reader, and the view's own mark."""
    return f"{reverse(view.page)}?{urlencode([*parse_qsl(query_of(mine, view)), (PARAMETER, view.pk)])}"


def link_to(view: SavedView) -> str:
    """The short address that opens the view as it is kept on the day, for others."""
    return f"{reverse(view.page)}?{PARAMETER}={view.pk}"
