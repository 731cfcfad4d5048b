"""Input about sales models: a new one, its name, and its definition as one form whose rows go up and down."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import LineField, WholeField, version_field
from pipeline.models import OPEN_CATEGORIES, Criterion, SalesModel, Stage
from pipeline.rules.sales_models import CriterionInput, QuestionInput, StageInput
from pipeline.rules.templates import TEMPLATES
from pipeline.selectors.sales_models import sales_models
from pipeline.services.definitions import ENDS, MOST_DAYS, MOST_HELP, MOST_NAME, MOST_TEXT

Row = dict[str, Any]
Draft = dict[str, list[Row]]
"""A definition as it is typed, row by row; a stage's criteria are rows of it. `key` is a row's id, or n1, n2 …"""


class ModelNameForm(forms.Form):
    """What a sales model is called."""

    name = LineField(label=_("Name"), max_length=MOST_NAME)
    about = LineField(label=_("What it is for"), max_length=200, required=False)


class ModelEditForm(ModelNameForm):
    """The name of a sales model that somebody read at a version."""

    version = version_field()


class ModelCreateForm(ModelNameForm):
    """A new sales model: as a template says, or as another one stands."""

    start = forms.ChoiceField(label=_("Begin with"))

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        templates = [(key, f"{one.name} ({len(one.stages)})") for key, one in TEMPLATES.items()]
        copies = [(str(model.pk), model.name) for model in sales_models()]
        groups = [(_("A template, with its number of stages"), templates), (_("A copy of"), copies)]
        self.fields["start"].choices = groups  # type: ignore[attr-defined]

    def clean(self) -> Row:
        """As the service takes it."""
        cleaned = dict(self.cleaned_data)
        start = cleaned.pop("start", "")
        return {**cleaned, **({"template": start} if start in TEMPLATES else {"model_id": int(start or 0)})}


class ModelRetireForm(forms.Form):
    """Whether a sales model takes new deals."""

    version = version_field()
    is_retired = forms.BooleanField(required=False)


class ModelUsualForm(forms.Form):
    """The sales model that is to be the usual one."""

    version = version_field()


class RowForm(forms.Form):
    """A row of a definition; its `key` is its id, where it has one already."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=20)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.initial.get("is_new"):
            first = next(field for name, field in self.fields.items() if name != "key")
            first.widget.attrs["autofocus"] = True

    @property
    def place(self) -> str:
        """Where the row stands, as its buttons say it: `stages.2.criteria.0`."""
        return (self.prefix or "").replace("-", ".")

    @property
    def kept_as(self) -> str:
        """What its buttons are called wherever the row goes, so that the focus goes along."""
        return f"{type(self).__name__.lower()}-{self['key'].value()}"

    def own_id(self) -> int | None:
        key = self.cleaned_data["key"]
        return int(key) if key.isascii() and key.isdigit() else None


class CriterionRow(RowForm):
    """An exit criterion."""

    text = LineField(label=_("Criterion"), max_length=MOST_TEXT, required=False)
    check_of = forms.ChoiceField(label=_("Looked at"), choices=Criterion.Check.choices, required=False)
    is_required = forms.BooleanField(label=_("Required"), required=False)

    def clean(self) -> Row:
        if not self.cleaned_data.get("text") and not self.cleaned_data.get("check_of"):
            self.add_error("text", _("Write what has to be true, or remove the row."))
        return self.cleaned_data

    def told(self) -> CriterionInput:
        values = self.cleaned_data
        return CriterionInput(values["text"], values["check_of"], values["is_required"], self.own_id())


