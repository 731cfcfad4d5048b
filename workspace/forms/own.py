"""The company's own fields in forms of records, in filters, and as administrators keep them."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import locale
from common.access import Reach
from common.forms import (
    LineField,
    LocaleDateField,
    MoneyField,
    TextField,
    WholeField,
    WrittenField,
    version_field,
)
from common.http import BadQuery, a_day
from common.money import exponent, parse_plain, plain
from common.said import Said
from common.selectors import the_organisation
from common.transaction import reach
from workspace.models import OwnField
from workspace.rules import OWN_TEXT, own_value
from workspace.selectors.own import PREFIX, Asked, Test, own_fields
from workspace.services.own import MOST_CHOICES, MOST_KEY, MOST_LABEL

FLAGS = {"yes": True, "no": False}
RANGED = (OwnField.Kind.NUMBER, OwnField.Kind.AMOUNT, OwnField.Kind.DAY)
DECIMALS = 6


class NumberField(WrittenField):
    """A number as the reader writes it, with up to six decimals; cleans to plain text."""

    def write(self, value: Decimal) -> str:
        return locale.format_exact(value)

    def read(self, text: str) -> str:
        return plain(locale.parse_units(text, DECIMALS), DECIMALS)


class OwnMoneyField(MoneyField):
    """An amount in the record's currency; one that the record holds in a former currency stays until it is changed."""

    def __init__(self, code: str, held: Mapping[str, str] | None, **options: Any) -> None:
        super().__init__(allow_negative=True, **options)
        self.currency, self.former, self.held = code, "", 0
        if held:
            self.held = parse_plain(held["amount"], exponent(held["currency"]))
        if held and held["currency"] != code:
            self.former = locale.format_amount(self.held, held["currency"])
            words = {"held": locale.format_money(self.held, held["currency"]), "currency": code}
            hint = _("It holds %(held)s. Another amount is in %(currency)s.") % words
            self.help_text = f"{hint} {self.help_text}".strip()

    def read(self, text: str) -> int:
        return self.held if text == self.former else super().read(text)


class OwnForm(forms.Form):
    """A form of a record that also has the fields of the company's own; it cleans them to `own`, by their keys.

    What the record holds comes in `initial["own"]`; amounts are in its currency, in `initial["currency"]` or chosen in
    the form, else in the reporting currency.
    """

    own_subject: ClassVar[str]
    is_quick: ClassVar[bool] = False
    """Nothing of the company's own is needed where something is entered in seconds."""
    besides: ClassVar[tuple[str, ...]] = ("own",)
    """What a form is filled from beside its own fields (`common.editing.Edit`)."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.own_held: Mapping[str, Any] = self.initial.get("own") or {}
        self.own_defined = {PREFIX + field.key: field for field in own_fields(reach(), self.own_subject)}
        for name, field in self.own_defined.items():
            self.fields[name], self.initial[name] = self._input(field)

    def _input(self, field: OwnField) -> tuple[forms.Field, Any]:
        """The input of an own field, and what it starts with."""
        now = self.own_held.get(field.key)
        words: dict[str, Any] = {"label": field.label, "required": field.is_required and not self.is_quick}
        if field.sight != OwnField.Sight.GENERAL:
            words["help_text"] = _("Leaders and administrators alone see this.")
        if field.kind == OwnField.Kind.NUMBER:
            return NumberField(**words), None if now is None else Decimal(now)
        if field.kind == OwnField.Kind.DAY:
            return LocaleDateField(**words), None if now is None else date.fromisoformat(now)
        if field.kind == OwnField.Kind.LIST:
            return forms.TypedChoiceField(
                choices=_choices(field, now), coerce=int, empty_value=None, **words
            ), now
        if field.kind == OwnField.Kind.FLAG:
            said = next((word for word, meant in FLAGS.items() if meant == now), "")
            choices = [("", "—"), ("yes", _("yes")), ("no", _("no"))]
            return forms.ChoiceField(choices=choices, **words), said
        if field.kind == OwnField.Kind.AMOUNT:
            return self._amount(words, now)
        return LineField(max_length=OWN_TEXT, **words), now

    def _amount(self, words: dict[str, Any], now: Any) -> tuple[forms.Field, Any]:
        code = self.own_currency
        given = OwnMoneyField(code, now, **{**words, "label": f"{words['label']} ({code})"})
        return given, (given.former or given.held) if now else None

    @property
    def own_currency(self) -> str:
        """That of the record."""
        chosen = self.data.get("currency") or self.initial.get("currency")
        return str(chosen or the_organisation().reporting_currency)

    def _post_clean(self) -> None:
        """The values of the own fields as `own`, however the form cleans its other ones."""
        super()._post_clean()  # type: ignore[misc]
        if self.own_defined:
            given = [name for name in self.own_defined if name in self.cleaned_data]
            own = {self.own_defined[name].key: self._kept(name) for name in given}
            self.cleaned_data["own"] = own

    def _kept(self, name: str) -> Any:
        """A value as acts take it; of an amount its figure, which is in the record's currency where it changed."""
        value, field = self.cleaned_data.pop(name), self.own_defined[name]
        if value in (None, ""):
            return None
        if field.kind == OwnField.Kind.FLAG:
            return FLAGS[value]
        if field.kind == OwnField.Kind.DAY:
            return value.isoformat()
        if field.kind == OwnField.Kind.AMOUNT:
            is_changed = name in self.changed_data
            return plain(value, exponent(self.own_currency)) if is_changed else self.own_held[field.key]
        return own_value("number", value) if field.kind == OwnField.Kind.NUMBER else value

    def own(self) -> list[forms.BoundField]:
        """The company's own fields, folded in a form."""
        return [self[name] for name in self.own_defined]

    def usual(self) -> list[forms.BoundField]:
        """Every other field, hidden ones too."""
        return [self[name] for name in self.fields if name not in self.own_defined]

    def is_own_open(self) -> bool:
        """Whether the own fields are shown unfolded: where they hold something, have to, or are wrong."""
        return any(
            field.errors or field.field.required or field.value() not in (None, "") for field in self.own()
        )


