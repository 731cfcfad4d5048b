"""Sign-in: people are invited, never signed up by themselves."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext as _

from common.errors import Refused

LOG = logging.getLogger(__name__)


class MailDown(Refused):
    """The mail server does not take a mail."""

    status = 503
    code = "mail_down"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Closes sign-up, and says so where a mail cannot be sent."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def clean_email(self, email: str) -> Any:
        return super().clean_email(email.lower())

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:
            LOG.error("the mail server did not take a mail: %s", error)
            message = _("No e-mail can be sent at the moment. Try again later, or ask an administrator.")
            raise MailDown(message) from error
