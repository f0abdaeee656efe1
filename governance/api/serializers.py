"""Shapes of governance calls: what comes in, and for the document what goes out."""

from typing import Any

from rest_framework import serializers

from governance.access_matrix import MATRIX
from governance.constants import (
    ACTION_LENGTH,
    FLAG_LIST_LENGTH,
    NAME_LENGTH,
    REASON_LENGTH,
    TARGET_ID_LENGTH,
    TARGET_TYPE_LENGTH,
    TEXT_LENGTH,
    ApprovalStatus,
    IncidentStatus,
    Level,
    ProposalCategory,
    ProposalStatus,
    ReportReason,
    Severity,
)
from ogc.access import Outcome
from ogc.api.fields import Bool, Choice, Instant, Int, JsonObject, ListOf, PublicId, Text
from ogc.api.numbered import NumberedQuery
from ogc.api.serializers import OutSerializer, PageOut, PeriodQuery, StrictSerializer

_LARGE = 2_147_483_647


class CheckIn(StrictSerializer):
    action = Text(
        max_length=ACTION_LENGTH,
        pattern=r"[A-Za-z][A-Za-z0-9_.-]*",
        help_text='Of a service ("wallet.transfer"), an endpoint, or a scope.',
    )
    resource = JsonObject(required=False, help_text="What the action is about; for rules that look at it.")


class DecisionOut(OutSerializer):
    decision = serializers.ChoiceField(list(Outcome))
    rule = serializers.CharField(allow_null=True, help_text="level:rule that decided.")
    explanation = serializers.CharField()


class RoleOut(OutSerializer):
    role = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    staff = serializers.BooleanField()
    assignable = serializers.BooleanField()


class RolesOut(OutSerializer):
    roles = RoleOut(many=True)
    scopes = serializers.DictField(child=serializers.CharField(), help_text="Scope → what it allows.")


class RoleIn(StrictSerializer):
    role = Choice([name for name, role in MATRIX.items() if role.assignable])
    reason = Text(max_length=REASON_LENGTH, min_length=0, required=False, default="")


class UserRolesOut(OutSerializer):
    user_id = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())


class FlagOut(OutSerializer):
    name = serializers.CharField()
    on = serializers.BooleanField(help_text="For the caller.")
    description = serializers.CharField(required=False, help_text="This and the rest: with flag.write.")
    version = serializers.IntegerField(required=False)
    enabled = serializers.BooleanField(required=False)
    roles = serializers.ListField(child=serializers.CharField(), required=False)
    plans = serializers.ListField(child=serializers.CharField(), required=False)
    user_ids = serializers.ListField(child=serializers.CharField(), required=False)
    percentage = serializers.IntegerField(allow_null=True, required=False)


class FlagsOut(PageOut):
    results = FlagOut(many=True, help_text="By name.")


class FlagIn(StrictSerializer):
    version = Int(minimum=1, maximum=_LARGE)
    enabled = Bool()
    roles = ListOf(child=Choice(list(MATRIX)), max_length=len(MATRIX), required=False, default=list)
    plans = ListOf(child=Text(max_length=NAME_LENGTH), max_length=100, required=False, default=list)
    user_ids = ListOf(child=PublicId(), max_length=FLAG_LIST_LENGTH, required=False, default=list)
    percentage = Int(minimum=0, maximum=100, required=False, allow_null=True, default=None)


class PolicyIn(StrictSerializer):
    level = Choice(Level.values)
    name = Text(max_length=NAME_LENGTH, pattern="[a-z][a-z0-9_-]*")
    document = JsonObject(max_items=5_000)
    enabled = Bool(required=False, default=True)
    reason = Text(max_length=REASON_LENGTH, min_length=0, required=False, default="")


class PolicyChangeIn(PolicyIn):
    version = Int(minimum=1, maximum=_LARGE)


class PolicyOut(OutSerializer):
    id = serializers.CharField()
    name = serializers.CharField()
    level = serializers.ChoiceField(Level.choices)
    version = serializers.IntegerField()
    enabled = serializers.BooleanField()
    document = serializers.DictField()
    created_at = Instant()
    updated_at = Instant()


class PolicyPageOut(PageOut):
    results = PolicyOut(many=True, help_text="Newest first: -created_at, then id.")


class PolicyVersionOut(OutSerializer):
    version = serializers.IntegerField()
    level = serializers.ChoiceField(Level.choices)
    enabled = serializers.BooleanField()
    document = serializers.DictField()
    author = serializers.CharField()
    reason = serializers.CharField()
    created_at = Instant()


class PolicyDetailOut(PolicyOut):
    versions = PolicyVersionOut(many=True, help_text="Newest first, at most 100.")