def _choices(field: OwnField, now: Any) -> list[tuple[Any, str]]:
    """What a list offers, and what the record holds."""
    kept = [one for one in field.choices if one["is_offered"] or one["id"] == now]
    return [("", "—"), *((one["id"], one["label"]) for one in kept)]


# ---- filters ----


def own_names(mine: Reach, subject: str) -> list[str]:
    """The names of the filters by own fields that a list of such records takes from this reader."""
    return [name for field in own_fields(mine, subject) for name in _names(field)]


def _names(field: OwnField) -> list[str]:
    name = PREFIX + field.key
    return [f"{name}.from", f"{name}.to"] if field.kind in RANGED else [name]


def own_asked(mine: Reach, subject: str, query: Mapping[str, str]) -> list[Asked]:
    """The conditions that an address asks for. Raises BadQuery for a value that is none of the field's."""
    return [
        _asked(field, name, query)
        for field in own_fields(mine, subject)
        for name in _names(field)
        if query.get(name)
    ]


def _asked(field: OwnField, name: str, query: Mapping[str, str]) -> Asked:
    text = query[name]
    if field.kind == OwnField.Kind.DAY:
        return Asked(field, _end(name), a_day(dict(query), name))
    if field.kind in RANGED:
        return Asked(field, _end(name), _figure(name, text))
    if field.kind == OwnField.Kind.TEXT:
        return Asked(field, "has", text.strip())
    known = (
        FLAGS if field.kind == OwnField.Kind.FLAG else {str(one["id"]): one["id"] for one in field.choices}
    )
    if text not in known:
        message = _("%(name)s is one of: %(known)s.")
        raise BadQuery(message % {"name": name, "known": ", ".join(known)}, path=name)
    return Asked(field, "is", known[text])


def _end(name: str) -> Test:
    return "from" if name.endswith(".from") else "to"


def _figure(name: str, text: str) -> Decimal:
    try:
        return Decimal(own_value("number", text))
    except Said as said:
        raise BadQuery(_(said.text) % said.values, path=name) from said


