"""A decision is the strictest answer of all levels, costs no query, and explains itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance import decisions
from governance.constants import Level
from governance.models import PolicyVersion
from governance.policy_schema import check_document
from governance.rules import Objection, flag_bucket, flag_is_on, strictest
from governance.services import policy_write
from ogc import access
from ogc.access import Outcome
from ogc.actors import SYSTEM, Actor
from ogc.errors import NotAuthenticated, PermissionDenied, ValidationFailed, VersionConflict
from tests.factories.governance import actor_with, flag, policy, rule

ORDER = [Outcome.ALLOW, Outcome.REQUIRE_ESCALATION, Outcome.READ_ONLY, Outcome.DENY]
objections = st.lists(
    st.builds(
        Objection,
        outcome=st.sampled_from(ORDER[1:]),
        level=st.sampled_from(Level.values),
        rule=st.text("abc", min_size=1, max_size=3),
        explanation=st.just("Because."),
    ),
    max_size=8,
)


def decide(actor=None, action="wallet.transfer", scope="self", write=True):
    return decisions.decide(actor=actor or actor_with(), action=action, scope=scope, write=write)


@given(objections)
def test_of_all_answers_the_strictest_wins_for_writes(found):
    decision = strictest(found, write=True)
    assert decision.outcome == max((one.outcome for one in found), key=ORDER.index, default=Outcome.ALLOW)
    if found:
        first = next(one for one in found if one.outcome == decision.outcome)
        assert (decision.level, decision.rule) == (first.level, first.rule)


@given(objections, objections, st.booleans())
def test_one_more_objection_never_opens_anything(found, more, write):
    def is_open(decision):
        allowed = {Outcome.ALLOW} if write else {Outcome.ALLOW, Outcome.READ_ONLY}
        return decision.outcome in allowed

    if not is_open(strictest(found, write=write)):
        assert not is_open(strictest(found + more, write=write))


def test_the_scope_is_always_required():
    decision = decide(scope="challenge.write")
    assert (decision.outcome, decision.level, decision.scope) == (Outcome.DENY, "scope", "challenge.write")
    assert decision.explanation == "This needs the scope challenge.write."


def test_nothing_objects_without_policies():
    assert decide() == access.ALLOWED


@pytest.mark.django_db
def test_a_decision_names_level_policy_and_rule_and_costs_no_query(django_assert_num_queries):
    policy("module", rule("deny", "wallet.*"), name="closed-wallets")
    with django_assert_num_queries(0):
        decision = decide()
    assert (decision.outcome, decision.level) == (Outcome.DENY, "module")
    assert (decision.rule, decision.explanation) == ("closed-wallets/rule-0", "Because.")
    assert decide(action="challenge.enter") == access.ALLOWED


@pytest.mark.django_db
def test_a_policy_never_gives_what_the_scope_refuses():
    policy("global", rule("require_escalation", "*"))
    assert decide(scope="policy.write").level == "scope"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "pattern, level, covered",
    [
        ("*", "global", True),
        ("wallet.*", "module", True),
        ("wallets.*", "module", False),
        ("wallet.transfer", "action", True),
        ("wallet.transfers", "action", False),
    ],
)
def test_patterns_cover_whole_names(pattern, level, covered):
    policy(level, rule("deny", pattern))
    assert (decide().outcome is Outcome.DENY) == covered


@pytest.mark.django_db
def test_rules_look_at_roles_plans_and_people():
    alice = actor_with()
    policy(
        "account",
        rule("deny", "wallet.transfer", when={"roles": ["moderator"]}),
        rule("require_escalation", "wallet.transfer", when={"user_ids": [alice.user_id]}),
    )
    policy("plan", rule("read_only", "wallet.stake", when={"plans": ["free"]}), name="plans")
    assert decide(actor_with("moderator")).outcome is Outcome.DENY
    assert decide(alice).outcome is Outcome.REQUIRE_ESCALATION
    assert decide().outcome is Outcome.ALLOW
    assert decide(action="wallet.stake").outcome is Outcome.READ_ONLY
    assert decide(actor_with(plan="pro"), action="wallet.stake").outcome is Outcome.ALLOW


@pytest.mark.django_db
def test_a_flag_rule_restricts_those_for_whom_the_flag_is_off():
    flag("staking", plans=["pro"])
    policy("flag", rule("deny", "wallet.stake", flag="staking"))
    assert decide(action="wallet.stake").outcome is Outcome.DENY
    assert decide(actor_with(plan="pro"), action="wallet.stake").outcome is Outcome.ALLOW


@pytest.mark.django_db
def test_read_only_lets_reads_pass_and_refuses_writes():
    policy("platform", rule("read_only", "*", unless={"roles": ["super_admin"]}))
    caller = actor_with()
    assert access.require(caller, "wallet.read", scope="self", write=False).outcome is Outcome.READ_ONLY
    with pytest.raises(PermissionDenied) as refused:
        access.require(caller, "wallet.transfer", scope="self")
    assert refused.value.details == {"level": "platform", "rule": "policy/rule-0"}
    assert access.require(actor_with("super_admin"), "wallet.transfer", scope="self") == access.ALLOWED


@pytest.mark.django_db
def test_jobs_of_the_system_are_not_stopped_by_policies():
    policy("global", rule("deny", "*"))
    assert decide(SYSTEM, scope="tx.system") == access.ALLOWED


def test_nobody_is_asked_to_sign_in_first():
    with pytest.raises(NotAuthenticated):
        access.require(Actor(), "wallet.transfer", scope="self")


@pytest.mark.django_db
def test_the_next_read_replaces_what_the_process_knows():
    written = policy("global", rule("deny", "*"))
    policy_write(
        actor=SYSTEM,
        policy_id=written.public_id,
        version=1,
        name="policy",
        level="global",
        document=written.document,
        is_enabled=False,
    )
    assert decide().outcome is Outcome.DENY
    decisions.load()
    assert decide().outcome is Outcome.ALLOW
    assert list(PolicyVersion.objects.values_list("version", "is_enabled")) == [(2, False), (1, True)]


@pytest.mark.django_db
def test_a_policy_is_changed_only_from_its_current_version():
    written = policy("global", rule("deny", "*"))
    with pytest.raises(VersionConflict):
        policy_write(
            actor=SYSTEM,
            policy_id=written.public_id,
            version=7,
            name="policy",
            level="global",
            document=written.document,
        )
    assert PolicyVersion.objects.count() == 1


@pytest.mark.parametrize(
    "level, document",
    [
        ("global", {}),
        ("global", {"rules": []}),
        ("global", {"rules": [rule("allow", "*")]}),
        ("global", {"rules": [rule("deny")]}),
        ("global", {"rules": [rule("deny", "*", then="more")]}),
        ("global", {"rules": [rule("deny", "*"), rule("deny", "a.b")]}),
        ("global", {"rules": [rule("deny", "wallet transfer")]}),
        ("module", {"rules": [rule("deny", "wallet.transfer")]}),
        ("action", {"rules": [rule("deny", "wallet.*")]}),
        ("plan", {"rules": [rule("deny", "*")]}),
        ("account", {"rules": [rule("deny", "*")]}),
        ("flag", {"rules": [rule("deny", "*")]}),
        ("planet", {"rules": [rule("deny", "*")]}),
        ("global", []),
    ],
)
def test_a_document_that_its_level_does_not_allow_is_refused(level, document):
    with pytest.raises(ValidationFailed) as refused:
        check_document(level, document)
    assert refused.value.details


@given(st.text(min_size=1, max_size=20), st.integers(0, 99))
def test_a_percentage_is_stable_and_only_grows(user_id, percentage):
    def on(of):
        return flag_is_on(
            "x",
            enabled=True,
            roles=frozenset(),
            plans=frozenset(),
            user_ids=frozenset(),
            percentage=of,
            actor_id=user_id,
            actor_roles=frozenset(),
            actor_plan="free",
        )

    assert on(percentage) == on(percentage)
    assert on(percentage + 1) or not on(percentage)
    assert on(100)
    assert not on(0)


def test_a_percentage_takes_about_that_part_of_the_people():
    inside = sum(flag_bucket("x", str(number)) < 1_000 for number in range(10_000))
    assert 850 < inside < 1_150
