"""Domain errors: codes, kinds, and what survives being sent to another process."""

import pickle

import pytest
from rest_framework import serializers

from ogc import errors
from ogc.api.errors import STATUS, as_domain_error, flatten, render_error
from ogc.errors import DomainError, ErrorKind


def test_each_kind_has_its_status():
    assert set(STATUS) == set(ErrorKind)
    assert sorted(STATUS.values()) == [400, 401, 402, 403, 404, 405, 409, 413, 415, 422, 429, 503]


def test_details_and_message_are_kept_through_a_pickle():
    error = errors.PermissionDenied("Not you.", scope="audit.read")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.code, again.text, again.details) == (
        errors.PermissionDenied,
        "PERMISSION_DENIED",
        "Not you.",
        {"scope": "audit.read"},
    )
    failed = errors.ValidationFailed({"a": [("short", "Too short.")]})
    assert pickle.loads(pickle.dumps(failed)).details == {"a": [{"code": "short", "message": "Too short."}]}
    assert str(error) == "PERMISSION_DENIED: Not you."


@pytest.mark.parametrize(
    ("error", "retry_after"), [(errors.RateLimited(retry_after=7), "7"), (errors.ServiceUnavailable(), "1")]
)
def test_what_may_be_tried_again_says_when(error, retry_after):
    assert render_error(error)["Retry-After"] == retry_after


def test_only_refusals_of_the_service_are_replayable():
    for kind in (
        errors.ValidationFailed,
        errors.NotAuthenticated,
        errors.PermissionDenied,
        errors.EmailNotVerified,
        errors.TermsAcceptanceRequired,
        errors.ConfirmationRequired,
        errors.RateLimited,
        errors.IdempotencyInProgress,
        errors.ServiceUnavailable,
    ):
        assert kind.replayable is False, kind
    for kind in (errors.PaymentError, errors.NotFound, errors.VersionConflict):
        assert kind.replayable is True, kind


class Inner(serializers.Serializer):
    number = serializers.IntegerField()


class Outer(serializers.Serializer):
    inner = Inner()
    rows = Inner(many=True)
    tags = serializers.ListField(child=serializers.IntegerField())

    def validate(self, data):
        raise serializers.ValidationError("Not together.", code="together")


def test_nested_problems_are_named_by_their_path():
    checked = Outer(data={"inner": {"number": "x"}, "rows": [{"number": 1}, {}], "tags": [1, "y"]})
    with pytest.raises(serializers.ValidationError) as caught:
        checked.is_valid(raise_exception=True)
    found = flatten(caught.value.get_full_details())
    assert {name: problems[0][0] for name, problems in found.items()} == {
        "inner.number": "invalid",
        "rows.1.number": "required",
        "tags.1": "invalid",
    }


def test_a_problem_of_the_whole_is_of_the_body():
    checked = Outer(data={"inner": {"number": 1}, "rows": [], "tags": []})
    with pytest.raises(serializers.ValidationError) as caught:
        checked.is_valid(raise_exception=True)
    assert as_domain_error(caught.value).details == {
        "body": [{"code": "together", "message": "Not together."}]
    }


def test_a_subclass_says_what_it_is():
    class Odd(DomainError):
        code = "ODD"
        message = "Odd."

    assert render_error(Odd()).status_code == 400
    assert render_error(Odd(n=1)).content == b'{"error":{"code":"ODD","message":"Odd.","details":{"n":1}}}'