def own_filters(mine: Reach, subject: str) -> Iterator[tuple[str, forms.Field]]:
    """The inputs by which a list of such records is narrowed, by their names in the address."""
    for field in own_fields(mine, subject):
        if field.kind in RANGED:
            for name, label in zip(_names(field), (_("%(label)s from"), _("%(label)s to")), strict=True):
                words: dict[str, Any] = {"label": label % {"label": field.label}, "required": False}
                plain_input = forms.CharField(**words, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
                yield name, LocaleDateField(**words) if field.kind == OwnField.Kind.DAY else plain_input
        elif field.kind == OwnField.Kind.TEXT:
            yield PREFIX + field.key, forms.CharField(label=field.label, required=False, max_length=200)
        else:
            yield (
                PREFIX + field.key,
                forms.ChoiceField(label=field.label, required=False, choices=_any(field)),
            )


def _any(field: OwnField) -> list[tuple[str, str]]:
    if field.kind == OwnField.Kind.FLAG:
        return [("", _("all")), ("yes", _("yes")), ("no", _("no"))]
    return [("", _("all")), *((str(one["id"]), one["label"]) for one in field.choices)]


class OwnFilterForm(forms.Form):
    """The filters by own fields of a list, as a reader sets them; never bound, because the address is read strictly."""

    def __init__(self, query: Mapping[str, str], mine: Reach, subject: str) -> None:
        super().__init__(initial=dict(query), auto_id="filter_%s")
        self.fields |= dict(own_filters(mine, subject))

    def is_set(self) -> bool:
        return any(self.initial.get(name) for name in self.fields)


# ---- as administrators keep them ----

SIGHT = gettext_lazy(
    "General: whoever reads the record. Restricted, personal data: leaders and administrators alone, in pages, "
    "filters, exports, files and programs."
)


class OwnFieldForm(forms.Form):
    """A new field of a kind of record."""

    label = LineField(label=gettext_lazy("Label"), max_length=MOST_LABEL)
    kind = forms.ChoiceField(
        label=gettext_lazy("What it holds"),
        choices=OwnField.Kind.choices,
        help_text=gettext_lazy("This can't be changed later: what records hold is of that kind."),
    )
    choices = TextField(
        label=gettext_lazy("Choices of a list"),
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=gettext_lazy("One a line, in their order."),
    )
    sight = forms.ChoiceField(label=gettext_lazy("Class"), choices=OwnField.Sight.choices, help_text=SIGHT)
    is_required = forms.BooleanField(
        label=gettext_lazy("Needed in forms"),
        required=False,
        help_text=gettext_lazy("Never in quick entry, files and programs."),
    )
    is_column = forms.BooleanField(
        label=gettext_lazy("Column of the list"),
        required=False,
        help_text=gettext_lazy("The list of opportunities offers every field as a column anyway."),
    )
    key = LineField(
        label=gettext_lazy("Key"),
        required=False,
        max_length=MOST_KEY,
        help_text=gettext_lazy(
            "By which files and programs name it, for ever. Left empty, it is made from the label."
        ),
    )

    def clean_choices(self) -> list[str]:
        return lines_of(self.cleaned_data["choices"])


class OwnFieldEditForm(forms.Form):
    """A field that somebody read at a version; of a list, each choice with its words, its place and whether offered."""

    label = LineField(label=gettext_lazy("Label"), max_length=MOST_LABEL)
    sight = forms.ChoiceField(label=gettext_lazy("Class"), choices=OwnField.Sight.choices, help_text=SIGHT)
    is_required = forms.BooleanField(
        label=gettext_lazy("Needed in forms"),
        required=False,
        help_text=gettext_lazy("Never in quick entry, files and programs."),
    )
    is_column = forms.BooleanField(
        label=gettext_lazy("Column of the list"),
        required=False,
        help_text=gettext_lazy("The list of opportunities offers every field as a column anyway."),
    )
    version = version_field()

    besides = ("choices",)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.standing: list[dict[str, Any]] = self.initial.pop("choices", None) or []
        for place, one in enumerate(self.standing, 1):
            self.fields[f"choice_{one['id']}"] = LineField(label=one["label"], max_length=MOST_LABEL)
            self.fields[f"place_{one['id']}"] = WholeField(label=_("Place"), least=1, most=MOST_CHOICES)
            self.fields[f"offered_{one['id']}"] = forms.BooleanField(label=_("offered"), required=False)
            values = {"choice": one["label"], "place": place, "offered": one["is_offered"]}
            self.initial.update({f"{name}_{one['id']}": value for name, value in values.items()})
        if self.standing:
            hint = _("One a line; they come behind those above.")
            self.fields["more"] = TextField(
                label=_("Further choices"), required=False, help_text=hint, widget=forms.Textarea({"rows": 3})
            )

    def choice_rows(self) -> list[tuple[forms.BoundField, forms.BoundField, forms.BoundField]]:
        """The inputs of each choice: its words, its place, whether it is offered."""
        ids = (one["id"] for one in self.standing)
        return [(self[f"choice_{pk}"], self[f"place_{pk}"], self[f"offered_{pk}"]) for pk in ids]

    def clean(self) -> dict[str, Any]:
        """As the service takes it."""
        typed = dict(self.cleaned_data)
        rows = [
            (
                typed.pop(f"place_{one['id']}", 0),
                {
                    "id": one["id"],
                    "label": typed.pop(f"choice_{one['id']}", ""),
                    "is_offered": typed.pop(f"offered_{one['id']}", False),
                },
            )
            for one in self.standing
        ]
        further = [{"label": line} for line in lines_of(typed.pop("more", ""))]
        ordered = [row for _place, row in sorted(rows, key=lambda pair: pair[0] or 0)]
        return {**typed, "choices": [*ordered, *further]}


def preview_of(subject: str) -> OwnForm:
    """A form of such a record as it asks for its own fields, to be looked at."""

    class Preview(OwnForm):
        own_subject = subject

    return Preview(auto_id="preview_%s")


class OwnFieldMoveForm(forms.Form):
    """Where a field goes among the others."""

    version = version_field()
    place = WholeField(least=1, most=50)


class OwnFieldRetireForm(forms.Form):
    """Whether a field is retired."""

    version = version_field()
    is_retired = forms.BooleanField(required=False)


def lines_of(text: str) -> list[str]:
    """The lines that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]
