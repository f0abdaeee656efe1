"""What authenticators say: right answers are taken, each wrong one is refused, and no bytes break it."""

import base64
import copy
import json
import os
from dataclasses import replace

import pytest
from fido2 import cbor
from fido2.cose import ES256, RS256, EdDSA
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts import webauthn
from accounts.webauthn import Refused
from ogc.ids import uuid7
from tests.authenticator import BE, BS, UP, UV, Authenticator, b64, client_data, unb64

ORIGIN = "http://localhost:8000"
CREATE, GET = "webauthn.create", "webauthn.get"
CHALLENGE = bytes(range(32))


@pytest.fixture(autouse=True)
def _here(settings):
    settings.WEBAUTHN_RP_ID, settings.WEBAUTHN_ORIGINS = "localhost", [ORIGIN]


def creation():
    return webauthn.creation_options(
        user_id=uuid7(), name="a@example.org", display_name="A", challenge=CHALLENGE, known=[]
    )


def request():
    return webauthn.request_options(challenge=CHALLENGE, allowed=[])


def registered(credential):
    return webauthn.registration_check(webauthn.answer_parse(credential, CREATE))


def proved(credential, new):
    answer = webauthn.answer_parse(credential, GET)
    return webauthn.assertion_check(answer, credential_id=new.credential_id, public_key=new.public_key)


def why(call, *args) -> str:
    with pytest.raises(Refused) as refused:
        call(*args)
    return refused.value.code


def changed(credential, **members):
    """The same answer with other members of its response."""
    other = copy.deepcopy(credential)
    other["response"] |= members
    return other


def with_bit_turned(text: str, position: int) -> str:
    raw = bytearray(unb64(text))
    raw[position] ^= 1
    return b64(bytes(raw))


@pytest.mark.parametrize("algorithm", [ES256.ALGORITHM, EdDSA.ALGORITHM, RS256.ALGORITHM])
def test_what_an_authenticator_makes_proves_itself(algorithm):
    device = Authenticator(algorithm, backup=BE)
    new = registered(device.register(creation()))
    assert (new.sign_count, new.is_backup_eligible, new.is_backed_up) == (1, True, False)
    assert new.transports == ["internal", "hybrid"]
    device.backup = BE | BS
    proof = proved(device.sign(request()), new)
    assert (proof.sign_count, proof.is_backup_eligible, proof.is_backed_up) == (2, True, True)


CLIENT = [
    ({"kind": GET}, "type"),
    ({"kind": "payment.get"}, "type"),
    ({"origin": "http://localhost:8001"}, "origin"),
    ({"origin": "https://localhost:8000"}, "origin"),
    ({"origin": "http://localhost.example.org:8000"}, "origin"),
    ({"origin": "http://sub.localhost:8000"}, "origin"),
    ({"origin": ORIGIN + "/"}, "origin"),
    ({"origin": "null"}, "origin"),
    ({"origin": ""}, "origin"),
    ({"origin": 7}, "client_data"),
    ({"origin": [ORIGIN]}, "client_data"),
    ({"challenge": 10**11}, "client_data"),
    ({"challenge": None}, "client_data"),
    ({"challenge": ""}, "shape"),
    ({"challenge": "not base64!"}, "shape"),
    ({"challenge": "a" * 10_000}, "shape"),
    ({"crossOrigin": True}, "cross_origin"),
    ({"crossOrigin": "false"}, "cross_origin"),
    ({"crossOrigin": None}, "cross_origin"),
    ({"topOrigin": "https://evil.example"}, "cross_origin"),
]


@pytest.mark.parametrize("client, code", CLIENT)
def test_a_registration_from_elsewhere_is_refused(client, code):
    assert why(registered, Authenticator().register(creation(), **client)) == code


@pytest.mark.parametrize("client, code", [({"kind": CREATE}, "type"), *CLIENT[2:]])
def test_an_assertion_from_elsewhere_is_refused(client, code):
    device = Authenticator()
    new = registered(device.register(creation()))
    assert why(proved, device.sign(request(), **client), new) == code


def test_client_data_may_say_more_and_leave_out_what_is_optional():
    device = Authenticator()
    credential = device.register(creation(), other_keys_can_be_added_here="yes")
    assert registered(credential)
    said = json.dumps({"type": CREATE, "challenge": b64(CHALLENGE), "origin": ORIGIN}).encode()
    assert registered(changed(credential, clientDataJSON=b64(said)))


@pytest.mark.parametrize(
    "how, code",
    [
        ({"rp_id": "example.org"}, "invalid"),
        ({"flags": UV}, "invalid"),
        ({"flags": UP}, "invalid"),
        ({"flags": 0}, "invalid"),
        ({"flags": UP | UV | BS}, "backup_flags"),
        ({"credential_id": b"short"}, "credential"),
        ({"credential_id": b"i" * 1024}, "shape"),
    ],
)
def test_a_registration_with_other_facts_is_refused(how, code):
    assert why(registered, Authenticator().register(creation(), **how)) == code


