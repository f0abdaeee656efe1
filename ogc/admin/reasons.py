"""Reasons that staff give in the admin site: lines as the API takes them."""

from typing import Any

from django import forms
from rest_framework.exceptions import ValidationError
from unfold.widgets import UnfoldAdminTextInputWidget

from ogc.api.fields import SeenText

REASON_MAX_LENGTH = 500


class ReasonField(forms.CharField):
    """A reason that people see: `SeenText` checks it here too."""

    widget = UnfoldAdminTextInputWidget
    default_error_messages = {"required": "Give a reason: it is kept in the audit trail."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=REASON_MAX_LENGTH, **kwargs)

    def to_python(self, value: Any) -> str:
        """The line; nothing but white space is none."""
        text = str(value or "")
        if not text.strip():
            return ""
        try:
            return str(SeenText(max_length=REASON_MAX_LENGTH).run_validation(text))
        except ValidationError as refused:
            raise forms.ValidationError([str(problem) for problem in refused.detail]) from refused
