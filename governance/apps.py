"""Django configuration of the governance app."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class GovernanceConfig(AppConfig):
    """Registers what governance brings to the platform."""

    name = "governance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Fill the ports, join the reader, connect consumers, register targets and executables."""
        from accounts import ports as accounts_ports
        from accounts.ports import register_personal_sections
        from governance import decisions, personal, ports, receivers, selectors
        from governance.services import audit_personal_erase, audit_record
        from governance.services.roles import role_obligations, super_admin_left_require
        from ogc import ports as ogc_ports
        from ogc import reader

        ogc_ports.audit_record.fill(audit_record)
        ogc_ports.access_decide.fill(decisions.decide)
        accounts_ports.role_scopes.fill(selectors.role_scopes)
        accounts_ports.require_super_admin_left.fill(super_admin_left_require)
        accounts_ports.personal_erase.fill(audit_personal_erase)
        accounts_ports.register_closing(accounts_ports.Closing(app=self.name, obligations=role_obligations))
        reader.register_source("governance", decisions.load)
        ports.register_moderation_target(ports.ModerationTarget("user", selectors.user_exists))
        assert receivers
        post_migrate.connect(_sync_access, sender=self, dispatch_uid="governance.sync_access")
        register_personal_sections(*personal.SECTIONS)


def _sync_access(**kwargs: Any) -> None:
    """After `migrate`: groups and permissions follow the matrix."""
    from governance.services import access_sync

    access_sync()
