"""Modules by a table: which accounts are in them, from which day on."""

from datetime import date

import pytest

from accounts.models import Module, ModuleMember
from accounts.services.modules import retire_module
from common.models import Period
from tests.accounts.bundled import MAY, module, spans
from tests.imports.tables import Tables, new, wrong

HEAD = "Account | Module | From | Reason"
JANUARY = date(2025, 1, 1)


@pytest.fixture
def tables(cast):
    return Tables(cast.admin)


def test_new_modules_are_made_and_named(cast, acting, tables):
    table = (HEAD, "A-1 | Key | 2026-05-20 | big", "Beech | KEY |  |", "A-3 | Growth | 2026-06-01 |")
    batch = tables.bring("modules", *table)
    assert new(batch) == {"module": 2, "module_member": 3}
    assert batch.style["notes"] == ["2 modules are new: Key, Growth."]
    assert spans(acting, cast) == [
        ("Acorn", "Key", MAY, None),
        ("Beech", "Key", JANUARY, None),
        ("Cedar", "Growth", date(2026, 6, 1), None),
    ]
    with acting(cast.admin):
        reasons = ModuleMember.objects.order_by("account__name").values_list("reason", flat=True)
        assert list(reasons) == ["big", "import", "import"]
    again = tables.check("modules", *table)
    assert again.rejects == []
    assert [count["unchanged"] for count in again.counts.values()] == [0, 3]


def test_who_is_in_another_module_is_named(cast, acting, tables):
    module(cast, acting, "Acorn")
    module(cast, acting, "Beech", name="Growth", on=date(2026, 8, 1))
    batch = tables.check("modules", HEAD, "A-1 | Growth | 2026-06-01 |", "A-2 | Key accounts | 2026-06-01 |")
    remedy = "Move it on the page of that module."
    assert wrong(batch) == [
        (2, "Module", "The account is in the module Key accounts on that day or later.", remedy),
        (3, "Module", "The account is in the module Growth on that day or later.", remedy),
    ]


def test_what_else_is_wrong_with_a_line(cast, acting, tables):
    old = module(cast, acting, name="Old")
    with acting(cast.admin):
        retire_module(by=cast.admin.pk, module_id=old.pk, version=1)
        Period.objects.filter(code="2026-04").update(is_closed=True)
    batch = tables.check(
        "modules", HEAD, "A-1 | Old | 2026-06-01 |", "A-2 | New | 2026-04-01 |", "A-9 | New | 2026-06-02 |"
    )
    told = [(line, column, problem) for line, column, problem, _remedy in wrong(batch)]
    assert sorted(told) == [
        (2, "Module", "The module was retired."),
        (3, "From", "This would change 2026-04, which is closed. Choose May 1, 2026 or a later day."),
        (4, "Account", "There is no such account."),
    ]
    twice = tables.check("modules", HEAD, "A-1 | New | 2026-06-01 |", "A-1 | Newer | 2026-06-01 |")
    assert len(twice.rejects) == 1


def test_undone_it_is_as_it_was(cast, acting, tables):
    from imports.services import undo_batch

    module(cast, acting, "Cedar")
    batch = tables.bring("modules", HEAD, "A-1 | Key accounts | 2026-06-01 |", "A-2 | Key | 2026-06-01 |")
    with acting(cast.admin):
        undo_batch(by=cast.admin.pk, batch_id=batch.pk)
        assert [row.name for row in Module.objects.all()] == ["Key accounts"]
    assert spans(acting, cast) == [("Cedar", "Key accounts", MAY, None)]
