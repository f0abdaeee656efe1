"""What accounts does when something happened."""

from accounts import services
from accounts.signals import account_closed, mail_asked
from ogc.actors import SYSTEM
from ogc.events import Event, consumes


@consumes(account_closed, name="accounts.personal_erase")
def erase_traces_of_closed(event: Event) -> None:
    """Addresses and agents in the audit trail go with the account, and what was written late."""
    services.closed_erase(user_id=event.payload["user_id"])


@consumes(mail_asked, name="accounts.answer_mail_request")
def answer_mail_request(event: Event) -> None:
    """Only now, outside the request, is the address looked up."""
    services.mail_request_answer(actor=SYSTEM, mail_request_id=event.payload["mail_request_id"])
