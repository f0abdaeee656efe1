"""Reads of the accounts app."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from accounts import plans, ports, signing_keys
from accounts.constants import (
    ALL_KEYS,
    FAMILIAR_DAYS,
    FAMILIAR_SESSIONS_MAX,
    ActivityKind,
    Factor,
    TokenTransport,
    UserStatus,
)
from accounts.models import (
    Activity,
    MailToken,
    Passkey,
    RecoveryCode,
    ServiceToken,
    Session,
    SigningKey,
    TotpDevice,
    User,
)
from accounts.plans import PlanTerms
from accounts.rules import email_normalise, login_news
from ogc import clock, reader
from ogc.actors import Actor
from ogc.db.statements import SelectStatement, Slots
from ogc.errors import EmailNotVerified, NotFound
from ogc.seal import sign

MAIL_TOKEN_PURPOSE = "accounts.mail-token"
USER_PK_CACHE = 50_000


@dataclass(frozen=True, slots=True)
class UserProfile:
    """A user as the API shows them to themselves; `id` is the public id, `plan` a slug."""

    id: str
    email: str
    name: str
    email_verified: bool
    roles: frozenset[str]
    scopes: frozenset[str]
    plan: str
    two_factor: bool
    created_at: datetime


_ME = SelectStatement(
    lambda slots: (
        User.objects.filter(public_id=slots.text("public_id"))
        .order_by()
        .values_list("email", "name", "email_verified_at", "two_factor", "created_at")
    )
)


def me_get(actor: Actor) -> UserProfile:
    """The caller's own profile, in one query; roles, scopes and plan are those of the token.

    Raises:
        NotFound: the account is gone.
    """
    row = _ME.first(public_id=actor.user_id)
    if row is None:
        raise NotFound
    email, name, verified_at, two_factor, created_at = row
    return UserProfile(
        id=actor.user_id or "",
        email=email,
        name=name,
        email_verified=verified_at is not None,
        roles=actor.roles,
        scopes=actor.scopes,
        plan=actor.plan,
        two_factor=bool(two_factor),
        created_at=created_at,
    )


def profile_of(user: User) -> UserProfile:
    """The profile of a user who is not (yet) the caller; reads roles, scopes and plan."""
    roles, scopes = ports.role_scopes(user.pk)
    return profile_with(user, frozenset(roles), frozenset(scopes), user.plan.slug)


def profile_with(user: User, roles: frozenset[str], scopes: frozenset[str], plan: str) -> UserProfile:
    """The profile of a user whose claims are known."""
    return UserProfile(
        id=user.public_id,
        email=user.email,
        name=user.name,
        email_verified=user.email_verified,
        roles=roles,
        scopes=scopes,
        plan=plan,
        two_factor=user.two_factor,
        created_at=user.created_at,
    )


@lru_cache(maxsize=USER_PK_CACHE)
def user_pk(public_id: str) -> int:
    """The row number of a user, for foreign keys; remembered, since neither id ever changes.

    Raises:
        NotFound: no such user.
    """
    pk = User.objects.filter(public_id=public_id).values_list("pk", flat=True).first()
    if pk is None:
        raise NotFound
    return pk


_OPEN = SelectStatement(
    lambda slots: (
        User.objects.filter(public_id=slots.text("public_id"))
        .exclude(status=UserStatus.CLOSED)
        .order_by()
        .values_list("pk")
    )
)


def open_user_pk(public_id: str) -> int | None:
    """The row number of a user whose account is not closed, read afresh; None for others.

    For what is written about people after the fact: nothing new is kept of those who are gone.
    """
    row = _OPEN.first(public_id=public_id)
    return None if row is None else int(row[0])


def user_get(public_id: str) -> User:
    """The user with this public id, with the plan. Raises: NotFound."""
    user = User.objects.select_related("plan").filter(public_id=public_id).first()
    if user is None:
        raise NotFound
    return user


def address_is_denied(user: User) -> bool:
    """Whether somebody said "this wasn't me" to the change that gave this account the address it has now."""
    denied = Activity.objects.filter(user=user, kind=ActivityKind.EMAIL_CHANGED, denied_at__isnull=False)
    return any(details.get("new_email") == user.email for details in denied.values_list("details", flat=True))


def user_by_email(email: str) -> User | None:
    """The user with this address, however it is written, with the plan."""
    return User.objects.select_related("plan").filter(email=email_normalise(email)).first()


@lru_cache(maxsize=USER_PK_CACHE)
def _verified(public_id: str) -> bool:
    if not User.objects.filter(public_id=public_id, email_verified_at__isnull=False).exists():
        raise EmailNotVerified
    return True


def require_verified(actor: Actor) -> None:
    """Go on only for callers who proved their address; one query until they have, none afterwards.

    Raises:
        EmailNotVerified: not yet.
    """
    if actor.user_id is not None:
        _verified(actor.user_id)


def plan_get(slug: str) -> PlanTerms:
    """The terms of a plan, without a query once the process has read the plans."""
    return plans.terms(slug)


def mail_token_text(mail_token_id: str) -> str:
    """The text that a mail carries: derived each time, never stored. Raises: NotFound."""
    token = MailToken.objects.filter(public_id=mail_token_id).first()
    if token is None:
        raise NotFound
    return f"{token.public_id}.{sign(MAIL_TOKEN_PURPOSE, *mail_token_parts(token))}"


def mail_token_is_live(mail_token_id: str) -> bool:
    """Whether this token could still be used, so that mailing it makes sense."""
    live = MailToken.objects.filter(public_id=mail_token_id, used_at=None, expires_at__gt=clock.now())
    return live.exists()


def mail_token_address(mail_token_id: str) -> str:
    """Where this token is mailed to now. Raises: NotFound."""
    row = MailToken.objects.filter(public_id=mail_token_id).values_list("email", "user__email").first()
    if row is None:
        raise NotFound
    return row[0] or row[1]


def mail_token_address_holder(mail_token_id: str) -> User | None:
    """Whose account has the address that this token would prove, if it is somebody else's; else None."""
    token = MailToken.objects.filter(public_id=mail_token_id).exclude(email="").first()
    if token is None:
        return None
    return User.objects.filter(email=token.email).exclude(pk=token.user_id).first()


