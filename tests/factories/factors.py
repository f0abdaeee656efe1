"""Second factors for tests: an app whose codes a test can read, and people who have one."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp

from accounts.models import TotpDevice, User
from accounts.services.factors import factor_added
from accounts.services.totp_seeds import PURPOSE, seed_seal
from ogc import clock
from ogc.db.transactions import run_in_transaction
from ogc.seal import unseal

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def totp_on(user: User) -> list[str]:
    """An app that is on, with a seed of its own kind; returns the recovery codes."""

    def add() -> list[str]:
        TotpDevice.objects.create(user=user, seed_sealed=seed_seal(user, SEED), confirmed_at=clock.now())
        return factor_added(user)

    user.refresh_from_db()
    codes = run_in_transaction(add)
    user.refresh_from_db()
    return codes


def code_of(user: User, *, steps: int = 0) -> str:
    """What the user's app shows now, or that many steps from now."""
    sealed = TotpDevice.objects.get(user=user).seed_sealed
    seed = unseal(PURPOSE, bytes(sealed), user.public_id.encode()).decode()
    return pyotp.TOTP(seed).at(clock.real_now() + timedelta(seconds=30 * steps))


def seed_of(otpauth_uri: str) -> str:
    """The seed that an app reads from the URI."""
    return parse_qs(urlsplit(otpauth_uri).query)["secret"][0]


def wrong_code(right: str) -> str:
    """Six digits that are not these."""
    return f"{(int(right) + 1) % 1_000_000:06}"
