"""The pages of the product as the cast gets them, and what stands on them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from tests.cast import Cast
from tests.test_permissions import GET, LOOSE, address, make_world

READERS = ("director", "rep", "admin", "coordinator", "executive")
VOID = frozenset(
    "area base br col embed hr img input link meta source track wbr path circle rect line".split()
)
VOID |= frozenset("polyline polygon ellipse".split())


@dataclass
class Element:
    """A tag with its attributes; its children are elements and texts."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Any] = field(default_factory=list)

    def walk(self) -> Iterator["Element"]:
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    @property
    def text(self) -> str:
        parts = [child.text if isinstance(child, Element) else child for child in self.children]
        return " ".join(" ".join(parts).split())

    def has_class(self, name: str) -> bool:
        return name in self.attributes.get("class", "").split()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("page")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        places = [place for place, element in enumerate(self.open) if element.tag == tag]
        if places:
            del self.open[places[-1] :]

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parsed(html: str) -> Element:
    reader = _Reader()
    reader.feed(html)
    return reader.root


def pages(cast: Cast, acting: Any, browse: Any) -> Iterator[tuple[str, str, Element]]:
    """Every page that answers HTML, once for each of the readers who may see it: its name, the reader, its content."""
    world = make_world(cast, acting)
    for key in READERS:
        client = browse(getattr(cast, key))
        for name, rule in GET.items():
            if rule.expected(key) != 200 or name in LOOSE or name.startswith("api_"):
                continue
            answer = client.get(address(name, world))
            if answer.headers["Content-Type"].startswith("text/html"):
                yield name, key, parsed(answer.content.decode())