def mail_token_parts(token: MailToken) -> tuple[str, str, str, str]:
    """What the signature of a mail token covers."""
    return token.purpose, token.public_id, token.nonce, str(int(token.expires_at.timestamp()))


def suspensions_over(limit: int) -> list[int]:
    """Row numbers of users whose suspension is over and who are not reinstated yet, oldest first."""
    over = User.objects.filter(status=UserStatus.SUSPENDED, suspended_until__lte=clock.now())
    return list(over.order_by("suspended_until").values_list("pk", flat=True)[:limit])


def next_suspension_end() -> datetime | None:
    """When the next suspension ends by itself; None when none does."""
    waiting = User.objects.filter(status=UserStatus.SUSPENDED, suspended_until__isnull=False)
    return waiting.order_by("suspended_until").values_list("suspended_until", flat=True).first()


@dataclass(frozen=True, slots=True)
class ActivityFacts:
    """One line of the timeline as the mail about it tells it; `device` and `ip` may be empty.

    `mailed_to` is the address that the mail goes to, empty: the user's own; `mail_token_id` the token that
    denies the line, empty when none could.
    """

    kind: str
    at: datetime
    device: str
    ip: str
    details: dict[str, Any]
    mailed_to: str
    mail_token_id: str


def activity_facts(activity_id: str) -> ActivityFacts:
    """The line with this public id, whosever it is. Raises: NotFound."""
    line = Activity.objects.select_related("mail_token").filter(public_id=activity_id).first()
    if line is None:
        raise NotFound
    token: MailToken | None = getattr(line, "mail_token", None)
    is_good = token is not None and token.used_at is None and token.expires_at > clock.now()
    return ActivityFacts(
        kind=line.kind,
        at=line.created_at,
        device=line.device,
        ip=line.ip or "",
        details=line.details,
        mailed_to=token.email if token is not None else "",
        mail_token_id=token.public_id if token is not None and is_good else "",
    )


