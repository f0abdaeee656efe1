"""Cells of CSV files that people open in spreadsheets."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_text(text: str) -> str:
    """A text that somebody chose, so that no spreadsheet takes it for a formula.

    Source: OWASP, "CSV Injection": a leading apostrophe, also before the full-width twins of the signs.
    """
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA_STARTS) else text
