"""Which action, from which amount on, needs a fresh proof that it is still the person who logged in."""

from dataclasses import dataclass

WITHDRAW = "wallet.withdraw"
ASSIGN_ROLE = "roles.assign"
APPROVE = "approvals.approve"
APPROVE_WITHDRAWAL = "wallet.approve_withdrawal"
TWO_FACTOR_OFF = "auth.two_factor_off"
ADD_FACTOR = "auth.add_factor"
NEW_RECOVERY_CODES = "auth.new_recovery_codes"
LINK_ADDRESS = "wallet.link_address"
REMOVE_FACTOR = "auth.remove_factor"


@dataclass(frozen=True, slots=True)
class StepUpRule:
    """`from_setting` names the setting with the amount (base units, sum of 24 hours) from which it applies;
    None: always. `login_counts`: a login not older than a step-up may be is enough."""

    from_setting: str | None = None
    login_counts: bool = False


STEP_UP: dict[str, StepUpRule] = {
    WITHDRAW: StepUpRule(from_setting="STEP_UP_WITHDRAWAL_FROM"),
    ASSIGN_ROLE: StepUpRule(),
    APPROVE: StepUpRule(),
    APPROVE_WITHDRAWAL: StepUpRule(),
    TWO_FACTOR_OFF: StepUpRule(),
    ADD_FACTOR: StepUpRule(login_counts=True),
    NEW_RECOVERY_CODES: StepUpRule(),
    LINK_ADDRESS: StepUpRule(login_counts=True),
    REMOVE_FACTOR: StepUpRule(login_counts=True),
}
