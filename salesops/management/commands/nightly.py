"""Run the night by hand: attainment, then forecast snapshots and scores."""

from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.core.management import BaseCommand, CommandError

from common.access import Reach
from common.errors import Refused
from common.selectors import today
from common.transaction import work
from forecasts import services as forecasts
from quotas import services as quotas


class Command(BaseCommand):
    """`manage.py nightly [--as-of DATE] [--full]`: one fiscal day, yesterday if none is named."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as-of", type=date.fromisoformat, help="the fiscal day, such as 2026-03-31")
        parser.add_argument(
            "--full", action="store_true", help="make every month anew, not only the open quarter"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        as_of = options["as_of"] or _yesterday()
        try:
            run = quotas.run_nightly(as_of=as_of, is_full=options["full"])
            forecasts.run_nightly(as_of=as_of)
        except Refused as refused:
            raise CommandError(str(refused.message)) from refused
        self.stdout.write(
            f"attainment run {run.pk} of {as_of}: {run.changed_rows} rows changed, {run.output_hash}"
        )


def _yesterday() -> date:
    with work(by=None, why="the organisation's day", reach=Reach.everything()):
        return today() - timedelta(days=1)
