"""Forms of the admin site's own pages."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from accounts.constants import EMAIL_MAX_LENGTH, MFA_CODE_MAX_LENGTH, PASSWORD_MAX_LENGTH

PASSKEY_MAX_LENGTH = 20_000


class LoginForm(forms.Form):
    """Address and password; the service decides."""

    username = forms.CharField(
        label="E-mail address",
        max_length=EMAIL_MAX_LENGTH,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "username", "autofocus": ""}),
    )
    password = forms.CharField(
        max_length=PASSWORD_MAX_LENGTH,
        strip=False,
        widget=UnfoldAdminPasswordWidget({"autocomplete": "current-password"}),
    )


class PasswordForm(forms.Form):
    """The password once more, for people without a second factor."""

    password = forms.CharField(
        max_length=PASSWORD_MAX_LENGTH,
        strip=False,
        widget=UnfoldAdminPasswordWidget({"autocomplete": "current-password", "autofocus": ""}),
    )


class CodeForm(forms.Form):
    """A second factor: a typed code, or what a passkey said, as JSON that the page's script puts in."""

    code = forms.CharField(
        label="Code",
        required=False,
        max_length=MFA_CODE_MAX_LENGTH,
        help_text="Of your authenticator app, or a recovery code.",
        widget=UnfoldAdminTextInputWidget({"autocomplete": "one-time-code", "autofocus": ""}),
    )
    passkey = forms.JSONField(required=False, max_length=PASSKEY_MAX_LENGTH, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Exactly one of the two, as the services take them."""
        given = {name: value for name, value in self.cleaned_data.items() if value}
        if not self.errors and len(given) != 1:
            self.add_error("code", "Type a code, or use a passkey.")
        return given
