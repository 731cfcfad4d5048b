"""Make the database ready: schema, cache table, bound roles, static files; a demo company on the first start."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, call_command

from common import database_roles
from common.selectors import organisation


class Command(BaseCommand):
    """`manage.py prepare [--empty]`: safe to run at every start; runs as the database's owner."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--empty", action="store_true", help="start without the demo company")
        parser.add_argument("--no-static", action="store_true", help="leave the static files as they are")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        database_roles.install()
        if not options["no_static"]:
            call_command("collectstatic", interactive=False, verbosity=0)
        company = organisation()
        if company is None and not options["empty"] and not settings.IS_PRODUCTION:
            call_command("seed_demo", size="small", seed=1, stdout=self.stdout)
        elif company and company.is_demo:
            self.stdout.write("Demo log-ins: manage.py seed_demo --new-password gives them a new password.")
