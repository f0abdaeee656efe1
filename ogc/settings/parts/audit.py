"""Which models django-auditlog follows, field by field, and how it masks.

Critical actions write records of their own (`governance.services.audit_record`); this is the log of plain
changes. Rows written by `update` and `bulk_create` are not seen by it.
"""

from typing import Any

AUDITLOG_INCLUDE_TRACKING_MODELS: list[dict[str, Any]] = [
    {
        "model": "accounts.User",
        "include_fields": [
            "status",
            "suspended_until",
            "email_verified_at",
            "terms_version",
            "plan",
            "is_staff",
            "is_superuser",
            "two_factor",
            "password",
        ],
        "mask_fields": ["password"],
    },
    {"model": "accounts.Plan"},
    {"model": "accounts.Subscription", "mask_fields": ["provider_ref"]},
    {"model": "governance.Policy"},
    {"model": "governance.FeatureFlag"},
]
AUDITLOG_MASK_CALLABLE = "governance.middleware.full_mask"
AUDITLOG_CID_GETTER = "governance.middleware.correlation_id"
AUDITLOG_DISABLE_ON_RAW_SAVE = True
