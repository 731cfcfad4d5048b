"""More territories and people than fit into a plain list."""

from datetime import date

from common.access import Reach
from common.transaction import work
from territories.models import Edge, Naming, Seat, Territory, User
from tests.cast import Cast

START = date(2025, 1, 1)


def add_many(cast: Cast, count: int = 60) -> None:
    """A Boston below East, one below West that was once called Old Harbour, and numbered ones; and people."""
    with work(by=None, why="a large company", reach=Reach.everything()):
        east, west = cast.territories["East"], cast.territories["West"]
        for code, above in (("BOS-E", east), ("BOS-W", west)):
            place(cast, "Boston", code, above)
        west_boston = cast.territories["BOS-W"]
        Naming.objects.create(
            territory=west_boston, name="Old Harbour", starts_on=START, stops_on=date(2026, 1, 1)
        )
        for number in range(count):
            place(cast, f"Plain {number:03}", f"PLAIN-{number}", east)
            nora = User.objects.create(email=f"nora{number}@example.com", name=f"Nora Neu {number:03}")
            Seat.objects.create(user=nora, territory=east, kind="overlay", starts_on=START)


def place(cast: Cast, name: str, code: str, above: Territory) -> None:
    node = Territory.objects.create(name=name, code=code, kind="territory")
    Edge.objects.create(child=node, parent=above, starts_on=START)
    cast.territories[code] = node
