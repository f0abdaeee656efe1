"""Facts that accounts tells the other apps; ids are public ids."""

from ogc.events import DomainSignal

user_registered = DomainSignal("accounts.user_registered", args=("user_id",))
verification_requested = DomainSignal("accounts.verification_requested", args=("user_id", "mail_token_id"))
mail_asked = DomainSignal("accounts.mail_asked", args=("mail_request_id",))
email_verified = DomainSignal("accounts.email_verified", args=("user_id",))
logged_in = DomainSignal("accounts.logged_in", args=("user_id", "session_id"))
user_suspended = DomainSignal("accounts.user_suspended", args=("user_id",))
user_reinstated = DomainSignal("accounts.user_reinstated", args=("user_id",))
refresh_reused = DomainSignal("accounts.refresh_reused", args=("user_id", "session_id"))
reset_requested = DomainSignal("accounts.reset_requested", args=("user_id", "mail_token_id"))
email_change_requested = DomainSignal("accounts.email_change_requested", args=("user_id", "mail_token_id"))
security_alert = DomainSignal("accounts.security_alert", args=("user_id", "activity_id", "kind"))
activity_denied = DomainSignal("accounts.activity_denied", args=("user_id", "activity_id", "kind"))
address_linked = DomainSignal("accounts.address_linked", args=("user_id", "address"))
account_closed = DomainSignal("accounts.account_closed", args=("user_id",))
profile_completed = DomainSignal("accounts.profile_completed", args=("user_id",))
export_ready = DomainSignal("accounts.export_ready", args=("user_id", "export_id"))
