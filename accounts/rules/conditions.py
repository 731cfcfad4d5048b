"""What a rule asks of an account: groups of conditions, of which one group has to hold with all that is in it.

Kept as JSON: a list of groups, a group is a list of conditions such as `{"kind": "country", "values": ["Canada"]}`,
`{"kind": "postcode_range", "from": "94000", "to": "94999"}`, `{"kind": "employees", "from": 50, "to": null}`,
`{"kind": "parent", "values": [17]}` with ids of accounts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from common.said import Said
from common.said import marked as _

TEXTS = ("country", "region", "industry", "segment", "tier")
"""Kinds that compare a text as `key_of` writes it."""
POSTCODE, POSTCODE_RANGE = "postcode", "postcode_range"
SIZES = ("employees", "annual_revenue")
"""Kinds that compare a number: people, and minor units of the reporting currency a year."""
PARENT, ACCOUNT = "parent", "account"
KINDS = (*TEXTS[:2], POSTCODE, POSTCODE_RANGE, *TEXTS[2:], *SIZES, PARENT, ACCOUNT)
MOST_GROUPS, MOST_IN_GROUP, MOST_VALUES, MOST_ACCOUNTS = 20, 20, 1_000, 10_000
MOST_IN_ALL = 2_000
"""So many values may be written in all groups together; ids of accounts, which are cheap to compare, up to theirs."""
LONGEST, MOST_NUMBER = 80, 10**15

_BLANKS = {ord(sign): None for sign in " \t\u00a0\u202f"}


def key_of(text: str) -> str:
    """A text by which two spellings are one: small letters, no blanks. Example: "New  York" → "newyork"."""
    return "".join(_small(sign) for sign in text.translate(_BLANKS))


def _small(sign: str) -> str:
    """Letter by letter and one for one, as the database does it."""
    small = sign.lower()
    return small if len(small) == 1 else sign


def postcode_of(text: str) -> str:
    """A postal code as it is compared: capital letters, no blanks, no hyphens. Example: "sw1a-1 aa" → "SW1A1AA"."""
    large = ((sign, sign.upper()) for sign in text.translate(_BLANKS).replace("-", ""))
    return "".join(big if len(big) == 1 else sign for sign, big in large)


@dataclass(frozen=True)
class Condition:
    """One thing that has to be so: `values` as a person wrote them, or ids of accounts; the ends of a range."""

    kind: str
    values: tuple[Any, ...] = ()
    least: Any = None
    most: Any = None

    @property
    def keys(self) -> frozenset[Any]:
        """The values as accounts' own are compared with them."""
        if self.kind in TEXTS:
            return frozenset(map(key_of, self.values))
        return frozenset(map(postcode_of, self.values) if self.kind == POSTCODE else self.values)

    @property
    def bounds(self) -> tuple[str, str]:
        """The ends of a range of postal codes, both of one length.

        An account's code is in the range where its first so many signs are: 94105-1234 is between 94000 and 94999.
        A code that is shorter than that is in no such range.
        """
        return postcode_of(self.least), postcode_of(self.most)

    def as_json(self) -> dict[str, Any]:
        if self.kind in (POSTCODE_RANGE, *SIZES):
            return {"kind": self.kind, "from": self.least, "to": self.most}
        return {"kind": self.kind, "values": list(self.values)}


Group = tuple[Condition, ...]
Groups = tuple[Group, ...]


class Faulty(Said):
    """Conditions that can't be meant: where (group and condition, from 1; 0: all), what, and what would be right."""

    def __init__(self, text: str, *, group: int = 0, place: int = 0, **values: object) -> None:
        super().__init__(text, **values)
        self.group, self.place = group, place


def as_json(groups: Groups) -> list[list[dict[str, Any]]]:
    return [[condition.as_json() for condition in group] for group in groups]


def read(written: Any) -> Groups:
    """Conditions from their JSON. Raises Faulty with place and remedy for whatever can't be meant."""
    if not isinstance(written, list) or not written:
        raise Faulty(_("There is no condition. Say of which accounts it holds."))
    if len(written) > MOST_GROUPS:
        raise Faulty(_("There are more than %(most)s groups. Make two rules of it."), most=MOST_GROUPS)
    return tuple(_group(group, number) for number, group in enumerate(written, 1))


