"""Sign-in: people are invited, never signed up by themselves."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.mail import get_connection
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from common.addresses import absolute
from common.errors import Refused

LOG = logging.getLogger(__name__)


UNKNOWN = "account/email/unknown_account"


class MailDown(Refused):
    """The mail server does not take a mail."""

    status = 503
    code = "mail_down"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Closes sign-up, writes links by the installation's own address, and says so where a mail cannot be sent."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def clean_email(self, email: str) -> Any:
        return super().clean_email(email.lower())

    def get_reset_password_from_key_url(self, key: str) -> str:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return absolute(path.replace("UID-KEY", key))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        try:
            if template_prefix == UNKNOWN:
                _knock()
            else:
                super().send_mail(template_prefix, email, context)
        except OSError as error:
            LOG.error("the mail server did not take a mail: %s", error)
            message = _("No e-mail can be sent at the moment. Try again later, or ask an administrator.")
            raise MailDown(message) from error


def _knock() -> None:
    """Ask the mail server without a mail: nobody who is not here is written to, and the answer tells nothing of it."""
    server = get_connection()
    server.open()
    server.close()
