"""Forms of the admin site's own pages."""

from django import forms
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from accounts.constants import EMAIL_MAX_LENGTH, PASSWORD_MAX_LENGTH

CODE_MAX_LENGTH = 40


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
    """A second factor that can be typed."""

    code = forms.CharField(
        label="Code",
        max_length=CODE_MAX_LENGTH,
        help_text="Of your authenticator app, or a recovery code.",
        widget=UnfoldAdminTextInputWidget({"autocomplete": "one-time-code", "autofocus": ""}),
    )
