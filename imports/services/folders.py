"""One import: the company set up where there is none, then each entity's rows read, checked and applied."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from django.db.models.functions import Now
from django.utils.translation import gettext as _

import accounts.services
import catalog.services
import forecasts.services
import orders.services
import pipeline.services
import planning.services.importing
import quotas.services
import territories.services
from common.errors import Refused
from common.importing import Outcome, Reject
from common.money import exponent
from common.transaction import act, reach
from imports.models import Batch
from imports.rules.profile import Profile, TableSpec, read_profile
from imports.rules.rows import Reading, Wrong, lines_of, read_rows
from imports.rules.sections import BadProfile
from imports.services.company import bring_rates, ensure_company
from imports.services.files import digest, read_files, tables_of
from imports.services.turns import wait_for_turn

APPLY: dict[str, Callable[..., Outcome]] = {
    "rate": bring_rates,
    "person": territories.services.apply_import,
    "territory": territories.services.apply_import,
    "seat": territories.services.apply_import,
    "family": catalog.services.apply_import,
    "product": catalog.services.apply_import,
    "account": accounts.services.apply_import,
    "module": accounts.services.import_modules,
    "module_member": accounts.services.import_modules,
    "potential": accounts.services.import_potentials,
    "stage": pipeline.services.apply_import,
    "lead": pipeline.services.import_leads,
    "opportunity": pipeline.services.apply_import,
    "order": orders.services.apply_import,
    "opening": orders.services.apply_import,
    "quota": quotas.services.apply_import,
    "realignment": planning.services.importing.import_realignment,
    "submission": forecasts.services.apply_import,
}


@dataclass
class Count:
    """What became of one entity's lines; `repeated` said the same again, `left_out` did not belong."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    repeated: int = 0
    left_out: int = 0


@dataclass
class Applied:
    """What an import did: counts by entity, every refused row, and its batch; `is_repeat` where it was done before."""

    batch: Batch
    counts: dict[str, Count] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    is_repeat: bool = False


@act
def import_folder(*, by: int | None, profile_text: str, folder: Path) -> Applied:
    """Bring in the files of a folder as the profile reads them; administrators, and the organisation's own jobs.

    All that is right is applied, in one act; each row that is not is refused with what would be right. The same
    files by the same profile again change nothing and answer with the batch that brought them.
    Raises Refused for a profile or file that can't be read at all.
    """
    reach().require("import_batch", "create")
    # As tables do, but without their limit of time: nothing is brought in or undone meanwhile.
    wait_for_turn()
    try:
        profile = read_profile(profile_text)
        return _import(by, profile, profile_text, folder)
    except BadProfile as error:
        raise Refused(_(error.text) % error.values, path="profile", code="bad_profile") from error


def _import(by: int | None, profile: Profile, text: str, folder: Path) -> Applied:
    contents = read_files(folder, profile)
    files_hash = digest(text, contents)
    before = Batch.objects.filter(files_hash=files_hash, rejects=[], finished_at__isnull=False).first()
    if before:  # nothing was refused then; a refused row may be right by now
        return Applied(before, is_repeat=True)
    company = ensure_company(by, profile.company)
    applied = Applied(Batch.objects.create(profile=profile.name, files_hash=files_hash, by_id=by))
    for spec in profile.table:
        lines, left_out = lines_of(spec, tables_of(spec, contents))
        reading = read_rows(spec, lines, exponent, company.reporting_currency)
        rows = reading.rows
        outcome = APPLY[spec.entity](by=by, entity=spec.entity, rows=rows) if rows else Outcome()
        outcome.rejects = [_by_column(spec, reject) for reject in outcome.rejects]
        _count(applied, spec.entity, reading, outcome, left_out)
    _close(applied)
    return applied


def _by_column(spec: TableSpec, reject: Reject) -> Reject:
    """The refusal with the file's own column where an app named its field."""
    source = spec.fields.get(reject.column)
    columns = ", ".join(source.columns) if source else ""
    return replace(reject, column=columns or reject.column)


def _count(applied: Applied, entity: str, reading: Reading, outcome: Outcome, left_out: int) -> None:
    count = applied.counts.setdefault(entity, Count())
    refused = [*map(in_words, reading.wrong), *outcome.rejects]
    count.created += outcome.created
    count.changed += outcome.changed
    count.unchanged += outcome.unchanged
    count.rejected += len({(reject.file, reject.line) for reject in refused})
    count.repeated += reading.repeated
    count.left_out += left_out
    applied.rejects += refused


def in_words(wrong: Wrong) -> Reject:
    """A refusal by the rules, in the reader's language."""
    problem, remedy = (_(text) % wrong.error.values for text in (wrong.error.problem, wrong.error.remedy))
    return Reject(wrong.file, wrong.line, wrong.column, wrong.value, problem, remedy)


def _close(applied: Applied) -> None:
    counts: dict[str, Any] = {entity: asdict(count) for entity, count in applied.counts.items()}
    rejects = [reject.as_dict() for reject in applied.rejects]
    Batch.objects.filter(pk=applied.batch.pk).update(counts=counts, rejects=rejects, finished_at=Now())
