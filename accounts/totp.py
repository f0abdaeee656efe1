"""Time-based codes (RFC 6238) and what an authenticator app scans; nothing here reads a clock or a row."""

import hmac
import io
import re
from datetime import datetime

import pyotp
import segno

ISSUER = "OGC NewFinity"
WINDOW_STEPS = 1
"""A clock that is wrong by half a minute, and the time it takes to type."""

_FILLING = re.compile(r"[\s-]+")
_CODE = re.compile(r"[0-9]{6}", re.ASCII)


def seed_new() -> str:
    """160 random bits in base32, as RFC 4226 recommends."""
    return pyotp.random_base32()


def code_plain(text: str) -> str | None:
    """The six digits of what somebody typed; None when it is no such code."""
    plain = _FILLING.sub("", text)
    return plain if _CODE.fullmatch(plain) else None


def matching_step(seed: str, code: str, *, at: datetime, after: int) -> int | None:
    """The time step around `at` whose code this is, of those later than `after`; None when there is none.

    All steps of the window are compared, each in constant time.
    """
    totp, found = pyotp.TOTP(seed), None
    now = totp.timecode(at)
    for step in range(now - WINDOW_STEPS, now + WINDOW_STEPS + 1):
        matches = hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())
        if matches and step > after:
            found = step
    return found


def otpauth_uri(seed: str, account: str) -> str:
    """What the app stores, as the key URI format of authenticator apps."""
    return pyotp.TOTP(seed).provisioning_uri(name=account, issuer_name=ISSUER)


def qr_svg(text: str) -> str:
    """The text as a QR code: an SVG element to put into a page, with its quiet zone."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgclass=None, lineclass=None, scale=4, omitsize=False
    )
    return out.getvalue().decode()
