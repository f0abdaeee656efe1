"""Acts about accounts, for `tests.faults.act`."""

from collections import Counter
from typing import Any

from django.conf import settings

from accounts.constants import ActivityKind, MailPurpose
from accounts.models import Activity, MailToken, Session, User
from accounts.selectors import mail_token_text
from accounts.services import activity_deny_by_mail
from accounts.services.activity import activity_record
from governance.models import Incident
from notifications.constants import OPEN_STATUSES, Channel
from notifications.models import Delivery
from ogc.actors import ANONYMOUS
from ogc.db.transactions import run_in_transaction
from ogc.errors import DomainError
from ogc.events import drain
from ogc.jobs import enqueue
from ogc.jobs.sweeps import run_all_inline
from ogc.models import DomainEvent, EventConsumption
from tests.factories.accounts import UserFactory, login_as
from wallets.models import Wallet


def person_with_alert() -> dict[str, str]:
    """Somebody whose second session is from a new device, and who was mailed of it."""
    user = UserFactory()
    login_as(user)
    login_as(user)
    session = Session.objects.filter(user=user).latest("id")
    run_in_transaction(lambda: activity_record(user, ActivityKind.NEW_DEVICE, session=session))
    drain()
    run_all_inline()
    token = MailToken.objects.get(user=user, purpose=MailPurpose.DENY_ACTIVITY)
    return {"email": user.email, "token": mail_token_text(token.public_id)}


def deny(token: str) -> str:
    """Deny a line by its mail; the code of the refusal, or nothing."""
    try:
        activity_deny_by_mail(actor=ANONYMOUS, token=token)
    except DomainError as error:
        return error.code
    return ""


def account(email: str) -> dict[str, Any]:
    """What a denial changes, as it stands."""
    user = User.objects.get(email=email)
    return {
        "sessions": Session.objects.filter(user=user, ended_at=None).count(),
        "password": user.has_usable_password(),
        "wallet": Wallet.objects.get(user=user).status,
        "incidents": Incident.objects.filter(target_id=user.public_id).count(),
        "denials": Activity.objects.filter(user=user, kind=ActivityKind.DENIED).count(),
    }


def mails(email: str) -> dict[str, Any]:
    """How many mails of each template a person was sent, and how many files they are."""
    rows = Delivery.objects.filter(user__email=email, channel=Channel.EMAIL)
    folder = settings.OGC_VAR / "mail"
    files = [path for path in folder.glob("*.eml") if f"To: {email}\n" in path.read_text()]
    return {"rows": Counter(rows.values_list("template__name", flat=True)), "files": len(files)}


def sweep_now() -> None:
    """Let the leases of dead workers be over, and the sweeps be due, now instead of in 30 s."""
    Delivery.objects.filter(status__in=OPEN_STATUSES).update(lease_until=None)
    enqueue("ogc.jobs.entry.sweep")
    enqueue("ogc.jobs.entry.sweep_lane", queue="chain")


def is_all_told() -> bool:
    """Whether every fact reached every consumer and every mail is out."""
    return not (
        DomainEvent.objects.filter(dispatched_at=None).exists()
        or EventConsumption.objects.exclude(status=EventConsumption.Status.DONE).exists()
        or Delivery.objects.filter(status__in=OPEN_STATUSES).exists()
    )
