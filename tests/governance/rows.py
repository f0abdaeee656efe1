"""One row of each append-only table."""

from typing import Any

from governance.models import AuditRecord, AuditSeal, Policy, PolicyVersion, Proposal, ProposalVote
from governance.services import audit_record, audit_seal
from ogc.actors import SYSTEM
from tests.factories.accounts import UserFactory


def any_row(model: type[Any]) -> Any:
    """A row of `model` with whatever it needs."""
    if model in (AuditRecord, AuditSeal):
        audit_record(actor=SYSTEM, action="tests.did")
        audit_seal()
        return model.objects.latest("pk")
    if model is PolicyVersion:
        policy = Policy.objects.create(name="p", level="global", document={"rules": []})
        return PolicyVersion.objects.create(
            policy=policy, version=1, level="global", is_enabled=True, document={}, author="x"
        )
    author = UserFactory()
    proposal = Proposal.objects.create(
        author=author, title="t", description="d", category="other", voting_days=3
    )
    return ProposalVote.objects.create(proposal=proposal, voter=author, choice="yes", stake=1, weight=1)
