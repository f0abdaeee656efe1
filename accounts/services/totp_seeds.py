"""The seeds of authenticator apps: sealed for their user, and each time step used once."""

from accounts import totp
from accounts.models import TotpDevice, User
from ogc import clock
from ogc.seal import seal, unseal

PURPOSE = "accounts.totp-seed"


def seed_seal(user: User, seed: str) -> bytes:
    """The seed as it is stored; it opens for this user only."""
    return seal(PURPOSE, seed.encode(), user.public_id.encode())


def totp_code_use(user: User, digits: str) -> bool:
    """Use up the step that a code belongs to. False: wrong code, used step, or no app that is on."""
    device = TotpDevice.objects.filter(user=user, confirmed_at__isnull=False).first()
    return device is not None and step_take(user, device, digits)


def step_take(user: User, device: TotpDevice, digits: str) -> bool:
    """Compare-and-set on the newest used step: of two that send one code, one gets it. Real time."""
    seed = unseal(PURPOSE, bytes(device.seed_sealed), user.public_id.encode()).decode()
    step = totp.matching_step(seed, digits, at=clock.real_now(), after=device.last_step)
    if step is None:
        return False
    return bool(TotpDevice.objects.filter(pk=device.pk, last_step__lt=step).update(last_step=step))
