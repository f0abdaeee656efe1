"""Making the mail of a delivery, with what must not be stored looked up at that moment.

A delivery keeps ids, never an address or a token: the mail token says where a mail about a new address goes,
the line of the timeline which address was the old one, and which token denies it.
"""

from collections.abc import Callable
from typing import TypeVar

from django.conf import settings

from accounts.constants import UserStatus
from accounts.selectors import (
    ActivityFacts,
    activity_facts,
    mail_token_address,
    mail_token_is_live,
    mail_token_text,
)
from notifications.account_templates import (
    ACTIVITY_TEMPLATES,
    CONFIRM_EMAIL,
    OLD_ADDRESS_TEMPLATES,
    SECRET_TEMPLATES,
    SECURITY_ALERT,
)
from notifications.alerts import address_masked
from notifications.models import Delivery
from notifications.rules import words_only
from notifications.templating import RenderedMail, mail_render
from ogc.errors import DomainError

ACTIVITY_PAGE = "/account/activity"
DENIAL_PAGE = "/not-me"
FORGOTTEN_PAGE = "/forgot-password"

T = TypeVar("T")


class RecipientGone(Exception):
    """Nobody to write to: no address, a closed account, or a token that is no longer good."""


def address_of(delivery: Delivery) -> str:
    """Where this mail goes now; what happened in an account is told to the address that it had then.

    Raises:
        RecipientGone: the account is closed, has no address, or is suspended and the mail would carry a
            token; or what named the address is gone.
    """
    user, template = delivery.user, delivery.template.name
    if user.status == UserStatus.CLOSED or not user.email:
        raise RecipientGone("no address")
    if template in SECRET_TEMPLATES and not user.is_active:
        raise RecipientGone("suspended")
    if template == CONFIRM_EMAIL:
        return _found(mail_token_address, str(delivery.context["mail_token_id"]))
    if template in OLD_ADDRESS_TEMPLATES:
        return str(_facts(delivery).details["old_email"])
    if template == SECURITY_ALERT:
        return _facts(delivery).mailed_to or str(user.email)
    return str(user.email)


def delivery_render(delivery: Delivery) -> RenderedMail:
    """Subject and bodies; the name is the present one, link and token of security mail are derived here.

    Raises:
        RecipientGone: the one-time token was used or has expired, or the line of the timeline is erased.
    """
    context = {**delivery.context, "name": words_only(delivery.user.name)}
    template = delivery.template.name
    if template in SECRET_TEMPLATES:
        token = _token_text(str(context.pop("mail_token_id")))
        link = f"{settings.PUBLIC_URL}{SECRET_TEMPLATES[template]}?token={token}"
        context |= {"token": token, "link": link}
    if template in ACTIVITY_TEMPLATES:
        context |= _activity_context(str(context.pop("activity_id")), _facts(delivery))
        context |= _denial_context(delivery)
    return mail_render(delivery.template.sources, context)


def _activity_context(activity_id: str, facts: ActivityFacts) -> dict[str, str]:
    return {
        "when": f"{facts.at:%d %B %Y, %H:%M} UTC",
        "device": facts.device,
        "ip": facts.ip,
        "new_address": address_masked(str(facts.details.get("new_email", ""))),
        "activity_link": f"{settings.PUBLIC_URL}{ACTIVITY_PAGE}?line={activity_id}",
        "reset_link": f"{settings.PUBLIC_URL}{FORGOTTEN_PAGE}",
    }


def _denial_context(delivery: Delivery) -> dict[str, str]:
    """Token and link that deny the line without a login; empty where there is nothing to deny by mail."""
    token_id = _facts(delivery).mail_token_id
    if not token_id or not delivery.user.is_active:
        return {"token": "", "link": ""}
    token = _found(mail_token_text, token_id)
    return {"token": token, "link": f"{settings.PUBLIC_URL}{DENIAL_PAGE}?token={token}"}


def _facts(delivery: Delivery) -> ActivityFacts:
    return _found(activity_facts, str(delivery.context["activity_id"]))


def _token_text(mail_token_id: str) -> str:
    text = _found(mail_token_text, mail_token_id)
    if not mail_token_is_live(mail_token_id):
        raise RecipientGone("token used or expired")
    return text


def _found(look_up: Callable[[str], T], public_id: str) -> T:
    try:
        return look_up(public_id)
    except DomainError as error:
        raise RecipientGone(error.code) from error
