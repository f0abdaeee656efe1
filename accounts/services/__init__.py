"""Every state change of the accounts app, one function for each use case.

Registration and addresses: `registration`; logins: `login`, `mfa`, `refresh`, `sessions`, `staff_login`;
second factors: `totp`, `factors`; proving it once more: `step_up`; chain addresses: `address_proofs`,
`addresses`, `wallet_login`; the timeline: `activity`, `activity_denial`; staff: `suspension`; what others
call when claims change: `claims`; machines: `service_tokens`; first rows: `seed`.
"""

from accounts.services.activity_denial import activity_deny, activity_deny_by_mail
from accounts.services.address_proofs import (
    AddressChallenge,
    AddressProof,
    nonce_issue,
    proof_check,
    proof_use,
)
from accounts.services.addresses import address_change_record
from accounts.services.claims import actor_for, claims_changed, user_hold
from accounts.services.closing import account_close, closed_erase
from accounts.services.email_change import email_change_ask, email_change_confirm, email_replace
from accounts.services.exports import export_request
from accounts.services.factors_clearing import factors_clear
from accounts.services.login import login
from accounts.services.mail_requests import mail_request_answer, password_forgotten, verification_resend
from accounts.services.mfa import mfa_verify
from accounts.services.passwords import password_change, password_replace, password_reset
from accounts.services.profile import profile_update
from accounts.services.refresh import refresh
from accounts.services.registration import (
    email_verify,
    email_verify_untold,
    user_register,
)
from accounts.services.service_tokens import service_token_create, service_token_revoke
from accounts.services.sessions import logout, logout_all, session_revoke, user_logout
from accounts.services.signing_keys import signing_key_rotate
from accounts.services.staff_login import staff_login, staff_login_verify, staff_session_touch
from accounts.services.staff_reads import user_view, users_listed
from accounts.services.step_up import require_step_up, step_up
from accounts.services.suspension import suspension_lift, user_reinstate, user_suspend
from accounts.services.terms import terms_accept
from accounts.services.totp import recovery_codes_make, totp_confirm, totp_disable, totp_setup
from accounts.services.wallet_login import wallet_login, wallet_login_nonce

__all__ = [
    "AddressChallenge",
    "AddressProof",
    "account_close",
    "activity_deny",
    "activity_deny_by_mail",
    "actor_for",
    "address_change_record",
    "claims_changed",
    "closed_erase",
    "email_change_ask",
    "email_change_confirm",
    "email_replace",
    "email_verify",
    "email_verify_untold",
    "export_request",
    "factors_clear",
    "login",
    "logout",
    "logout_all",
    "mail_request_answer",
    "mfa_verify",
    "nonce_issue",
    "password_change",
    "password_forgotten",
    "password_replace",
    "password_reset",
    "profile_update",
    "proof_check",
    "proof_use",
    "recovery_codes_make",
    "refresh",
    "require_step_up",
    "service_token_create",
    "service_token_revoke",
    "session_revoke",
    "signing_key_rotate",
    "staff_login",
    "staff_login_verify",
    "staff_session_touch",
    "step_up",
    "suspension_lift",
    "terms_accept",
    "totp_confirm",
    "totp_disable",
    "totp_setup",
    "user_hold",
    "user_logout",
    "user_register",
    "user_reinstate",
    "user_suspend",
    "user_view",
    "users_listed",
    "verification_resend",
    "wallet_login",
    "wallet_login_nonce",
]
