"""The samples: each can be brought in as it comes, in the order of the set-up, as XLSX and as CSV."""

import pytest

from common.written import as_csv
from imports.rules.steps import STEPS
from tests.imports.tables import Tables


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_every_sample_can_be_brought_in(cast, browse, kind):
    client, tables = browse(cast.admin), Tables(cast.admin)
    for table in STEPS:
        file = client.get(f"/setup/tables/{table}/sample.{kind}")
        assert file["Content-Disposition"] == f'attachment; filename="{table}.{kind}"'
        batch = tables.bring(table, content=file.content, way=kind)
        count = batch.counts[STEPS[table].entity]
        assert count["created"] + count["changed"] >= 2


def test_no_cell_of_a_file_becomes_a_formula():
    assert as_csv([["=1+1", "-2", "a", -2]]).decode("utf-8-sig") == "'=1+1,'-2,a,-2\r\n"
    assert as_csv([["Acme;=1+1", "a;b", "1-1"]]).decode("utf-8-sig") == "Acme;'=1+1,a;b,1-1\r\n"
