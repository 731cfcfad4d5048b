"""Choosing one of many: a plain list where they are few, else a field in which one types a part of the name.

Without a script the whole name, or a code that there is one of, does as well.
"""

from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

from django import forms
from django.forms.utils import flatatt
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from common.http import MOST_TEXT, NO_TEXT, BadQuery
from common.offers import MOST_FOUND, Offer, Option

NOTHING = "—"
TYPED = "_text"
"""Behind a field's name: what was typed, beside the key of what was picked."""
MORE = "_more"
"""Behind the name of a field that takes several: what is being added."""
NAMED = 3


class Picked(NamedTuple):
    """What was sent: the key of a choice, and what stood in the field; None where a plain list was sent."""

    key: str = ""
    text: str | None = None

    @property
    def is_text(self) -> bool:
        """Whether the database can be asked for it, and a page can repeat it."""
        return all(
            len(part) <= MOST_TEXT and not NO_TEXT.search(part) for part in (self.key, self.text or "")
        )


def _shown(value: Any) -> Picked:
    """What a page shows of a field's value: nothing of what is no text."""
    given = value if isinstance(value, Picked) else Picked(str(value or ""))
    return given if given.is_text else Picked()


class Picker(forms.Widget):
    """A plain list of a few choices, or a field that finds them as one types."""

    def __init__(self, offer: Offer, nothing: StrOrPromise = NOTHING, attrs: Any = None) -> None:
        super().__init__(attrs)
        self.offer, self.nothing = offer, nothing

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Picked:
        text = data.get(f"{name}{TYPED}")
        return Picked(str(data.get(name) or "").strip(), None if text is None else str(text).strip())

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}{TYPED}" not in data

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        given = _shown(value)
        choices = self.offer.choices()
        if choices is not None:
            plain = forms.Select(self.attrs, [("", self.nothing), *choices])
            return plain.render(name, given.key, attrs, renderer)
        chosen = self.offer.one(given.key) if given.key and not given.text else None
        shown = self.build_attrs(self.attrs, attrs)
        context = {
            "url": self.offer.url,
            "id": shown.pop("id", name),
            "typed_name": f"{name}{TYPED}",
            "typed": given.text or (chosen.label if chosen else ""),
            "key_name": name,
            "key": given.key if given.text or chosen else "",
            "attributes": flatatt(shown),
            "placeholder": "" if self.nothing == NOTHING else self.nothing,
            "opens": True,
        }
        return mark_safe(render_to_string("components/picker.html", context))  # noqa: S308  escaped by its template


class PickField(forms.Field):
    """One of what is offered; cleans to its id, or to nothing."""

    default_error_messages: ClassVar[dict[str, StrOrPromise]] = {
        "invalid_choice": _("This can't be chosen here. Pick another one."),
        "no_text": _("At most %(most)s characters of text can be read here. Pick it from the list."),
        "unknown": _("Nothing that can be chosen here is called %(text)s. Pick it from the list."),
        "several": _("Several are called %(text)s: %(labels)s. Pick one from the list."),
    }

    def __init__(
        self,
        *,
        offer: Offer,
        nothing: StrOrPromise = NOTHING,
        coerce: Callable[[str], Any] = int,
        **options: Any,
    ) -> None:
        super().__init__(widget=Picker(offer, nothing), **options)
        self.coerce = coerce

    @property
    def offer(self) -> Offer:
        return self.widget.offer  # type: ignore[no-any-return]

    @offer.setter
    def offer(self, offer: Offer) -> None:
        self.widget.offer = offer

    def to_python(self, value: Any) -> Any:
        given = value if isinstance(value, Picked) else Picked(str(value or ""))
        if not (given.key if given.text is None else given.text):
            return None
        if not given.is_text:
            raise self._refusal("no_text", most=MOST_TEXT)
        option = self._meant(given)
        return self.coerce(option.key)

    def _meant(self, given: Picked) -> Option:
        """The choice that was picked, or else the one that what was typed names."""
        picked = self.offer.one(given.key) if given.key else None
        if given.text in (None, picked.label if picked else ""):
            if picked is None:
                raise self._refusal("invalid_choice")
            return picked
        return self._named(given.text or "", picked)

    def _named(self, text: str, picked: Option | None) -> Option:
        named = self.offer.named(text)
        if picked in named:
            return picked
        if len(named) == 1:
            return named[0]
        labels = "; ".join(option.label for option in named[:NAMED])
        raise self._refusal("several" if named else "unknown", text=text, labels=labels)

    def _refusal(self, code: str, **params: object) -> forms.ValidationError:
        return forms.ValidationError(self.error_messages[code], code=code, params=params)

    def shown(self, value: Any) -> str:
        """What the field shows for a value: what was typed, or the label of the choice."""
        given = _shown(value)
        option = self.offer.one(given.key) if given.key and not given.text else None
        return given.text or (option.label if option else "")

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return str(self.to_python(data) or "") != str(initial or "")
        except forms.ValidationError:
            return True


