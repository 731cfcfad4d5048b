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
from salesops.demo.facts import SIZES, TIME_ZONE
from salesops.demo.seed import log_ins, renew_password, seed


class Command(BaseCommand):
    """`manage.py seed_demo [--seed N] [--size small]`, into an empty database, as its owner."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="the same number makes the same company")
        parser.add_argument("--size", choices=SIZES, default="small")
        parser.add_argument("--today", type=date.fromisoformat, help="the day to make it for (YYYY-MM-DD)")
        parser.add_argument(
            "--new-password", action="store_true", help="only give the demo people a new password"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            password = renew_password() if options["new_password"] else _make(options)
        except Refused as refusal:
            raise CommandError(str(refusal.message)) from refusal
        self.stdout.write("Demo log-ins, all with the password " + password)
        for role, email, name in log_ins():
            self.stdout.write(f"  {role:<12} {email:<36} {name}")
        self.stdout.write("Lost it? manage.py seed_demo --new-password")


def _make(options: dict[str, Any]) -> str:
    """The company and its first night; answers the password."""
    today = options["today"] or timezone.localdate(timezone=ZoneInfo(TIME_ZONE))
    password = seed(number=options["seed"], size=options["size"], today=today)
    yesterday = today - timedelta(days=1)
    roll_up(as_of=yesterday)
    score(as_of=yesterday)
    return password
