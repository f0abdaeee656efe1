"""Recovery codes: for the day when the other factors are lost. Stored as keyed hashes, each used once."""

import secrets

from accounts.constants import RECOVERY_CODE_ALPHABET, RECOVERY_CODE_GROUPS, RECOVERY_CODES_COUNT
from accounts.models import RecoveryCode, User
from accounts.rules import recovery_code_plain
from ogc import clock
from ogc.seal import sign, signature_matches

PURPOSE = "accounts.recovery-code"


def recovery_codes_replace(user: User) -> list[str]:
    """New codes for a user whose row the caller has locked; the old ones are void.

    Returns:
        The texts, such as "7K2M-Q9XD-4TBW"; they exist nowhere else.
    """
    recovery_codes_delete(user)
    texts = [_text() for _ in range(RECOVERY_CODES_COUNT)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, code_hash=sign(PURPOSE, user.public_id, recovery_code_plain(text)))
        for text in texts
    )
    return texts


def recovery_codes_delete(user: User) -> None:
    """Void all codes of a user."""
    RecoveryCode.objects.filter(user=user).delete()


def recovery_code_use(user: User, text: str) -> bool:
    """Use up the code, however it is written, by compare-and-set; False when it is none or was used."""
    plain = recovery_code_plain(text)
    for row in RecoveryCode.objects.filter(user=user, used_at=None).order_by("pk"):
        if signature_matches(PURPOSE, row.code_hash, user.public_id, plain):
            fresh = RecoveryCode.objects.filter(pk=row.pk, used_at=None)
            return bool(fresh.update(used_at=clock.now()))
    return False


def _text() -> str:
    count, length = RECOVERY_CODE_GROUPS
    groups = ("".join(secrets.choice(RECOVERY_CODE_ALPHABET) for _ in range(length)) for _ in range(count))
    return "-".join(groups)
