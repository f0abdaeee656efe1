"""Step-ups: proving once more, within a session, that it is still the same person."""

from datetime import timedelta

from django.conf import settings

from accounts.constants import STEP_UP_SECONDS
from accounts.errors import StepUpRequired
from accounts.models import Session
from accounts.selectors import step_up_factors
from accounts.step_up import STEP_UP
from ogc import clock
from ogc.actors import Actor


def require_step_up(actor: Actor, action: str, *, amount: int | None = None) -> None:
    """Go on only when the caller's session has a step-up that is fresh enough for this action.

    Args:
        action: a row of `accounts.step_up.STEP_UP`.
        amount: base units (sum of 24 hours with this one), for rules that begin at an amount.

    Raises:
        StepUpRequired: `details.factors` lists with what it can be given.

    Effects: none; one query where the rule applies. The system itself and services have no session and
        need none.
    """
    rule = STEP_UP[action]
    if actor.kind != "user":
        return
    if rule.from_setting is not None and (amount or 0) < getattr(settings, rule.from_setting):
        return
    since = clock.now() - timedelta(seconds=STEP_UP_SECONDS)
    session = Session.objects.filter(public_id=actor.session_id or "", ended_at=None).first()
    if session is not None:
        if session.stepped_up_at is not None and session.stepped_up_at > since:
            return
        if rule.login_counts and session.created_at > since:
            return
    raise StepUpRequired(factors=step_up_factors(actor.user_id or ""))
