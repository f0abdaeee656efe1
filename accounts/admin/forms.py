"""Forms of the admin site's own pages."""

from django import forms
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from accounts.constants import EMAIL_MAX_LENGTH, PASSWORD_MAX_LENGTH


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