class StageRow(RowForm):
    """A stage; what the won and the lost one count as is not asked."""

    name = LineField(label=_("Stage"), max_length=MOST_NAME)
    kind = forms.ChoiceField(choices=Stage.Kind.choices, widget=forms.HiddenInput)
    probability = WholeField(
        label=_("Percent won"),
        most=100,
        error_messages={"required": _("Say how many percent of deals here are won.")},
    )
    category = forms.ChoiceField(label=_("Forecast category"), choices=OPEN_CATEGORIES)
    stalled_after_days = WholeField(label=_("Stalled after days"), least=1, most=MOST_DAYS, required=False)

    def __init__(self, *args: Any, criteria: list[Row], **options: Any) -> None:
        super().__init__(*args, **options)
        self.criteria = rows_of(CriterionRow, criteria, f"{self.prefix}-criteria", is_bound=self.is_bound)
        kind = self["kind"].value()
        self.is_open = kind not in ENDS
        if not self.is_open:
            for name in ("probability", "category", "stalled_after_days"):
                del self.fields[name]

    def clean(self) -> Row:
        if [row for row in self.criteria if not row.is_valid()]:
            self.add_error(None, _("Look at the criteria below."))
        return self.cleaned_data

    def told(self) -> StageInput:
        values = self.cleaned_data
        ends = ENDS.get(Stage.Kind(values["kind"]))
        probability, category = ends or (values["probability"], values["category"])
        days, criteria = values.get("stalled_after_days"), [row.told() for row in self.criteria]
        name, kind = values["name"], values["kind"]
        return StageInput(name, kind, probability, str(category), days, self.own_id(), criteria)


class QuestionRow(RowForm):
    """A qualification question."""

    text = LineField(label=_("Question"), max_length=MOST_TEXT)
    help = LineField(label=_("What a good answer says"), max_length=MOST_HELP, required=False)

    def told(self) -> QuestionInput:
        return QuestionInput(self.cleaned_data["text"], self.cleaned_data["help"], self.own_id())


def rows_of(kind: type[Any], rows: list[Row], prefix: str, *, is_bound: bool) -> list[Any]:
    """The rows as forms: bound where what was typed is to be looked at, else just filled."""
    forms_of = []
    for index, row in enumerate(rows):
        place = f"{prefix}-{index}"
        more = {"criteria": row.get("criteria", [])} if kind is StageRow else {}
        typed = {f"{place}-{name}": value for name, value in row.items() if name != "criteria"}
        filled = {"data": typed} if is_bound else {"initial": row}
        forms_of.append(kind(prefix=place, **filled, **more))
    return forms_of


class DefinitionForm(forms.Form):
    """A sales model as it is to be. `do` is the button pressed: `review`, `publish`, `back`, or one of a row."""

    version = version_field()
    reason = LineField(label=_("Why does it change?"), max_length=200, required=False)

    def __init__(self, data: Any = None, *, model: SalesModel, draft: Draft) -> None:
        self.do = data.get("do", "") if data is not None else ""
        self.draft = draft if data is None else changed(read_draft(data), self.do)
        is_told = self.do in ("review", "publish")
        typed = {"version": data.get("version", ""), "reason": data.get("reason", "")} if data else {}
        initial = {"version": model.version} | typed
        super().__init__(typed if is_told else None, initial=initial)
        self.stages = rows_of(StageRow, self.draft["stages"], "stages", is_bound=is_told)
        self.questions = rows_of(QuestionRow, self.draft["questions"], "questions", is_bound=is_told)
        self.moves = _moves(data) if data else {}

    def clean(self) -> Row:
        """As the service takes it."""
        if [row for row in [*self.stages, *self.questions] if not row.is_valid()]:
            self.add_error(None, _("Look at the rows below."))
            return self.cleaned_data
        return {**self.cleaned_data, **self.told(), "moves": self.moves}

    def told(self) -> Row:
        """The definition as services take it, of rows that have no faults."""
        return {name: [row.told() for row in getattr(self, name)] for name in ("stages", "questions")}

    def hidden(self) -> list[tuple[str, str]]:
        """The definition as hidden fields, name and value."""
        return list(flat(self.draft).items())


def _moves(data: Mapping[str, Any]) -> dict[int, str]:
    """To which stage the open deals of a stage go, by its id: the fields `moves-7`."""
    ids = {name: name.removeprefix("moves-") for name in data if name.startswith("moves-")}
    return {int(pk): data[name] for name, pk in ids.items() if pk.isascii() and pk.isdigit() and len(pk) < 19}


STAGE = ("key", "name", "kind", "probability", "category", "stalled_after_days")
CRITERION = ("key", "text", "check_of", "is_required")
QUESTION = ("key", "text", "help")
MOST_READ = 60
"""No more rows than this are read of one kind and place, whatever a browser says of their number."""


