"""What a person may do here, in words, read from the access table."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from common.access import Reach

OBJECTS: dict[str, StrOrPromise] = {
    "account": gettext_lazy("Accounts"),
    "lead": gettext_lazy("Leads"),
    "sales_event": gettext_lazy("Events"),
    "opportunity": gettext_lazy("Opportunities"),
    "activity": gettext_lazy("Activities"),
    "activity_target": gettext_lazy("Activity targets"),
    "order": gettext_lazy("Orders"),
    "order_request": gettext_lazy("Orders that wait"),
    "credit": gettext_lazy("Credits"),
    "dispute": gettext_lazy("Disputes"),
    "quota": gettext_lazy("Quotas"),
    "submission": gettext_lazy("Forecast calls"),
}
RELATIONS: dict[str, StrOrPromise] = {
    "org": gettext_lazy("all of the organisation"),
    "own": gettext_lazy("their own"),
    "nodes": gettext_lazy("in territories where they sit"),
    "peers": gettext_lazy("of colleagues in territories where they sit (while the setting allows it)"),
    "sub": gettext_lazy("in and below territories that they lead"),
    "people": gettext_lazy("of people below them"),
    "credit": gettext_lazy("where credit or a team names them"),
}
MORE: dict[tuple[str, str], StrOrPromise] = {
    ("account", "assign"): gettext_lazy("move to another territory"),
    ("account", "bundle"): gettext_lazy("put into modules"),
    ("account", "classify"): gettext_lazy("classify"),
    ("opportunity", "book"): gettext_lazy("book as an order"),
    ("order", "counter"): gettext_lazy("cancel or correct"),
    ("order", "progress"): gettext_lazy("note delivery, invoice and payment"),
    ("order_request", "work"): gettext_lazy("work on those that wait"),
    ("dispute", "answer"): gettext_lazy("answer"),
    ("order", "opening"): gettext_lazy("enter opening figures"),
}
"""What else may be done with an object, beside seeing and changing it."""
COMPANY: dict[tuple[str, str], StrOrPromise] = {
    ("user", "update"): gettext_lazy("people and their roles"),
    ("invitation", "create"): gettext_lazy("invitations"),
    ("territory", "update"): gettext_lazy("territories and seats"),
    ("partner", "update"): gettext_lazy("partners and their people"),
    ("review_point", "update"): gettext_lazy("what a contract review looks at"),
    ("rule", "update"): gettext_lazy("the rules by which accounts get territories"),
    ("module", "update"): gettext_lazy("modules of accounts"),
    ("product", "update"): gettext_lazy("the catalogue"),
    ("price_book", "update"): gettext_lazy("price books and the prices in them"),
    ("module", "create"): gettext_lazy("new modules of accounts"),
    ("draft", "create"): gettext_lazy("realignments"),
    ("account_merge", "update"): gettext_lazy("the merging of accounts that are the same"),
    ("touch_norm", "update"): gettext_lazy("how much work accounts ask for, and who sells to which segment"),
    ("stand_in", "list"): gettext_lazy("who stands in for whom"),
    ("message", "list"): gettext_lazy("mails that did not leave"),
    ("export", "list"): gettext_lazy("who took which list as a file"),
    ("period", "update"): gettext_lazy("the calendar and its closed periods"),
    ("day_off", "update"): gettext_lazy("days off"),
    ("rate", "update"): gettext_lazy("exchange rates"),
    ("setting", "update"): gettext_lazy("settings"),
    ("sales_model", "update"): gettext_lazy("the sales models with their stages"),
    ("plan_template", "update"): gettext_lazy("the templates of plans for deals"),
    ("list_value", "update"): gettext_lazy("the lists that forms offer"),
    ("own_field", "update"): gettext_lazy("the company's own fields"),
    ("saved_view", "unshare"): gettext_lazy("which views of lists stay shared"),
    ("import_batch", "create"): gettext_lazy("imports"),
    ("import_batch", "draft"): gettext_lazy("tables that are drafts of realignments"),
    ("run", "start"): gettext_lazy("runs"),
}
"""What somebody keeps for everybody."""


@dataclass(frozen=True)
class Access:
    """What may be done with one kind of thing, each as words; empty where it may not."""

    name: StrOrPromise
    sees: str
    changes: str
    more: list[str]


def access_of(theirs: Reach) -> list[Access]:
    """What a person may see, change and decide, one line for each kind of thing, then what they keep for everybody."""
    lines = [
        Access(
            label,
            in_words(theirs.relations(name)),
            in_words(theirs.relations(name, "update") | theirs.relations(name, "create")),
            list(_more(theirs, name)),
        )
        for name, label in OBJECTS.items()
    ]
    kept = ", ".join(str(words) for asked, words in COMPANY.items() if theirs.relations(*asked))
    return [*lines, Access(_("The company"), _("its calendar, rates, territories and people"), kept, [])]


def _more(theirs: Reach, name: str) -> Iterable[str]:
    for (of, action), words in MORE.items():
        if of == name and (relations := theirs.relations(name, action)):
            yield f"{words}: {in_words(relations)}"


def in_words(relations: frozenset[str]) -> str:
    """Which rows these relations of the access table reach; one that reaches all stands alone."""
    told = {"org"} if "org" in relations else relations
    return ", ".join(str(words) for name, words in RELATIONS.items() if name in told)
