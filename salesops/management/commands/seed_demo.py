"""Make the demo company: people, territories, customers, deals, orders, quotas and calls, invented from a seed."""

from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from common.errors import Refused
from forecasts.services import run_nightly as score
from quotas.services import run_nightly as roll_up
from salesops.demo.company import SIZES
from salesops.demo.load import TIME_ZONE
from salesops.demo.seed import fresh_password, log_ins, renew_password, seed


class Command(BaseCommand):
    """`manage.py seed_demo [--seed N] [--size small]`, into an empty database, as its owner."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="the same number makes the same company")
        parser.add_argument("--size", choices=SIZES, default="small")
        parser.add_argument("--today", type=date.fromisoformat, help="the day to make it for (YYYY-MM-DD)")
        parser.add_argument(
            "--no-night", action="store_true", help="leave attainment and scores to the next night"
        )
        parser.add_argument(
            "--new-password", action="store_true", help="only give the demo people a new password"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._run(options)
        except Refused as refusal:
            raise CommandError(str(refusal.message)) from refusal

    def _run(self, options: dict[str, Any]) -> None:
        password = fresh_password()
        if options["new_password"]:
            renew_password(password)
            self._print(password)
            return
        today = options["today"] or timezone.localdate(timezone=ZoneInfo(TIME_ZONE))
        seed(number=options["seed"], size=options["size"], today=today, password=password)
        if not options["no_night"]:
            _night(today - timedelta(days=1))
        self._print(password)

    def _print(self, password: str) -> None:
        self.stdout.write("Demo log-ins, all with the password " + password)
        for role, email, name in log_ins():
            self.stdout.write(f"  {role:<12} {email:<36} {name}")
        self.stdout.write("Lost it? manage.py seed_demo --new-password")


def _night(as_of: date) -> None:
    roll_up(as_of=as_of)
    score(as_of=as_of)
