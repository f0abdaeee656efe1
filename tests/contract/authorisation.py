"""Who may call what, by hand from api.md: one row for each method and path, below /api/v1/ or at the root.

A row is what one of the caller's scopes must be (several: one is enough), `PUBLIC`, or `SELF` (any signed-in
user). The test compares these rows with the declarations and with what the platform answers.
"""

PUBLIC = ("public",)
SELF = ("self",)
STAFF = ("admin.read",)
REVIEW = ("submission.review",)
CHALLENGES = ("challenge.write",)
BADGES = ("badge.write",)
POLICIES = ("policy.write",)
ROLES = ("role.write",)
AUDIT = ("audit.read",)
USERS = ("users.write", "moderation.write")
SENDING = ("notification.send",)
WITHDRAWALS = ("wallet.approve",)

ROWS: dict[str, tuple[str, ...]] = {
    # Platform
    "GET healthz": PUBLIC,
    "GET readyz": PUBLIC,
    "GET metrics": PUBLIC,
    "GET .well-known/jwks.json": PUBLIC,
    # Auth
    "POST auth/register": PUBLIC,
    "POST auth/verify-email": PUBLIC,
    "POST auth/resend-verification": PUBLIC,
    "POST auth/login": PUBLIC,
    "POST auth/refresh": PUBLIC,
    "POST auth/logout": SELF,
    "POST auth/logout-all": SELF,
    "GET auth/passkeys": SELF,
    "POST auth/passkeys": SELF,
    "POST auth/passkeys/options": SELF,
    "POST auth/passkeys/login": PUBLIC,
    "POST auth/passkeys/login/options": PUBLIC,
    "DELETE auth/passkeys/{passkey_id}": SELF,
    "GET auth/me": SELF,
    "GET auth/verify": SELF,
    "GET auth/activity": SELF,
    "POST auth/activity/{activity_id}/deny": SELF,
    "GET auth/sessions": SELF,
    "DELETE auth/sessions/{session_id}": SELF,
    "POST auth/2fa/setup": SELF,
    "POST auth/2fa/confirm": SELF,
    "POST auth/2fa/disable": SELF,
    "POST auth/2fa/recovery-codes": SELF,
    "POST auth/2fa/verify": PUBLIC,
    "POST auth/step-up": SELF,
    # Users
    "GET users/me": SELF,
    "PATCH users/me": SELF,
    "DELETE users/me": SELF,
    "GET users/{user_id}": PUBLIC,
    "GET users/{user_id}/avatar": PUBLIC,
    "GET admin/users": STAFF,
    "GET admin/users/{user_id}": STAFF,
    "POST admin/users/{user_id}/suspend": USERS,
    "POST admin/users/{user_id}/reinstate": USERS,
    "POST admin/users/{user_id}/logout": ("users.write",),
    "POST admin/users/{user_id}/roles": ROLES,
    "DELETE admin/users/{user_id}/roles": ROLES,
    # Governance
    "POST governance/check": SELF,
    "GET governance/flags": SELF,
    "PUT governance/flags/{name}": ("flag.write",),
    "GET governance/roles": STAFF,
    "POST governance/reports": SELF,
    "GET governance/reports/mine": SELF,
    "GET governance/proposals": SELF,
    "GET governance/proposals/{proposal_id}": SELF,
    "GET governance/policies": POLICIES,
    "POST governance/policies": POLICIES,
    "GET governance/policies/schema": POLICIES,
    "GET governance/policies/{policy_id}": POLICIES,
    "PUT governance/policies/{policy_id}": POLICIES,
    "GET admin/approvals": STAFF,
    "POST admin/approvals/{approval_id}/approve": STAFF,
    "POST admin/approvals/{approval_id}/reject": STAFF,
    "GET admin/audit": AUDIT,
    "GET admin/audit/verify": AUDIT,
    # Wallet
    "GET wallet": SELF,
    "POST wallet/link-nonce": SELF,
    "POST wallet/link-address": SELF,
    "DELETE wallet/link-address": SELF,
    "POST wallet/transfer": SELF,
    "GET wallet/transactions": SELF,
    "GET wallet/transactions/{transaction_id}": SELF,
    "POST wallet/withdrawals/{withdrawal_id}/cancel": SELF,
    "GET admin/withdrawals": WITHDRAWALS,
    "POST admin/withdrawals/stop": WITHDRAWALS,
    "POST admin/withdrawals/resume": WITHDRAWALS,
    "POST admin/withdrawals/{withdrawal_id}/approve": WITHDRAWALS,
    "POST admin/withdrawals/{withdrawal_id}/reject": WITHDRAWALS,
    # Challenges
    "GET challenges": PUBLIC,
    "POST challenges": CHALLENGES,
    "GET challenges/categories": PUBLIC,
    "GET challenges/judging": ("submission.judge",),
    "GET challenges/{key}": PUBLIC,
    "PATCH challenges/{key}": CHALLENGES,
    "DELETE challenges/{key}": CHALLENGES,
    "GET challenges/{key}/timeline": PUBLIC,
    "POST challenges/{key}/enter": SELF,
    "DELETE challenges/{key}/enter": SELF,
    "GET challenges/{key}/submissions": PUBLIC,
    "GET challenges/{key}/leaderboard": PUBLIC,
    "GET challenges/{key}/results": PUBLIC,
    "POST challenges/{key}/publish": CHALLENGES,
    "POST challenges/{key}/open": CHALLENGES,
    "POST challenges/{key}/close": CHALLENGES,
    "POST challenges/{key}/cancel": CHALLENGES,
    "POST challenges/{key}/archive": CHALLENGES,
    "POST challenges/{key}/judges": CHALLENGES,
    "POST challenges/{key}/finalize": CHALLENGES,
    "POST challenges/{key}/reopen": CHALLENGES,
    "POST challenges/{key}/distribute": CHALLENGES,
    "POST challenges/{key}/assign-badges": CHALLENGES,
    "POST admin/challenges": CHALLENGES,
    # Submissions
    "POST submissions": SELF,
    "GET submissions/mine": SELF,
    "GET submissions/pending": REVIEW,
    "GET submissions/{submission_id}": SELF,
    "PATCH submissions/{submission_id}": SELF,
    "POST submissions/{submission_id}/withdraw": SELF,
    "POST submissions/{submission_id}/vote": SELF,
    "DELETE submissions/{submission_id}/vote": SELF,
    "PUT submissions/{submission_id}/score": ("submission.judge",),
    "POST submissions/{submission_id}/approve": REVIEW,
    "POST submissions/{submission_id}/reject": REVIEW,
    # Standing
    "GET badges": PUBLIC,
    "GET badges/mine": SELF,
    "GET contributions": SELF,
    "GET contributions/stats": SELF,
    # Notifications
    "GET notifications": SELF,
    "POST notifications/read-all": SELF,
    "GET notifications/unread-count": SELF,
    "GET notifications/preferences": SELF,
    "PUT notifications/preferences": SELF,
    "GET notifications/channels": SELF,
    "POST notifications/stream-ticket": SELF,
    "GET notifications/stream": PUBLIC,
    "POST notifications/{notification_id}/read": SELF,
    "GET notifications/deliveries": SENDING,
    "POST notifications/deliveries/{delivery_id}/resend": SENDING,
    # Analytics (ingest asks for a login itself, unless ANALYTICS_ANONYMOUS)
    "POST analytics/events/ingest": PUBLIC,
    "GET analytics/metrics": ("analytics.read",),
}