class SeveralPicked(NamedTuple):
    """What was sent of a field that takes several: the keys of the choices, and what was typed and not picked."""

    keys: tuple[str, ...] = ()
    typed: Picked = Picked()


class SeveralPicker(forms.Widget):
    """The choices that were made, each with a box to leave it out again, and a field that finds more as one types."""

    def __init__(self, offer: Offer, attrs: Any = None) -> None:
        super().__init__(attrs)
        self.offer = offer

    def value_from_datadict(self, data: Any, files: Any, name: str) -> SeveralPicked:
        keys = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        typed = Picker(self.offer).value_from_datadict(data, files, f"{name}{MORE}")
        return SeveralPicked(tuple(keys), typed)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}{MORE}{TYPED}" not in data

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        given = _several(value)
        shown, typed = self.build_attrs(self.attrs, attrs), _shown(given.typed)
        context = {
            "url": self.offer.url,
            "id": shown.pop("id", name),
            "name": name,
            "chosen": self.offer.several(given.keys),
            "typed_name": f"{name}{MORE}{TYPED}",
            "typed": typed.text or "",
            "key_name": f"{name}{MORE}",
            "key": typed.key,
            "attributes": flatatt(shown),
        }
        return mark_safe(render_to_string("components/several.html", context))  # noqa: S308  escaped by its template


def _several(value: Any) -> SeveralPicked:
    return value if isinstance(value, SeveralPicked) else SeveralPicked(tuple(map(str, value or ())))


class PickSeveralField(PickField):
    """Several of what is offered; cleans to the list of their ids."""

    default_error_messages: ClassVar[dict[str, StrOrPromise]] = {
        "too_many": _("Choose at most %(most)s at once."),
    }

    def __init__(self, *, offer: Offer, most: int = 500, **options: Any) -> None:
        super().__init__(offer=offer, **options)
        self.widget = SeveralPicker(offer)
        self.most = most

    def to_python(self, value: Any) -> list[int]:
        given = _several(value)
        keys = list(dict.fromkeys(given.keys))
        self._refuse_many(keys)
        if len(self.offer.several(keys)) < len(keys):
            raise self._refusal("invalid_choice")
        typed = super().to_python(given.typed)
        chosen = list(dict.fromkeys([*map(int, keys), *([typed] if typed else [])]))
        self._refuse_many(chosen)
        return chosen

    def _refuse_many(self, chosen: list[Any]) -> None:
        if len(chosen) > self.most:
            raise self._refusal("too_many", most=self.most)

    def shown(self, value: Any) -> str:
        return "; ".join(option.label for option in self.offer.several(_several(value).keys))


def suggestions(request: HttpRequest, offer: Offer, text: str) -> HttpResponse:
    """The choices that what was typed finds."""
    found = offer.found(text.strip())
    context = {"options": found[:MOST_FOUND], "has_more": len(found) > MOST_FOUND}
    return render(request, "components/suggestions.html", context)


def settled(request: HttpRequest, **offers: Offer) -> str:
    """The page's address with the keys of what was typed into fields of its filters; empty where all have theirs.

    Only a browser without scripts sends what was typed. Raises BadQuery for what names nothing, or several.
    """
    query = request.GET.copy()
    typed = {name: offer for name, offer in offers.items() if f"{name}{TYPED}" in query}
    if not typed:
        return ""
    for name, offer in typed.items():
        text = query.pop(f"{name}{TYPED}")[-1].strip()
        field = PickField(offer=offer, required=False)
        try:
            key = field.clean(Picked(query.get(name, ""), text))
        except forms.ValidationError as refused:
            raise BadQuery(refused.messages[0], path=name) from refused
        query.pop(name, None)
        if key:
            query[name] = str(key)
    return f"{request.path}?{query.urlencode()}" if query else request.path
