"""Django configuration of the challenges app."""

from django.apps import AppConfig


class ChallengesConfig(AppConfig):
    """Registers what challenges brings to the platform."""

    name = "challenges"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the consumers and tell the sweeper which rows stand for work."""
        from accounts import ports as accounts_ports
        from accounts.ports import register_personal_sections
        from challenges import jobs, personal, receivers, selectors  # noqa: F401
        from challenges.selectors.standing import public_achievements
        from challenges.services import distribution
        from challenges.services.closing import challenge_obligations
        from challenges.services.escrow_check import escrows_check
        from governance.ports import (
            Executable,
            ModerationTarget,
            register_executable,
            register_moderation_target,
        )
        from ogc.jobs import Sweep, register_sweep
        from wallets import ports as wallets_ports
        from wallets.services.reconciliation import register_check

        accounts_ports.public_achievements.fill(public_achievements)
        wallets_ports.challenge_titles.fill(selectors.challenge_titles)
        accounts_ports.register_closing(
            accounts_ports.Closing(app=self.name, obligations=challenge_obligations)
        )
        register_sweep(
            Sweep(
                name="challenges.advance",
                due=selectors.challenges_due,
                job=jobs.challenge_advance_due,
                next_due=selectors.next_move_at,
            )
        )
        register_sweep(
            Sweep(
                name="challenges.distribution",
                due=distribution.distributions_due,
                job=jobs.distribution_continue,
                key=distribution.distribution_job_key,
            )
        )
        register_executable(
            Executable(
                action=distribution.DISTRIBUTE_ACTION,
                scope="challenge.write",
                execute=distribution.distribution_approved,
            )
        )
        register_moderation_target(ModerationTarget("challenge", selectors.challenge_is_public))
        register_moderation_target(ModerationTarget("submission", selectors.submission_is_public))
        register_personal_sections(*personal.SECTIONS)
        register_check("escrows_hold_what_is_awaited", escrows_check)
