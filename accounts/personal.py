"""What accounts holds of a person: parts of the export of personal data. No secrets, no hashes."""

from accounts.models import (
    Activity,
    AddressNonce,
    DataExport,
    MailToken,
    Passkey,
    Payment,
    RecoveryCode,
    Session,
    Subscription,
    TotpDevice,
    User,
)
from accounts.ports import PersonalSection
from ogc.amounts import format_amount
from ogc.personal import rows_of

SECTIONS = (
    PersonalSection(
        "profile",
        rows_of(
            User, "pk", id="public_id", email="email", name="name", bio="bio", locale="locale",
            time_zone="timezone", track="track", birth_year="birth_year", avatar="avatar", plan="plan__slug",
            status="status", created_at="created_at", email_verified_at="email_verified_at",
            terms_version="terms_version", terms_accepted_at="terms_accepted_at", two_factor="two_factor",
            suspended_until="suspended_until", suspended_reason="suspended_reason",
        ),
    ),
    PersonalSection("roles", rows_of(User, "pk", role="groups__name"), ("accounts.User_groups.user",)),
    PersonalSection(
        "sessions",
        rows_of(
            Session, "user", id="public_id", created_at="created_at", last_used_at="last_used_at",
            expires_at="expires_at", ended_at="ended_at", end_reason="end_reason", method="method", ip="ip",
            user_agent="user_agent", device="device", network="network", mfa_at="mfa_at",
            stepped_up_at="stepped_up_at",
        ),
        ("accounts.Session.user",),
    ),
    PersonalSection(
        "activity",
        rows_of(
            Activity, "user", id="public_id", created_at="created_at", kind="kind", ip="ip", device="device",
            details="details", denied_at="denied_at",
        ),
        ("accounts.Activity.user",),
    ),
    PersonalSection(
        "authenticator_apps",
        rows_of(TotpDevice, "user", created_at="created_at", confirmed_at="confirmed_at"),
        ("accounts.TotpDevice.user",),
    ),
    PersonalSection(
        "recovery_codes",
        rows_of(RecoveryCode, "user", created_at="created_at", used_at="used_at"),
        ("accounts.RecoveryCode.user",),
    ),
    PersonalSection(
        "passkeys",
        rows_of(
            Passkey, "user", id="public_id", name="name", created_at="created_at",
            last_used_at="last_used_at", transports="transports", is_backed_up="is_backed_up",
        ),
        ("accounts.Passkey.user",),
    ),
    PersonalSection(
        "subscriptions",
        rows_of(
            Subscription, "user", id="public_id", created_at="created_at", plan="plan__slug", status="status",
            billing_cycle="billing_cycle", method="method", period_start_at="current_period_start_at",
            period_end_at="current_period_end_at", cancel_at_period_end="cancel_at_period_end",
        ),
        ("accounts.Subscription.user",),
    ),
    PersonalSection(
        "payments",
        rows_of(
            Payment, "user", id="public_id", created_at="created_at", plan="plan__slug", method="method",
            status="status", amount_cents="amount_cents", amount=("amount_base_units", format_amount),
            paid_at="paid_at",
        ),
        ("accounts.Payment.user",),
    ),
    PersonalSection(
        "mails_with_a_link",
        rows_of(
            MailToken, "user", created_at="created_at", purpose="purpose", email="email",
            expires_at="expires_at", used_at="used_at",
        ),
        ("accounts.MailToken.user",),
    ),
    PersonalSection(
        "address_proofs",
        rows_of(
            AddressNonce, "user", created_at="created_at", purpose="purpose", address="address",
            used_at="used_at",
        ),
        ("accounts.AddressNonce.user",),
    ),
    PersonalSection(
        "exports",
        rows_of(
            DataExport, "user", id="public_id", created_at="created_at", status="status",
            finished_at="finished_at",
        ),
        ("accounts.DataExport.user",),
    ),
)  # fmt: skip
