"""Sealing stored secrets anew, so that an old key of SECRETS_KEYS can be dropped."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from accounts import signing_keys
from accounts.models import SigningKey, TotpDevice
from accounts.services import totp_seeds
from ogc.actors import SYSTEM
from ogc.db.transactions import transactional
from ogc.ports import audit_record
from ogc.seal import SealBroken, reseal

CHUNK_ROWS = 500


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many rows one chunk looked at, how many it sealed anew, and how many open under no key."""

    name: str
    seen: int
    changed: int
    broken: int


def secrets_reseal(*, dry_run: bool = False) -> Iterator[Resealed]:
    """Seal under the newest key what is sealed under an older one: seeds, and the key that signs.

    What has no life beyond a day (mail requests) and what is only compared (recovery codes) is left.

    Idempotency: what is under the newest key is left alone; a run that was cut off is run again.
    Effects: each chunk commits by itself; one audit record at the end when something was changed.
    """
    changed = 0
    for result in _chunks(dry_run):
        changed += result.changed
        yield result
    if changed and not dry_run:
        _record(changed)


def _chunks(dry_run: bool) -> Iterator[Resealed]:
    last_pk = 0
    while rows := _seeds_after(last_pk):
        yield _seeds_chunk(rows, dry_run)
        last_pk = rows[-1][0]
    yield _signing_key(dry_run)


def _seeds_after(pk: int) -> list[tuple[int, bytes, bytes]]:
    devices = TotpDevice.objects.filter(pk__gt=pk).order_by("pk")
    rows = devices.values_list("pk", "seed_sealed", "user__public_id")[:CHUNK_ROWS]
    return [(pk, bytes(sealed), user_id.encode()) for pk, sealed, user_id in rows]


@transactional
def _seeds_chunk(rows: list[tuple[int, bytes, bytes]], dry_run: bool) -> Resealed:
    def save(pk: int, old: bytes, new: bytes) -> int:
        return TotpDevice.objects.filter(pk=pk, seed_sealed=old).update(seed_sealed=new)

    return _reseal("authenticator seeds", totp_seeds.PURPOSE, rows, None if dry_run else save)


@transactional
def _signing_key(dry_run: bool) -> Resealed:
    def save(pk: int, old: bytes, new: bytes) -> int:
        return SigningKey.objects.filter(pk=pk, private_sealed=old).update(private_sealed=new)

    keys = SigningKey.objects.filter(signing_slot__isnull=False)
    items = [(key.pk, bytes(key.private_sealed), key.kid.encode()) for key in keys]
    return _reseal("signing keys", signing_keys.SEAL_PURPOSE, items, None if dry_run else save)


def _reseal(
    name: str,
    purpose: str,
    items: list[tuple[int, bytes, bytes]],
    save: Callable[[int, bytes, bytes], int] | None,
) -> Resealed:
    """`save` is a compare-and-set on the old bytes; None only counts."""
    changed = broken = 0
    for pk, sealed, context in items:
        try:
            renewed = reseal(purpose, sealed, context)
        except SealBroken:
            broken += 1
            continue
        if renewed is not None:
            changed += save(pk, sealed, renewed) if save else 1
    return Resealed(name, len(items), changed, broken)


@transactional
def _record(changed: int) -> None:
    audit_record(
        actor=SYSTEM,
        action="secrets.resealed",
        target_type="settings",
        target_id="SECRETS_KEYS",
        severity="warning",
        after={"rows": changed},
    )