@pytest.mark.parametrize(
    "how, code",
    [
        ({"rp_id": "example.org"}, "invalid"),
        ({"flags": UV}, "invalid"),
        ({"flags": UP}, "invalid"),
        ({"flags": UP | UV | BS}, "backup_flags"),
    ],
)
def test_an_assertion_with_other_facts_is_refused(how, code):
    device = Authenticator()
    new = registered(device.register(creation()))
    assert why(proved, device.sign(request(), **how), new) == code


@pytest.mark.parametrize("algorithm", [ES256.ALGORITHM, EdDSA.ALGORITHM, RS256.ALGORITHM])
def test_a_signature_over_anything_else_is_refused(algorithm):
    device = Authenticator(algorithm)
    new = registered(device.register(creation()))
    right = device.sign(request())
    said = client_data(GET, b64(b"another challenge, of 32 bytes.."), ORIGIN)
    other = Authenticator(algorithm)
    other.register(creation(), credential_id=new.credential_id)
    for wrong in (
        changed(right, signature=with_bit_turned(right["response"]["signature"], -1)),
        changed(right, authenticatorData=with_bit_turned(right["response"]["authenticatorData"], -1)),
        changed(right, clientDataJSON=b64(said)),
        changed(right, signature=b64(b"x" * 64)),
        other.sign(request()),
    ):
        assert why(proved, wrong, new) == "invalid"
    assert proved(right, new)


def test_the_answer_is_of_the_credential_that_it_names():
    device = Authenticator()
    new = registered(device.register(creation()))
    other = b64(os.urandom(32))
    right = device.sign(request())
    assert why(proved, right | {"id": other, "rawId": other}, new) == "invalid"
    assert why(proved, right | {"id": other}, new) == "shape"
    credential = device.register(creation())
    assert why(registered, credential | {"id": other, "rawId": other}) == "credential"


POINT = b"\x01" * 32
WRONG_KEYS = [
    ({}, "invalid"),
    ({3: False}, "invalid"),
    ({1: 2, 3: -7}, "key"),
    ({1: 2, 3: -7, -1: 1, -2: POINT, -3: POINT}, "invalid"),
    ({1: 2, 3: -7, -1: 2, -2: POINT, -3: POINT}, "key"),
    ({1: 2, 3: -7, -1: 1, -2: 5, -3: POINT}, "key"),
    ({1: 2, 3: -7, -1: 1, -2: POINT, -3: POINT, 9: b"more"}, "key"),
    ({1: 1, 3: -8, -1: 6, -2: POINT[:31]}, "key"),
    ({1: 1, 3: -8, -1: 7, -2: POINT}, "key"),
    ({1: 3, 3: -257, -1: b"\xff" * 256, -2: b"\x03"}, "key"),
    ({1: 3, 3: -257, -1: b"\xff" * 128, -2: b"\x01\x00\x01"}, "key"),
    ({1: 3, 3: -257, -1: b"\xff" * 513, -2: b"\x01\x00\x01"}, "key"),
    ({1: 2, 3: -35, -1: 2, -2: POINT, -3: POINT}, "algorithm"),
    ({1: 2, 3: -47, -1: 8, -2: POINT, -3: POINT}, "algorithm"),
    ({1: 4, 3: 5, -1: POINT}, "algorithm"),
]


@pytest.mark.parametrize("cose, code", WRONG_KEYS)
def test_keys_of_other_kinds_and_forms_are_refused(cose, code):
    assert why(registered, Authenticator().register(creation(), cose=cose)) == code


@pytest.mark.parametrize("cose", [{3: -70000}, {1: 2, 3: -35, -1: 2, -2: POINT, -3: POINT}])
def test_a_stored_key_that_nobody_can_check_proves_nothing(cose):
    """The library raises NotImplementedError at the first of them."""
    device = Authenticator()
    new = replace(registered(device.register(creation())), public_key=cbor.encode(cose))
    assert why(proved, device.sign(request()), new) == "algorithm"


@pytest.mark.parametrize(
    "credential",
    [
        None,
        5,
        "text",
        [],
        {},
        {"response": {}},
        {"response": []},
        {"id": "YQ", "rawId": "YQ", "response": {}},
        {"id": 5, "rawId": 5, "type": "public-key", "response": {}},
    ],
)
def test_other_shapes_are_refused(credential):
    assert why(registered, credential) == "shape"
    assert why(webauthn.answer_parse, credential, GET) == "shape"


