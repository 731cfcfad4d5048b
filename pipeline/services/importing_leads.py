"""Leads brought in from files: each line is compared with the others and with what is here."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from accounts.rules.matching import LEAST_DIGITS, domain_of
from common.checks import check_email
from common.errors import Refused
from common.importing import Names, Outcome, Row, resolved
from common.selectors import today
from common.staging import Value, ids_for, merge
from common.transaction import act, now, reach
from common.undoing import Made, put_back, take_out
from pipeline.bulk import alike_leads
from pipeline.models import Lead, SalesEvent
from territories.models import Partner, User
from territories.selectors import seat_finder
from workspace.models import ListValue
from workspace.services import as_listed, unlisted
from workspace.services.own import own_json, own_rows

TEXTS = (
    "name", "company", "title", "email", "phone", "web_domain", "country", "region", "town", "interest", "source",
    "tactic",
)  # fmt: skip
COLUMNS = ["id", "number", *TEXTS, "origin", "partner_id", "event_id", "owner_id", "territory_id", "created_on",
           "state", "reason", "owned_at", "own"]  # fmt: skip
ONCE = ("territory_id", "owner_id", "created_on", "state", "reason", "owned_at")
COLUMN_OF = {"partner": "partner_id", "event": "event_id"}
SKIP = "leave out"


@act
def import_leads(*, by: int | None, entity: str, rows: Sequence[Row]) -> Outcome:
    """Bring in leads (`lead`), by number; administrators, and the organisation's own jobs.

    A line that is like another one, an open lead, a contact or an account is refused, naming that; where its
    `duplicate` says so it is left out, or added all the same. One that is here already is changed where the file
    differs, but for its owner: leads are given in the product.
    """
    reach().require("lead", "import")
    outcome = Outcome()
    rows = resolved(rows, outcome, _names())
    here = Lead.objects.filter(number__in=[row.values["number"] for row in rows]).order_by("pk")
    here = here.select_for_update(no_key=True)
    rows = own_rows("lead", rows, dict(here.values_list("number", "own")), outcome)
    _Leads(rows).bring(rows, outcome)
    return outcome


@act
def undo_leads(*, by: int | None, entity: str, made: Made) -> None:
    """Take back the leads of an import. Who may: as for `import_leads`. Raises InUse."""
    reach().require("lead", "import")
    put_back(made, Lead)
    take_out(made, Lead)


def _names() -> dict[str, Names]:
    partners = Partner.objects.values_list("pk", "name", "name")
    events = SalesEvent.objects.values_list("pk", "name", "name")
    return {
        "owner": Names(_("person"), User.objects.filter(is_active=True).values_list("pk", "email", "name")),
        "partner": Names(_("partner"), partners),
        "event": Names(_("event"), events),
    }


class _Leads:
    """The leads of a file, with what its lines need to know, read once; those that are here stay locked."""

    def __init__(self, rows: Sequence[Row]) -> None:
        numbers = [row.values["number"] for row in rows]
        known = Lead.objects.filter(number__in=numbers).order_by("pk").select_for_update(no_key=True)
        self.leads: dict[str, Lead] = {lead.number: lead for lead in known}
        self.seat_on = seat_finder({row.values["owner"] for row in rows})
        self.listed = {
            "source": (as_listed(ListValue.List.LEAD_SOURCE), unlisted(ListValue.List.LEAD_SOURCE)),
            "tactic": (as_listed(ListValue.List.TACTIC), unlisted(ListValue.List.TACTIC)),
        }
        self.today, self.now = today(), now()

    def bring(self, rows: Sequence[Row], outcome: Outcome) -> None:
        sound = []
        for row in rows:
            if fault := next(self._faults(row), None):
                outcome.rejects.append(row.reject(*fault))
            else:
                sound.append(row)
        alike = self._alike(sound)
        kept, skipped = [], 0
        for row in sound:
            if row.line not in alike or row.values.get("duplicate") == "add":
                kept.append(row)
            elif row.values.get("duplicate") == SKIP:
                skipped += 1
            else:
                outcome.rejects.append(row.reject(*alike[row.line]))
        standing = {number: lead.pk for number, lead in self.leads.items()}
        ids = ids_for("pipeline_lead", [row.values["number"] for row in kept], standing)
        columns = (self._columns(pk, row) for pk, row in zip(ids, kept, strict=True))
        created, changed = merge("pipeline_lead", COLUMNS, columns, once=ONCE)
        outcome.add(created, len(changed), len(kept) - created - len(changed) + skipped)

    def _alike(self, rows: Sequence[Row]) -> Mapping[int, tuple[str, str, str]]:
        """Line -> the column by which it is like another, what that is, and the remedy. Leads here are not compared."""
        fresh = [row for row in rows if row.values["number"] not in self.leads]
        lines = ((row.line, row.values["number"], *self._compared(row)) for row in fresh)
        keys = {name: _key(f"{name}_key") for name in ("email", "phone", "company")}
        remedy = _('Take the line out, or write "leave out" or "add" as Duplicate.')
        problems = {
            "line": _("It is the same as line %(name)s."),
            "lead": _("It is the same as the open lead %(name)s."),
            "contact": _("It is the same as the contact %(name)s."),
            "account": _("It is the same as the account %(name)s."),
        }
        found = alike_leads(lines, keys, LEAST_DIGITS)
        return {
            line: (field, problems[kind] % {"name": name}, remedy)
            for line, (field, kind, name) in found.items()
        }

    def _compared(self, row: Row) -> Iterator[str]:
        return (self._text(row, name) for name in ("email", "phone", "company", "web_domain"))

    def _faults(self, row: Row) -> Iterator[tuple[str, str, str]]:
        """What is wrong with a line: its field, the problem and the remedy."""
        if not (self._text(row, "name") or self._text(row, "company")):
            yield "name", _("It is nobody."), _("Give a name, a company or both.")
        if not any(self._text(row, name) for name in ("email", "phone", "web_domain")):
            yield (
                "email",
                _("They can't be reached."),
                _("Give an e-mail address, a phone number or a web domain."),
            )
        if email := self._text(row, "email"):
            try:
                check_email(email)
            except Refused as refusal:
                yield "email", _("It is no e-mail address."), str(refusal.message)
        domain = row.values.get("web_domain") or ""
        if domain and "." not in domain_of(domain):
            yield "web_domain", _("It is no web domain."), _("Write a web domain such as acme.com.")
        for name, (_written, unknown) in self.listed.items():
            if wrong := unknown(row.values.get(name) or ""):
                yield name, *wrong
        if row.values["created_on"] > self.today:
            yield "created_on", _("It lies in the future."), _("Give the day on which the lead came.")
        lead = self.leads.get(row.values["number"])
        if lead and not lead.is_open:
            problem = _("This lead is %(state)s.") % {"state": lead.get_state_display()}
            yield "number", problem, _("Take the line out.")

    def _columns(self, pk: int, row: Row) -> list[Value]:
        values = row.values
        partner, event = self._given(row, "partner"), self._given(row, "event")
        return [
            pk, values["number"], *(self._text(row, name) for name in TEXTS), self._origin(row, partner, event),
            partner, event, values["owner"], self.seat_on(values["owner"], self.today), values["created_on"],
            Lead.State.OPEN.value, "", self.now, own_json(row, self.leads.get(values["number"])),
        ]  # fmt: skip

    def _origin(self, row: Row, partner: int | None, event: int | None) -> str:
        """That of the partner or the event that is named, else what the file says, else as it stands."""
        if partner or event:
            return Lead.Origin.PARTNER.value if partner else Lead.Origin.EVENT.value
        before = self.leads.get(row.values["number"])
        return str(row.values.get("origin") or (before.origin if before else Lead.Origin.SELF.value))

    def _text(self, row: Row, name: str) -> str:
        """What the file says, as it is kept; else what the lead says already."""
        if name not in row.values:
            before = self.leads.get(row.values["number"])
            return str(getattr(before, name)) if before else ""
        text = (row.values[name] or "").strip()
        if name == "web_domain":
            return domain_of(text)
        return self.listed[name][0](text) if name in self.listed else text

    def _given(self, row: Row, name: str) -> Any:
        before = self.leads.get(row.values["number"])
        return row.values.get(name, getattr(before, COLUMN_OF[name]) if before else None)


def _key(column: str) -> str:
    """The expression by which the table of leads keeps a key, over columns of the same names."""
    field: Any = Lead._meta.get_field(column)
    operations: Any = connection.ops
    return str(operations.compose_sql(*field.generated_sql(connection))).replace("%", "%%")
