"""Facts of other apps that somebody is told about; each consumer calls one service."""

from accounts.signals import account_closed, refresh_reused, verification_requested
from challenges.selectors import challenge_visible
from challenges.signals import submission_approved, submission_rejected
from notifications import seed_templates as templates
from notifications.services.erasing import personal_erase
from notifications.services.notify import notify
from ogc.actors import SYSTEM
from ogc.amounts import format_amount
from ogc.events import Event, consumes
from wallets.signals import reward_paid, withdrawal_settled


def _tell(event: Event, template: str, context: dict[str, str], *data_keys: str) -> None:
    """Notify the user of the event; `data_keys` are the payload's ids that the client gets along."""
    notify(
        actor=SYSTEM,
        event_id=event.id,
        user_id=event.payload["user_id"],
        template=template,
        context=context,
        data={key: event.payload[key] for key in data_keys},
    )


def _challenge_title(challenge_id: str) -> str:
    return challenge_visible(SYSTEM, challenge_id).title


@consumes(verification_requested, name="notifications.verification")
def send_verification(event: Event) -> None:
    """The mail with the link and the token; only the id of the token is kept."""
    _tell(event, templates.VERIFICATION, {"mail_token_id": event.payload["mail_token_id"]})


@consumes(refresh_reused, name="notifications.refresh_reused")
def warn_of_reuse(event: Event) -> None:
    """A security notice: in the app and by mail, whatever the person chose."""
    _tell(event, templates.REFRESH_REUSED, {}, "session_id")


@consumes(submission_approved, name="notifications.submission_approved")
def tell_approval(event: Event) -> None:
    """The author hears that the submission was approved."""
    context = {"challenge": _challenge_title(event.payload["challenge_id"])}
    _tell(event, templates.SUBMISSION_APPROVED, context, "submission_id", "challenge_id")


@consumes(submission_rejected, name="notifications.submission_rejected")
def tell_rejection(event: Event) -> None:
    """The author hears that it was not, and why."""
    context = {
        "challenge": _challenge_title(event.payload["challenge_id"]),
        "reason": event.payload["reason"],
    }
    _tell(event, templates.SUBMISSION_REJECTED, context, "submission_id", "challenge_id")


@consumes(reward_paid, name="notifications.reward_paid")
def tell_reward(event: Event) -> None:
    """The winner hears of the money."""
    payload = event.payload
    context = {
        "challenge": _challenge_title(payload["challenge_id"]),
        "amount": format_amount(payload["amount"]),
        "rank": str(payload["rank"] or ""),
    }
    _tell(event, templates.REWARD_PAID, context, "transaction_id", "challenge_id")


@consumes(withdrawal_settled, name="notifications.withdrawal_settled")
def tell_withdrawal(event: Event) -> None:
    """The owner hears that the withdrawal is final."""
    payload = event.payload
    context = {"amount": format_amount(payload["amount"]), "tx_hash": payload["tx_hash"]}
    _tell(event, templates.WITHDRAWAL_SETTLED, context, "transaction_id")


@consumes(account_closed, name="notifications.personal_erase")
def erase_closed(event: Event) -> None:
    """Inbox, choices and the contents of deliveries go with the account."""
    personal_erase(user_id=event.payload["user_id"])