def second_factors(user_pk: int) -> list[str]:
    """Names of the second factors that an account has on, strongest first; recovery codes come with any."""
    factors = []
    if Passkey.objects.filter(user_id=user_pk).exists():
        factors.append(Factor.PASSKEY.value)
    if TotpDevice.objects.filter(user_id=user_pk, confirmed_at__isnull=False).exists():
        factors.append(Factor.TOTP.value)
    if factors and RecoveryCode.objects.filter(user_id=user_pk, used_at=None).exists():
        factors.append(Factor.RECOVERY_CODE.value)
    return factors


def passkeys_of(actor: Actor) -> list[Passkey]:
    """The caller's passkeys, newest first; they are few. One query."""
    return list(Passkey.objects.filter(user__public_id=actor.user_id).order_by("-pk"))


def step_up_factors(user_id: str) -> list[str]:
    """What a step-up of this user can be given with: the second factors, or the password without any."""
    return second_factors(user_pk(user_id)) or [Factor.PASSWORD.value]


def staff_session_get(session_id: str) -> Session | None:
    """The session of the admin site with this public id, with its user and plan, while it lets people in.

    None when it was ended or not used for too long, and when the user is out, is no longer staff, or (with
    STAFF_TWO_FACTOR) gave no second factor.
    """
    session = (
        Session.objects.select_related("user__plan")
        .filter(public_id=session_id, transport=TokenTransport.ADMIN, ended_at=None)
        .first()
    )
    if session is None or session.expires_at <= clock.now():
        return None
    if settings.STAFF_TWO_FACTOR and session.mfa_at is None:
        return None
    return session if session.user.is_active and session.user.is_staff else None


def signing_keys_public() -> dict[str, list[dict[str, str]]]:
    """The accepted keys of access tokens as a JSON Web Key Set, without a query; the last one signs."""
    reader.fresh()
    return signing_keys.jwks()


def signing_keys_refusable(kid: str) -> list[str]:
    """Ids of the keys that declaring `kid` (or "all") compromised would refuse; empty when there is none."""
    keys = SigningKey.objects.filter(compromised_at=None).order_by("pk")
    return [key.kid for key in keys if kid in (key.kid, ALL_KEYS)]


def activity_list(actor: Actor, *, kind: str | None = None) -> QuerySet[Activity, Any]:
    """The caller's own timeline as plain values, unordered; lines without a session have null there."""
    lines = Activity.objects.filter(user_id=user_pk(actor.user_id or ""))
    if kind is not None:
        lines = lines.filter(kind=kind)
    return lines.values(
        "id", "public_id", "kind", "created_at", "ip", "device", "details", "denied_at", "session__public_id"
    )


def _familiar(slots: Slots) -> "QuerySet[Session, Any]":
    denied = Activity.objects.filter(session=OuterRef("pk"), denied_at__isnull=False)
    sessions = Session.objects.filter(user=slots.number("user"), created_at__gt=slots.instant("since"))
    told = sessions.order_by("-id").annotate(denied=Exists(denied))
    return told.values_list("device", "network", "denied")[:FAMILIAR_SESSIONS_MAX]


_FAMILIAR = SelectStatement(_familiar)


def news_of_login(user: User, device: str, network: str) -> list[str]:
    """What of a login that is about to open a session was not seen before (`rules.login_news`); one query.

    Sessions whose lines were denied make nothing known. Without any session in FAMILIAR_DAYS the first login
    of a new account is no news, and that of an account that slept is.
    """
    since = clock.now() - timedelta(days=FAMILIAR_DAYS)
    rows = _FAMILIAR.all(user=user.pk, since=since)
    if not rows and user.created_at > since:
        return []
    return login_news(device, network, {(seen, place) for seen, place, is_denied in rows if not is_denied})


def service_tokens_all() -> QuerySet[ServiceToken]:
    """The tokens of machines that are not revoked or over, oldest first."""
    return ServiceToken.objects.filter(revoked_at=None, expires_at__gt=clock.now()).order_by("pk")


def sessions_of(actor: Actor) -> QuerySet[Session]:
    """The caller's sessions that live, in no order."""
    user_id = user_pk(actor.user_id or "")
    return Session.objects.filter(user_id=user_id, ended_at=None, expires_at__gt=clock.now())
