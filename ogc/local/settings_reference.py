"""Writes `.env.example` and the configuration table of the README from the settings themselves.

`make settings` runs it; a test fails when the files differ from what it would write.
"""

import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ogc.settings.environment import ROOT, Environment

ENV_EXAMPLE = ROOT / ".env.example"
README = ROOT / "README.md"
BEGIN, END = "<!-- settings: written by make settings -->", "<!-- end of settings -->"
HEAD = """\
# Every setting, with its default. Copy to .env and change what you need; the environment wins over the file.
# Nothing has to be set for a local run. Written by `make settings`.
"""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as a person reads it."""

    section: str
    name: str
    default: str
    description: str


def settings() -> Iterator[Setting]:
    """All settings in the order of their declaration, under the comments that head them there."""
    section = ""
    for line in inspect.getsource(Environment).splitlines():
        heading = re.match(r"    # (.+)", line)
        name = re.match(r"    ([A-Z][A-Z0-9_]+):", line)
        if heading:
            section = heading.group(1)
        elif name:
            field = Environment.model_fields[name.group(1)]
            yield Setting(section, name.group(1), as_text(field.default), field.description or "")


def as_text(default: object) -> str:
    """A default as one writes it into the environment."""
    match default:
        case None:
            return ""
        case bool():
            return str(default).lower()
        case list():
            return ",".join(map(str, default))
        case Path() if default.is_relative_to(ROOT):
            return f"./{default.relative_to(ROOT)}"
        case _:
            return str(default)


def env_example() -> str:
    """The text of `.env.example`."""
    lines, section = [HEAD], ""
    for setting in settings():
        if setting.section != section:
            section = setting.section
            lines.append(f"\n# --- {section}\n")
        lines.append(f"# {setting.description}\n#{setting.name}={setting.default}\n")
    return "".join(lines)


def readme_table() -> str:
    """The configuration table of the README."""
    lines, section = [BEGIN, ""], ""
    for setting in settings():
        if setting.section != section:
            section = setting.section
            lines += ["", f"**{section}**", "", "| setting | default | what it does |", "|---|---|---|"]
        default = f"`{setting.default}`" if setting.default else ""
        lines.append(f"| `{setting.name}` | {default} | {setting.description} |")
    return "\n".join([*lines, "", END])


def with_table(readme: str) -> str:
    """The README with its table anew."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{readme_table()}{after}"


def main() -> int:
    """Write both files."""
    ENV_EXAMPLE.write_text(env_example())
    README.write_text(with_table(README.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
