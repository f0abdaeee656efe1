"""What waits for a second person, told to governance by the app when it is ready."""

from governance.ports import Executable, register_executable
from wallets.services.adjustments import ADJUSTMENT
from wallets.services.grants import GRANT
from wallets.services.reversals import REVERSAL


def register() -> None:
    """The moves by hand. Both parties of a reversal are its subjects: its service checks the approver."""
    for move in (ADJUSTMENT, GRANT, REVERSAL):
        executable = Executable(
            action=move.action,
            scope=move.scope,
            execute=move.approved,
            subject=lambda payload: payload.get("user_id"),
        )
        register_executable(executable)
