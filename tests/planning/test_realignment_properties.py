"""Whatever is realigned: the tree stays a tree, accounts stay somewhere, nothing sold moves, previews come true."""

from collections import Counter
from datetime import date, timedelta
from itertools import count
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from accounts.models import Account, AccountTerritory
from common.access import Reach
from common.errors import Refused
from common.selectors import period_of
from common.transaction import work
from orders.models import Basis, Credit
from orders.selectors.credits import CreditFilter
from orders.services import LineInput, book
from planning.models import Draft
from planning.selectors.measures import Measured, measure
from planning.services.drafts import add_move, create_draft
from planning.services.moves import catch_up
from planning.services.realigning import ask_publishing, preview_draft, publish_draft
from territories.models import Edge, Territory, User
from tests.cast import Cast
from tests.conftest import Acting
from workspace.services import answer

TODAY = date(2026, 5, 20)
NODES = ["East", "East Team", "East 1", "East 2", "West", "West Team", "West 1"]
LEAVES = ["East 1", "East 2", "West 1"]
MOVES = st.one_of(
    st.tuples(st.just("node"), st.sampled_from(NODES), st.sampled_from(NODES)),
    st.tuples(
        st.just("accounts"),
        st.frozensets(st.sampled_from(["Acorn", "Beech", "Cedar"]), min_size=1),
        st.sampled_from(LEAVES),
    ),
    st.tuples(st.just("seat"), st.sampled_from(LEAVES), st.sampled_from(["rep", "peer", "other_rep", None])),
)
CHOICES = st.sampled_from(["usual", "go", "closed"])
NUMBERS = count()


def look(read: Any) -> Any:
    with work(by=None, why="a look", reach=Reach.everything()):
        return read()


def sell(cast: Cast, acting: Acting) -> None:
    """Every account has ordered, on days of its own."""
    with acting(cast.admin):
        for number, (account, person) in enumerate(
            [("Acorn", cast.rep), ("Beech", cast.peer), ("Cedar", cast.other_rep)], 1
        ):
            book(
                by=cast.admin.pk,
                account_id=cast.accounts[account].pk,
                booked_on=date(2026, 4, 10 * number),
                currency="USD",
                lines=[LineInput(cast.products["Server"].pk, 1, number * 100_003)],
                shares=[],
                owner_id=person.pk,
                motion="new",
            )


def sold() -> dict[str, Any]:
    """The books as they stand, and what every node sold, as sold, by seat and by territory."""
    period = period_of(TODAY)
    assert period
    nodes = {
        (node.pk, basis): sum(
            CreditFilter(period, node_id=node.pk, basis=basis)
            .narrow(Credit.objects.all())
            .values_list("plan_minor", flat=True)
        )
        for node in Territory.objects.all()
        for basis in Basis.values
    }
    return {"rows": list(Credit.objects.order_by("pk").values_list()), "nodes": nodes}


def check_tree(day: date) -> None:
    parents = dict(Edge.objects.on(day).values_list("child_id", "parent_id"))
    for node in parents:
        path = [node]
        while (above := parents[path[-1]]) is not None:
            assert above not in path
            path.append(above)
        assert path[-1] == next(pk for pk, parent in parents.items() if parent is None)


def check_accounts(day: date) -> None:
    placed = Counter(AccountTerritory.in_field().on(day).values_list("account_id", flat=True))
    assert placed == Counter(Account.objects.values_list("pk", flat=True))


def drafted(cast: Cast, acting: Acting, moves: Any, choice: str) -> Draft:
    """A draft with those of the moves that are not refused, looked at."""
    names = cast.territories
    with acting(cast.admin):
        draft = create_draft(by=cast.admin.pk, name=f"Draft {next(NUMBERS)}", starts_on=TODAY)
    for kind, what, where in moves:
        move: dict[str, Any] = {"kind": kind}
        if kind == "node":
            move |= {"territory_id": names[what].pk, "into_id": names[where].pk}
        elif kind == "accounts":
            ids = [cast.accounts[name].pk for name in what]
            move |= {"account_ids": ids, "into_id": names[where].pk, "open_work": choice}
        else:
            person = getattr(cast, where).pk if where else None
            move |= {
                "territory_id": names[what].pk,
                "seat_kind": "owner",
                "person_id": person,
                "open_work": choice,
            }
        try:
            with acting(cast.admin):
                add_move(by=cast.admin.pk, draft_id=draft.pk, **move)
        except Refused:
            continue
    with acting(cast.admin):
        draft.refresh_from_db()
        return preview_draft(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)


def published(draft: Draft, cast: Cast, ben: User, acting: Acting) -> Draft:
    with acting(cast.admin):
        approval = ask_publishing(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)
    with acting(ben):
        answer(by=ben.pk, approval_id=approval.pk, version=approval.version, is_granted=True)
    done: Draft | None = look(lambda: publish_draft(draft_id=draft.pk))
    assert done is not None
    return done


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(moves=st.lists(MOVES, min_size=1, max_size=4), choice=CHOICES)
def test_what_was_seen_comes_true_and_nothing_sold_moves(
    cast: Cast, ben: User, acting: Acting, moves: Any, choice: str
) -> None:
    if not look(Credit.objects.exists):
        sell(cast, acting)
    before, stood = look(sold), look(lambda: measure(TODAY))
    draft = drafted(cast, acting, moves, choice)
    assert look(sold) == before
    assert figures(look(lambda: measure(TODAY))) == figures(stood)
    if not draft.digest:
        assert draft.preview["refused"]
        return
    event(f"{len(moves)} moves published")
    done = published(draft, cast, ben, acting)
    assert (done.state, done.error) == ("published", "")
    look(lambda: catch_up(TODAY))
    now = look(lambda: measure(TODAY))
    expected = figures(stood)
    for kind, rows in (("nodes", draft.preview["nodes"]), ("people", draft.preview["people"])):
        expected[kind] |= {pk: after for pk, _before, after in rows}
    assert known(figures(now)) == known(expected)
    assert look(sold) == before
    for day in (TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=40)):
        look(lambda day=day: check_tree(day))
        look(lambda day=day: check_accounts(day))


def figures(measured: Measured) -> dict[str, Any]:
    return {"nodes": dict(measured.nodes), "people": dict(measured.people)}


def known(found: dict[str, Any]) -> dict[str, Any]:
    """Without what is nothing: no account and no pipeline are the same as none."""
    return {
        kind: {
            pk: {name: value for name, value in row.items() if value}
            for pk, row in rows.items()
            if any(row.values())
        }
        for kind, rows in found.items()
    }
