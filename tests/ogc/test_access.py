"""The question "may they?": what each outcome does, and ports that nobody fills."""

import pytest

from ogc import access
from ogc.access import Decision, Outcome
from ogc.actors import ANONYMOUS, SYSTEM, Actor
from ogc.checks import ports_are_filled
from ogc.errors import NotAuthenticated, PermissionDenied
from ogc.ports import Port, access_decide

USER = Actor(kind="user", user_id="u1", roles=frozenset({"user"}), scopes=frozenset({"self"}))


@pytest.fixture
def decide(monkeypatch):
    """Let the port answer with a given decision, and remember what it was asked."""

    def answer(decision):
        asked = []

        def implementation(**question):
            asked.append(question)
            return decision

        monkeypatch.setattr(access_decide, "_implementation", implementation)
        return asked

    return answer


@pytest.mark.parametrize("outcome", [Outcome.ALLOW, Outcome.REQUIRE_ESCALATION])
def test_a_caller_goes_on_and_sees_the_decision(decide, outcome):
    decision = Decision(outcome)
    asked = decide(decision)
    assert access.require(USER, "wallet.transfer", scope="self", write=False, resource={"a": 1}) is decision
    assert asked == [
        {"actor": USER, "action": "wallet.transfer", "scope": "self", "write": False, "resource": {"a": 1}}
    ]


@pytest.mark.parametrize("outcome", [Outcome.DENY, Outcome.READ_ONLY])
def test_a_refusal_names_scope_level_and_rule(decide, outcome):
    decide(Decision(outcome, level="policy", rule="freeze", explanation="Closed today.", scope="self"))
    with pytest.raises(PermissionDenied) as caught:
        access.require(USER, "wallet.transfer", scope="self")
    assert caught.value.text == "Closed today."
    assert caught.value.details == {"scope": "self", "level": "policy", "rule": "freeze"}


def test_nobody_is_asked_about_nobody(decide):
    asked = decide(Decision(Outcome.ALLOW))
    with pytest.raises(NotAuthenticated):
        access.require(ANONYMOUS, "wallet.transfer")
    assert asked == []


def test_callers_have_one_key_each():
    assert USER.key == "u1"
    assert Actor(kind="service", token_id="t1").key == "service:t1"
    assert (SYSTEM.key, ANONYMOUS.key) == ("system", "anonymous")


def test_the_system_may_everything_and_nobody_nothing():
    assert SYSTEM.has("anything.at.all")
    assert not ANONYMOUS.has("self")
    assert (USER.has("self"), USER.has("admin.read")) == (True, False)
    assert (USER.is_staff, Actor(kind="user", roles=frozenset({"finance"})).is_staff) == (False, True)
    assert (ANONYMOUS.is_authenticated, USER.is_authenticated) == (False, True)


def test_an_empty_port_stops_the_start_and_cannot_be_called(monkeypatch):
    monkeypatch.setattr(Port, "registry", {})
    port = Port("test.port")
    (problem,) = ports_are_filled(None)
    assert (problem.id, problem.msg) == ("ogc.E001", "The port test.port is empty.")
    with pytest.raises(RuntimeError, match=r"port test\.port is empty"):
        port()
    port.fill(lambda value: value + 1)
    assert ports_are_filled(None) == []
    assert port(1) == 2


def test_all_ports_of_the_platform_are_filled():
    assert ports_are_filled(None) == []
    assert {"audit.record", "access.decide"} <= set(Port.registry)