def read_draft(data: Mapping[str, Any]) -> Draft:
    """What was typed, row by row, whether it can be published or not."""
    stages = _read(data, "stages", STAGE)
    for index, stage in enumerate(stages):
        stage["criteria"] = _read(data, f"stages-{index}-criteria", CRITERION)
    return {"stages": stages, "questions": _read(data, "questions", QUESTION)}


def _read(data: Mapping[str, Any], prefix: str, fields: tuple[str, ...]) -> list[Row]:
    count = str(data.get(f"{prefix}-count", "0"))
    number = min(int(count), MOST_READ) if count.isascii() and count.isdigit() and len(count) < 5 else 0
    return [{name: data.get(f"{prefix}-{index}-{name}", "") for name in fields} for index in range(number)]


def flat(draft: Draft) -> dict[str, str]:
    """A draft as a browser sends it."""
    found: dict[str, str] = {}
    for prefix, rows in (("stages", draft["stages"]), ("questions", draft["questions"])):
        found |= _flat(prefix, rows)
    for index, stage in enumerate(draft["stages"]):
        found |= _flat(f"stages-{index}-criteria", stage["criteria"])
    return found


def _flat(prefix: str, rows: list[Row]) -> dict[str, str]:
    told = {
        f"{prefix}-{index}-{name}": str(value)
        for index, row in enumerate(rows)
        for name, value in row.items()
        if name != "criteria" and value not in ("", None) and value is not False
    }
    return {f"{prefix}-count": str(len(rows)), **told}


def draft_of(stages: list[StageInput], questions: list[QuestionInput]) -> Draft:
    """A sales model that stands, to be changed."""
    return {
        "stages": [
            {
                **{name: getattr(one, name, one.id) for name in STAGE},
                "criteria": _drafted(one.criteria, CRITERION),
            }
            for one in stages
        ],
        "questions": _drafted(questions, QUESTION),
    }


def _drafted(rows: Any, fields: tuple[str, ...]) -> list[Row]:
    return [{name: getattr(row, name, row.id) for name in fields} for row in rows]


def changed(draft: Draft, do: str) -> Draft:
    """The draft after a button of one of its rows: `up:stages.2`, `remove:stages.2.criteria.0`, `add:questions`.

    A button that there is not changes nothing.
    """
    act, _colon, place = do.partition(":")
    *steps, last = place.split(".")
    rows = _rows_at(draft, [*steps, last] if act == "add" else steps)
    if rows is None or (act != "add" and not (last.isdigit() and int(last) < len(rows))):
        return draft
    if act == "add":
        _add(rows, place, draft)
    elif act == "remove":
        del rows[int(last)]
    else:
        to = int(last) + {"up": -1, "down": 1}.get(act, 0)
        rows.insert(max(0, to), rows.pop(int(last)))
    draft["stages"].sort(key=lambda row: row["kind"] in ENDS)
    return draft


def _rows_at(draft: Draft, steps: list[str]) -> list[Row] | None:
    """The rows of a kind: `stages`, `questions`, or `stages`, `2`, `criteria`."""
    if len(steps) == 1 and steps[0] in draft:
        return draft[steps[0]]
    if len(steps) == 3 and steps[0] == "stages" and steps[2] == "criteria" and steps[1].isdigit():
        index = int(steps[1])
        rows: list[Row] | None = draft["stages"][index]["criteria"] if index < len(draft["stages"]) else None
        return rows
    return None


def _add(rows: list[Row], place: str, draft: Draft) -> None:
    """An empty row at the end; an open stage before the ones that end deals."""
    criteria = [row for stage in draft["stages"] for row in stage["criteria"]]
    known = {row["key"] for row in [*draft["stages"], *draft["questions"], *criteria]}
    key = next(f"n{number}" for number in range(1, 10**6) if f"n{number}" not in known)
    if place != "stages":
        rows.append({"key": key, "is_new": True})
        return
    at = sum(row["kind"] not in ENDS for row in rows)
    new = {"key": key, "kind": Stage.Kind.OPEN.value, "category": "pipeline", "criteria": [], "is_new": True}
    rows.insert(at, new)
