"""Territories and what they lie below, brought in from files, and taken back."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from django.utils.translation import gettext as _

from common.dated import record_all
from common.errors import Refused
from common.importing import Names, Outcome, Row, refusals, resolved
from common.services import refuse_closed
from common.staging import merge, new_ids
from common.undoing import Made, put_back, take_out, take_out_recorded
from territories import rules
from territories.models import Edge, Naming, Territory
from territories.services.names import check_new_kind
from territories.services.tree import check_fit, check_parent, create_root

TERRITORY = ["id", "is_unassigned", "code", "name", "kind"]


def node_names() -> Names:
    """Territories by their code, or by today's name."""
    return Names(_("territory"), Territory.objects.values_list("pk", "code", "name"))


def edges_of(ids: Iterable[int]) -> dict[int, list[Edge]]:
    """What each of these territories lies below, whenever."""
    edges: dict[int, list[Edge]] = defaultdict(list)
    for edge in Edge.objects.current().filter(child__in=list(ids)):
        edges[edge.child_id].append(edge)
    return edges


class Nodes:
    """The territories of a file, the tree that is here, and what has to be written; the nodes named stay locked."""

    def __init__(self, by: int | None, rows: Sequence[Row]) -> None:
        self.by, self.names = by, node_names()
        codes = {row.values["code"] for row in rows}
        known = Territory.objects.filter(code__in=codes).order_by("pk").select_for_update(no_key=True)
        self.nodes = {node.code: node for node in known}
        named = Naming.objects.current().filter(territory__in=self.nodes.values())
        self.renamed = set(named.values_list("territory_id", flat=True))
        self.placed: dict[int, Territory] = Territory.objects.in_bulk()
        self.parents = {row.values.get("parent") for row in rows}
        self.edges = edges_of(node.pk for node in self.nodes.values())
        self.ids = iter(new_ids("territories_territory", len(codes) - len(self.nodes)))
        self.written: dict[int, Territory] = {}
        self.new: dict[int, Edge] = {}
        self.closed, self.misplaced = refusals(refuse_closed), refusals(check_parent)

    def bring(self, rows: Sequence[Row], outcome: Outcome) -> None:
        for row in self._parents_first(rows, outcome):
            for found in resolved([row], outcome, {"parent": self.names}):
                outcome.write(found, self._territory, "territory")
        self._write()

    def _parents_first(self, rows: Sequence[Row], outcome: Outcome) -> Iterator[Row]:
        """Parents before children, in whichever order the file has them; then those whose parent never comes."""
        ready, waiting = deque[Row](), defaultdict[str, list[Row]](list)
        for row in rows:
            parent = row.values.get("parent")
            (ready if not parent or parent in self.names else waiting[parent]).append(row)
        coming = {row.values["code"] for row in rows}
        while ready or (ready := self._without(coming, waiting)):
            row = ready.popleft()
            yield row
            ready.extend(waiting.pop(row.values["code"], ()))
            if row.values["name"] in self.names:
                ready.extend(waiting.pop(row.values["name"], ()))
        remedy = _("Give one of them no parent.")
        for row in sorted((row for lost in waiting.values() for row in lost), key=lambda row: row.line):
            outcome.rejects.append(row.reject("parent", _("It lies below itself."), remedy))

    def _without(self, coming: set[str], waiting: dict[str, list[Row]]) -> deque[Row]:
        """Those that wait for a parent that no row brings."""
        lost = [parent for parent in waiting if parent not in coming]
        return deque(row for parent in lost for row in waiting.pop(parent))

    def _territory(self, row: Row) -> str:
        code, name, starts_on = (row.values[part] for part in ("code", "name", "starts_on"))
        node, parent_id, kind = self.nodes.get(code), row.values.get("parent"), row.values.get("kind")
        if node is None:
            self._create(code, name, kind or self._usual_kind(row), parent_id, starts_on)
            return "created"
        standing = next((edge for edge in self.edges[node.pk] if edge.holds_on(starts_on)), None)
        if standing is None or standing.parent_id != parent_id:
            raise Refused(_("It lies elsewhere in the tree on that day."), path="parent")
        if (node.name, node.kind) == (name, kind or node.kind):
            return "unchanged"
        self._check_change(node, name, kind or node.kind)
        node.name, node.kind = name, kind or node.kind
        self.written[node.pk] = self.placed[node.pk] = node
        self.names.add(node.pk, code, name)
        return "changed"

    def _check_change(self, node: Territory, name: str, kind: str) -> None:
        """Raises Refused for a name where the product says which one holds when, and for a type that does not fit."""
        if name != node.name and node.pk in self.renamed:
            raise Refused(_("It was renamed here, and bears several names by date."), path="name")
        if kind != node.kind:
            self._write()  # so that the tree itself says what is wrong
            check_new_kind(node, kind)

    def _usual_kind(self, row: Row) -> str:
        """The type of a new territory that names none: by what it lies below, and whether the file has some below."""
        parent = self.placed.get(row.values.get("parent") or 0)
        is_parent = not self.parents.isdisjoint((row.values["code"], row.values["name"]))
        return rules.kind_by_place(parent.kind if parent else None, is_parent=is_parent)

    def _create(self, code: str, name: str, kind: str, parent_id: int | None, starts_on: date) -> None:
        if parent_id is None:
            node = create_root(by=self.by, name=name, code=code, starts_on=starts_on, kind=kind)
        else:
            self._check(parent_id, starts_on)
            node = Territory(pk=next(self.ids), name=name, code=code, kind=kind)
            check_fit(node, self.placed[parent_id])
            self.written[node.pk] = node
        self.placed[node.pk] = node
        edge = Edge(child=node, parent_id=parent_id, starts_on=starts_on, recorded_by_id=self.by)
        if parent_id:
            self.new[node.pk] = edge
        self.nodes[code], self.edges[node.pk] = node, [edge]
        self.names.add(node.pk, code, name)

    def _check(self, parent_id: int, starts_on: date) -> None:
        """Raises Refused for a day in a closed period, or on which the parent is not part of the tree."""
        if refusal := self.closed(starts_on, "starts_on"):
            raise refusal
        above = self.new.get(parent_id)
        if above and not above.holds_on(starts_on):
            self._write()  # so that the tree itself says what is wrong
        if parent_id not in self.new and (refusal := self.misplaced(parent_id, starts_on)):
            raise refusal

    def _write(self) -> None:
        """Write what is new or changed so far."""
        staged = ([getattr(node, name) for name in TERRITORY] for node in self.written.values())
        merge("territories_territory", TERRITORY, staged, once=("is_unassigned",))
        record_all(self.new.values())
        self.written, self.new = {}, {}


def undo_tree(made: Made) -> None:
    take_out_recorded(made, Edge)
    put_back(made, Territory)
    take_out(made, Territory)
