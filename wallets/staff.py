"""What waits for a second person, told to governance by the app when it is ready."""

from governance.ports import Executable, register_executable
from wallets.constants import ADJUST_ACTION, GRANT_ACTION, REVERSE_ACTION
from wallets.services import adjustments, grants, reversals


def register() -> None:
    """The moves by hand. Both parties of a reversal are its subjects: its service checks the approver."""
    register_executable(
        Executable(
            action=ADJUST_ACTION,
            scope=adjustments.SCOPE,
            execute=adjustments.adjustment_approved,
            subject=lambda payload: payload["user_id"],
        )
    )
    register_executable(
        Executable(
            action=GRANT_ACTION,
            scope=grants.SCOPE,
            execute=grants.grant_approved,
            subject=lambda payload: payload["user_id"],
        )
    )
    register_executable(
        Executable(action=REVERSE_ACTION, scope=reversals.SCOPE, execute=reversals.reversal_approved)
    )
