"""Make the database ready: schema, cache table, bound roles, static files; a demo company on the first start.

Without the demo company it prints the link by which the first administrator is made, as long as there is none.
"""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, call_command
from django.db import connection
from django.urls import reverse

from common import database_roles
from common.access import Reach
from common.addresses import absolute
from common.selectors import organisation
from common.transaction import work
from salesops.demo.seed import is_untouched
from workspace.services import make_setup_link

NOBODY = "There is no administrator yet. This link makes the first one, once, within 60 minutes:"
ELSE = 'Another link: start again. Without one: manage.py create_admin --email you@example.com --name "Your Name"'
LOSS = "PostgreSQL may lose orders when it stops. Set to on, for the server, the database and its roles:"
FORGETFUL = """
SELECT name FROM pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off' ORDER BY name
"""


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
        if is_untouched() and not options["empty"] and not settings.IS_PRODUCTION:
            call_command("seed_demo", size="small", seed=1, stdout=self.stdout)
        elif company and company.is_demo:
            self.stdout.write("Demo log-ins: manage.py seed_demo --new-password gives them a new password.")
        if settings.IS_PRODUCTION:
            self._warn_of_loss()
        self._offer_link()

    def _offer_link(self) -> None:
        """Print the set-up link where nobody is administrator."""
        with work(by=None, why="manage.py prepare", reach=Reach.everything()):
            secret = make_setup_link()
        if secret:
            url = absolute(reverse("first_admin_open", args=[secret]))
            self.stdout.write(f"{NOBODY}\n\n    {url}\n\n{ELSE}")

    def _warn_of_loss(self) -> None:
        """Say where PostgreSQL may lose what it said was kept."""
        with connection.cursor() as cursor:
            cursor.execute(FORGETFUL)
            names = ", ".join(name for (name,) in cursor.fetchall())
        if names:
            self.stderr.write(f"{LOSS} {names}")
