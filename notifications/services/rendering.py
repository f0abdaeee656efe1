"""Making the mail of a delivery, with what must not be stored looked up at that moment."""

from django.conf import settings

from accounts.selectors import mail_token_text
from notifications.models import Delivery
from notifications.seed_templates import SECRET_TEMPLATES
from notifications.templating import RenderedMail, mail_render
from ogc.errors import DomainError


class RecipientGone(Exception):
    """Nobody to write to: no address, a closed account, or a token that is no longer good."""


def address_of(delivery: Delivery) -> str:
    """Where mail to this person goes now.

    Raises:
        RecipientGone: the account is closed or has no address.
    """
    user = delivery.user
    if user.status == "closed" or not user.email:
        raise RecipientGone("no address")
    return str(user.email)


def delivery_render(delivery: Delivery) -> RenderedMail:
    """Subject and bodies; the name is the present one, link and token of security mail are derived here.

    Raises:
        RecipientGone: the one-time token was used or has expired.
    """
    context = {**delivery.context, "name": delivery.user.name}
    page = SECRET_TEMPLATES.get(delivery.template.name)
    if page is not None:
        token = _token_text(str(context.pop("mail_token_id")))
        context |= {"token": token, "link": f"{settings.PUBLIC_URL}{page}?token={token}"}
    return mail_render(delivery.template.sources, context)


def _token_text(mail_token_id: str) -> str:
    try:
        return mail_token_text(mail_token_id)
    except DomainError as error:
        raise RecipientGone(error.code) from error