def read_new(written: Any) -> Groups:
    """The same for conditions that somebody writes now. Raises Faulty also where they name too much in all."""
    groups = read(written)
    every = [condition for group in groups for condition in group]
    for most, are_ids in ((MOST_IN_ALL, False), (MOST_ACCOUNTS, True)):
        if sum(len(one.values) for one in every if (one.kind == ACCOUNT) == are_ids) > most:
            words = _("All conditions together name more than %(most)s values. Make two rules of it.")
            raise Faulty(words, most=most)
    return groups


def _group(written: Any, number: int) -> Group:
    if not isinstance(written, list) or not written:
        raise Faulty(_("This group is empty. Add a condition or remove the group."), group=number)
    if len(written) > MOST_IN_GROUP:
        words = _("This group has more than %(most)s conditions. Leave some out.")
        raise Faulty(words, group=number, most=MOST_IN_GROUP)
    conditions = []
    for place, one in enumerate(written, 1):
        try:
            conditions.append(_condition(one))
        except Faulty as fault:
            raise Faulty(fault.text, group=number, place=place, **fault.values) from fault
    return tuple(conditions)


def _condition(written: Any) -> Condition:
    kind = written.get("kind") if isinstance(written, Mapping) else None
    if kind not in KINDS:
        raise Faulty(_("There is no such condition. Known are: %(known)s."), known=", ".join(KINDS))
    is_range = kind == POSTCODE_RANGE or kind in SIZES
    known = {"kind", "from", "to"} if is_range else {"kind", "values"}
    if unknown := sorted(set(map(str, written)) - known):
        words = _("%(names)s is not part of this condition. It takes %(known)s.")
        raise Faulty(words, names=", ".join(unknown), known=", ".join(sorted(known)))
    if is_range:
        return _range(kind, written.get("from"), written.get("to"))
    return Condition(kind, _values(kind, written.get("values")))


def _values(kind: str, written: Any) -> tuple[Any, ...]:
    if not isinstance(written, list) or not written:
        raise Faulty(_("Nothing is named. Name at least one."))
    most = MOST_ACCOUNTS if kind == ACCOUNT else MOST_VALUES
    if len(written) > most:
        raise Faulty(_("More than %(most)s are named. Make two rules of it."), most=most)
    if kind in (PARENT, ACCOUNT):
        return tuple(dict.fromkeys(map(_account, written)))
    return tuple(_once(map(_text, written), postcode_of if kind == POSTCODE else key_of))


def _account(written: Any) -> int:
    if isinstance(written, bool) or not isinstance(written, int) or not 0 < written < MOST_NUMBER:
        raise Faulty(_("%(value)s is no account. Name accounts by their numbers."), value=str(written)[:40])
    return written


def _text(written: Any) -> str:
    if not isinstance(written, str) or not postcode_of(written):
        raise Faulty(_("One of the values is empty. Leave it out."))
    if len(written) > LONGEST:
        raise Faulty(_("%(value)s… is longer than %(most)s characters."), value=written[:20], most=LONGEST)
    return written.strip()


def _once(texts: Iterable[str], key: Any) -> Iterable[str]:
    """Each of the texts once, however it is spelled."""
    return {key(text): text for text in reversed(list(texts))}.values().__reversed__()


def _range(kind: str, least: Any, most: Any) -> Condition:
    if kind == POSTCODE_RANGE:
        return _codes(_text(least or ""), _text(most or ""))
    if least is None and most is None:
        raise Faulty(_("Neither end is given. Write from, to, or both."))
    for number in (least, most):
        is_whole = isinstance(number, int) and not isinstance(number, bool) and 0 <= number < MOST_NUMBER
        if number is not None and not is_whole:
            raise Faulty(_("%(value)s is no whole number from 0 on."), value=str(number)[:40])
    if least is not None and most is not None and least > most:
        raise Faulty(_("The range is reversed: %(least)s is more than %(most)s."), least=least, most=most)
    return Condition(kind, (), least, most)


def _codes(least: str, most: str) -> Condition:
    first, last = postcode_of(least), postcode_of(most)
    if len(first) != len(last):
        words = _("%(least)s and %(most)s differ in length. Write both with as many signs.")
        raise Faulty(words, least=least, most=most)
    if first > last:
        words = _("The range is reversed: %(least)s comes after %(most)s.")
        raise Faulty(words, least=least, most=most)
    return Condition(POSTCODE_RANGE, (), least, most)
