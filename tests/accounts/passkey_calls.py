"""Calls about passkeys as a browser makes them, for the tests of the API."""

from tests.factories.accounts import PASSWORD


def options_of(client):
    answer = client.post("auth/passkeys/options")
    assert answer.status_code == 200
    return answer.json()


def add(client, device, name="Laptop", **how):
    return client.post(
        "auth/passkeys", {"name": name, "credential": device.register(options_of(client), **how)}
    )


def login_options(api, **body):
    answer = api.post("auth/passkeys/login/options", body)
    assert answer.status_code == 200
    return answer.json()


def log_in(api, device, *, options=None, mfa_token=None, **how):
    asked = {"mfa_token": mfa_token} if mfa_token else {}
    options = options or login_options(api, **asked)
    body = {"credential": device.sign(options, **how), "token_transport": "body"} | asked
    return api.post("auth/passkeys/login", body)


def half_login(api, user):
    answer = api.post("auth/login", {"email": user.email, "password": PASSWORD, "token_transport": "body"})
    assert answer.json()["mfa_required"] is True
    return answer.json()
