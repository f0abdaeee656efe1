"""Facts of other apps that somebody is told about; each consumer calls one service."""

from accounts.constants import ActivityKind
from accounts.selectors import activity_facts, mail_token_address_holder
from accounts.signals import (
    account_closed,
    activity_denied,
    email_change_requested,
    export_ready,
    refresh_reused,
    reset_requested,
    security_alert,
    verification_requested,
)
from challenges.selectors import challenge_visible
from challenges.signals import submission_approved, submission_rejected
from notifications import account_templates as accounts
from notifications import seed_templates as templates
from notifications import wallet_templates as wallets
from notifications.alerts import alert_texts
from notifications.services.erasing import personal_erase
from notifications.services.notify import notify
from notifications.services.staff import staff_notify
from notifications.signals import staff_notices_due
from ogc.actors import SYSTEM
from ogc.amounts import format_amount
from ogc.events import Event, consumes
from wallets.constants import RewardSource
from wallets.selectors import transaction_for_user
from wallets.signals import (
    ledger_found_wrong,
    reward_granted,
    reward_paid,
    transaction_reversed,
    wallet_adjusted,
    wallet_frozen,
    wallet_unfrozen,
    withdrawal_settled,
)

# Lines about a change of address have mails of their own, which go to the old one.
ADDRESS_ALERTS = {
    ActivityKind.EMAIL_CHANGE_ASKED.value: accounts.EMAIL_CHANGE_ASKED,
    ActivityKind.EMAIL_CHANGED.value: accounts.EMAIL_CHANGED,
}


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
    _tell(event, accounts.VERIFICATION, {"mail_token_id": event.payload["mail_token_id"]})


@consumes(reset_requested, name="notifications.reset")
def send_reset(event: Event) -> None:
    """The mail with which a new password is chosen."""
    _tell(event, accounts.RESET_PASSWORD, {"mail_token_id": event.payload["mail_token_id"]})


@consumes(email_change_requested, name="notifications.email_change")
def send_email_change(event: Event) -> None:
    """The mail to the new address; if that is somebody's, they hear of it instead and nothing follows."""
    token_id = event.payload["mail_token_id"]
    holder = mail_token_address_holder(token_id)
    if holder is None:
        _tell(event, accounts.CONFIRM_EMAIL, {"mail_token_id": token_id})
    elif holder.is_active:
        notify(
            actor=SYSTEM,
            event_id=event.id,
            user_id=holder.public_id,
            template=accounts.EMAIL_TAKEN,
            context={},
        )


@consumes(security_alert, name="notifications.security_alert")
def warn_of_activity(event: Event) -> None:
    """In the app and by mail, whatever the person chose; addresses stay in the line of the timeline."""
    line_id, kind = event.payload["activity_id"], event.payload["kind"]
    context = {"activity_id": line_id}
    template = ADDRESS_ALERTS.get(kind, accounts.SECURITY_ALERT)
    if template == accounts.SECURITY_ALERT:
        context |= alert_texts(kind, activity_facts(line_id).device)
    _tell(event, template, context, "activity_id")


@consumes(refresh_reused, name="notifications.refresh_reused")
def warn_of_reuse(event: Event) -> None:
    """A security notice: in the app and by mail, whatever the person chose."""
    _tell(event, accounts.REFRESH_REUSED, {}, "session_id")


@consumes(activity_denied, name="notifications.activity_denied")
def confirm_denial(event: Event) -> None:
    """The person hears what was done for them."""
    _tell(event, accounts.ACTIVITY_DENIED, {}, "activity_id")


@consumes(activity_denied, name="notifications.denial_for_staff")
def tell_staff_of_denial(event: Event) -> None:
    """Staff who decide incidents hear of it; the incident itself is opened by governance."""
    payload = event.payload
    context = {"user": payload["user_id"], "what": payload["kind"].replace("_", " ")}
    staff_notify(
        actor=SYSTEM,
        event_id=event.id,
        scope="moderation.write",
        template=accounts.DENIAL_FOR_STAFF,
        context=context,
        about=payload["user_id"],
    )