@pytest.mark.parametrize("member", ["clientDataJSON", "attestationObject"])
def test_members_are_bounded_and_strict_base64url(member):
    credential = Authenticator().register(creation())
    for wrong in (None, 5, "", "A" * 40_000, "AA==", "A+/A", " AA", "AAAAA", "é", {"a": 1}):
        assert why(registered, changed(credential, **{member: wrong})) == "shape"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x81" * 16_000,
        b"\xa1" * 16_000,
        b"\x9b" + b"\xff" * 8,
        b"\x5b" + b"\xff" * 8,
        b"\xbb" + b"\xff" * 8,
        b"\xff",
        b"\x1c",
        b"\xf6",
        b"\xa1\x80\x01",
        b"\xa3cfmtdnonehauthDataB12gattStmt\xa0",
        cbor.encode({"fmt": "none", "attStmt": {}, "authData": 5}),
        cbor.encode({"fmt": "none", "attStmt": {}, "authData": b"\x00" * 36}),
        cbor.encode({"fmt": "none", "attStmt": {}, "authData": b"\x00" * 32 + b"\x45" + b"\x00" * 500}),
        cbor.encode({"fmt": "none", "attStmt": {}, "authData": b"\x00" * 32 + b"\xff" + b"\x9f" * 900}),
        cbor.encode({"fmt": 5, "attStmt": 5, "authData": []}),
        cbor.encode({"fmt": "none"}),
    ],
)
def test_hostile_attestation_objects_are_refused(raw):
    credential = changed(Authenticator().register(creation()), attestationObject=b64(raw))
    assert why(registered, credential) in {"invalid", "shape"}


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe",
        b"[" * 4000,
        b"{",
        b"null",
        b"5",
        b"[]",
        b'{"type":"webauthn.create","challenge":{},"origin":""}',
        b'{"type":1e999,"challenge":"","origin":""}',
        b'{"type":"webauthn.create","challenge":"AA","origin":"\\ud800"}',
    ],
)
def test_hostile_client_data_is_refused(raw):
    credential = changed(Authenticator().register(creation()), clientDataJSON=b64(raw))
    assert why(registered, credential) in {"client_data", "origin"}


BYTES = st.binary(max_size=80)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def mutations(draw, text: str) -> str:
    """The same bytes with some of them replaced, inserted or cut."""
    raw = bytearray(unb64(text))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(raw)))
        cut = draw(st.integers(0, min(8, len(raw) - at)))
        raw[at : at + cut] = draw(st.binary(max_size=8))
    return b64(bytes(raw))


_DEVICE = Authenticator(EdDSA.ALGORITHM)
_OPTIONS = {"rp": {"id": "localhost"}, "user": {"id": "AA"}, "challenge": b64(CHALLENGE)}
_MADE = _DEVICE.register(_OPTIONS)
_SIGNED = _DEVICE.sign({"rpId": "localhost", "challenge": b64(CHALLENGE)})


def is_decided(call, *args) -> bool:
    """Whether it is taken or refused, and nothing else happens."""
    try:
        call(*args)
    except Refused:
        return True
    return True


@hypothesis_settings(max_examples=400, deadline=None)
@given(st.sampled_from(["clientDataJSON", "attestationObject"]).flatmap(
    lambda name: mutations(_MADE["response"][name]).map(lambda text: (name, text))
))  # fmt: skip
def test_no_mutation_of_a_registration_breaks_it(change):
    assert is_decided(registered, changed(_MADE, **dict([change])))


@hypothesis_settings(max_examples=400, deadline=None)
@given(st.sampled_from(["clientDataJSON", "authenticatorData", "signature", "userHandle"]).flatmap(
    lambda name: mutations(_SIGNED["response"][name]).map(lambda text: (name, text))
))  # fmt: skip
def test_no_mutation_of_an_assertion_proves_anything(change):
    name, text = change
    new = registered(_MADE)
    if name == "userHandle" or text == _SIGNED["response"][name]:
        assert is_decided(proved, changed(_SIGNED, **{name: text}), new)
    else:
        with pytest.raises(Refused):
            proved(changed(_SIGNED, **{name: text}), new)


@hypothesis_settings(max_examples=200, deadline=None)
@given(st.sampled_from([_MADE, _SIGNED]), JSON, st.data())
def test_no_json_breaks_it(credential, value, data):
    other = copy.deepcopy(credential)
    holder = data.draw(st.sampled_from([other, other["response"]]))
    holder[data.draw(st.sampled_from(sorted(holder)))] = value
    assert is_decided(registered, other)
    assert is_decided(webauthn.answer_parse, other, GET)


@hypothesis_settings(max_examples=200, deadline=None)
@given(BYTES, BYTES, JSON)
def test_no_bytes_break_it(raw, data, said):
    text = base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()
    made = changed(_MADE, attestationObject=b64(raw))
    assert is_decided(registered, made)
    made = changed(
        _MADE, attestationObject=b64(cbor.encode({"fmt": "none", "attStmt": {}, "authData": data}))
    )
    assert is_decided(registered, made)
    assert is_decided(registered, changed(_MADE, clientDataJSON=text))