class PolicySchemaOut(OutSerializer):
    levels = serializers.DictField(help_text="Level → JSON Schema of its documents.")


class ApprovalQuery(StrictSerializer):
    status = Choice(ApprovalStatus.values, required=False)


class ReasonIn(StrictSerializer):
    reason = Text(max_length=REASON_LENGTH, min_length=0, required=False, default="")


class ApprovalOut(OutSerializer):
    id = serializers.CharField()
    action = serializers.CharField()
    scope = serializers.CharField()
    payload = serializers.DictField()
    payload_hash = serializers.CharField()
    reason = serializers.CharField()
    status = serializers.ChoiceField(ApprovalStatus.choices)
    requester = serializers.CharField(help_text="User id.")
    created_at = Instant()
    expires_at = Instant()
    decided_by = serializers.CharField(allow_null=True, help_text="User id.")
    decided_at = Instant(allow_null=True)
    decision_reason = serializers.CharField()
    result = serializers.DictField(allow_null=True)


class ApprovalPageOut(PageOut):
    results = ApprovalOut(many=True, help_text="Newest first: -created_at, then id.")


class AuditQuery(PeriodQuery, NumberedQuery):
    """`action` "users.*" takes all below."""

    actor = Text(max_length=TARGET_ID_LENGTH, required=False)
    action = Text(max_length=ACTION_LENGTH, required=False)
    target = Text(max_length=TARGET_ID_LENGTH, required=False)
    severity = Choice(Severity.values, required=False)


class AuditActorOut(OutSerializer):
    kind = serializers.CharField()
    id = serializers.CharField()


class AuditTargetOut(OutSerializer):
    type = serializers.CharField()
    id = serializers.CharField()


class AuditRecordOut(OutSerializer):
    id = serializers.CharField()
    created_at = Instant()
    severity = serializers.ChoiceField(Severity.choices)
    action = serializers.CharField()
    actor = AuditActorOut()
    target = AuditTargetOut()
    reason = serializers.CharField()
    before = serializers.DictField(allow_null=True)
    after = serializers.DictField(allow_null=True)
    request_id = serializers.CharField()
    correlation_id = serializers.CharField()
    ip = serializers.CharField(allow_null=True, help_text="Null: unknown or erased.")
    user_agent = serializers.CharField(allow_null=True, help_text="Null: unknown or erased.")
    hash = serializers.CharField()
    seal = serializers.IntegerField(allow_null=True, help_text="Position in the chain; null: not sealed yet.")


class AuditPageOut(PageOut):
    count = serializers.IntegerField()
    results = AuditRecordOut(many=True, help_text="Newest first: -created_at, then id.")


class AuditCheckOut(OutSerializer):
    name = serializers.CharField()
    status = serializers.ChoiceField(["ok", "wrong", "unknown"])
    detail = serializers.CharField()


class AuditVerificationOut(OutSerializer):
    ok = serializers.BooleanField()
    checks = AuditCheckOut(many=True)


class ReportIn(StrictSerializer):
    target_type = Text(max_length=TARGET_TYPE_LENGTH)
    target_id = Text(max_length=TARGET_ID_LENGTH)
    reason = Choice(ReportReason.values)
    text = Text(max_length=TEXT_LENGTH, min_length=0, multiline=True, required=False, default="")


class ReportOut(OutSerializer):
    id = serializers.CharField()
    target_type = serializers.CharField()
    target_id = serializers.CharField()
    reason = serializers.ChoiceField(ReportReason.choices)
    text = serializers.CharField()
    status = serializers.ChoiceField(IncidentStatus.choices, help_text="Of the incident.")
    created_at = Instant()


class ReportPageOut(PageOut):
    results = ReportOut(many=True, help_text="Newest first: -created_at, then id.")


class ProposalQuery(StrictSerializer):
    status = Choice(ProposalStatus.values, required=False)


class ProposalOut(OutSerializer):
    id = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    category = serializers.ChoiceField(ProposalCategory.choices)
    author = serializers.CharField(help_text="User id.")
    status = serializers.ChoiceField(ProposalStatus.choices)
    voting_days = serializers.IntegerField()
    voting_starts_at = Instant(allow_null=True)
    voting_ends_at = Instant(allow_null=True)
    created_at = Instant()


class ProposalPageOut(PageOut):
    results = ProposalOut(many=True, help_text="Newest first: -created_at, then id.")


def filters_of(query: dict[str, Any]) -> dict[str, Any]:
    """Filters of the audit list under the names that the selector takes."""
    return {
        "created_from": query.get("from"),
        "created_to": query.get("to"),
        **{name: query.get(name) for name in ("actor", "action", "target", "severity")},
    }