@consumes(ledger_found_wrong, name="notifications.ledger_wrong")
def tell_staff_of_ledger(event: Event) -> None:
    """Finance hear of it at once; the incident itself is opened by wallets."""
    staff_notify(
        actor=SYSTEM,
        event_id=event.id,
        scope="wallet.adjust",
        template=wallets.LEDGER_WRONG,
        context={"checks": ", ".join(event.payload["checks"]).replace("_", " ")},
    )


@consumes(staff_notices_due, name="notifications.staff_notices")
def tell_more_staff(event: Event) -> None:
    """The next staff of a notice that did not reach all at once."""
    staff_notify(actor=SYSTEM, **event.payload)


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


@consumes(reward_granted, name="notifications.reward_granted")
def tell_grant(event: Event) -> None:
    """Somebody whom staff rewarded hears of the money and why; other sources have notices of their own."""
    payload = event.payload
    if payload["source"] == RewardSource.GRANT:
        memo = transaction_for_user(payload["user_id"], payload["transaction_id"]).memo
        context = {"amount": format_amount(payload["amount"]), "reason": memo}
        _tell(event, wallets.REWARD_GRANTED, context, "transaction_id")


@consumes(wallet_adjusted, name="notifications.wallet_adjusted")
def tell_adjustment(event: Event) -> None:
    """The owner hears what staff put right, and why."""
    amount = event.payload["amount"]
    context = {
        "amount": format_amount(abs(amount)),
        "taken": "yes" if amount < 0 else "",
        "reason": event.payload["reason"],
    }
    _tell(event, wallets.ADJUSTED, context, "transaction_id")


@consumes(transaction_reversed, name="notifications.transaction_reversed")
def tell_reversal(event: Event) -> None:
    """Both sides hear that a transaction was undone, and why."""
    payload = event.payload
    for side, taken in (("giver_id", "yes"), ("receiver_id", "")):
        if payload[side]:
            notify(
                actor=SYSTEM,
                event_id=event.id,
                user_id=payload[side],
                template=wallets.REVERSED,
                context={
                    "amount": format_amount(payload["amount"]),
                    "taken": taken,
                    "reason": payload["reason"],
                },
                data={key: payload[key] for key in ("transaction_id", "original_id")},
            )


@consumes(wallet_frozen, name="notifications.wallet_frozen")
def tell_freeze(event: Event) -> None:
    """The owner hears that nothing leaves the wallet; the reason stays with staff."""
    _tell(event, wallets.FROZEN, {}, "wallet_id")


@consumes(wallet_unfrozen, name="notifications.wallet_unfrozen")
def tell_unfreeze(event: Event) -> None:
    """The owner hears that the wallet gives again."""
    _tell(event, wallets.UNFROZEN, {}, "wallet_id")


@consumes(withdrawal_settled, name="notifications.withdrawal_settled")
def tell_withdrawal(event: Event) -> None:
    """The owner hears that the withdrawal is final."""
    payload = event.payload
    context = {"amount": format_amount(payload["amount"]), "tx_hash": payload["tx_hash"]}
    _tell(event, templates.WITHDRAWAL_SETTLED, context, "transaction_id")


@consumes(export_ready, name="notifications.export_ready")
def tell_export(event: Event) -> None:
    """Whoever asked for their data hears that it is there."""
    context = {
        "title": "Your data is ready",
        "message": "The archive of your personal data is ready. It is kept for a week.",
    }
    _tell(event, templates.PLAIN_MESSAGE, context, "export_id")


@consumes(account_closed, name="notifications.personal_erase")
def erase_closed(event: Event) -> None:
    """Inbox, choices and the contents of deliveries go with the account."""
    personal_erase(user_id=event.payload["user_id"])
