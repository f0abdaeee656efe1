"""How large things are, and what they say of themselves (style.md)."""

import ast
import re

from tests.architecture.source import APPS, ROOT, Source, sources, sources_of_tests

FILE_LINES, TEST_FILE_LINES = 400, 600
FUNCTION_LINES, ACTION_LINES, JOB_LINES, ARGUMENTS = 70, 30, 40, 8
HTTP_METHODS = {"get", "post", "put", "patch", "delete"}
DOCUMENTED = (
    "services",
    "selectors",
    "rules",
    "jobs",
    "clients",
    "management",
    "models",
    "ports",
    "receivers",
)
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b")
MACHINE_PATHS = re.compile(r"(?<![\w.)])/(tm" + r"p/w/|wo" + r"rk/(main|shared)|ro" + r"ot/)")
NOT_SCANNED = {
    ".git",
    ".venv",
    "node_modules",
    "var",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".hypothesis",
}


def own_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its decorators and docstring."""
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def all_sources() -> list[Source]:
    return [source for source in (*sources(), *sources_of_tests()) if not source.is_migration]


def test_files_are_short():
    limit = {True: TEST_FILE_LINES, False: FILE_LINES}
    lengths = [
        (source.name, len(source.text.splitlines()), source.app == "tests") for source in all_sources()
    ]
    assert [(name, lines) for name, lines, is_test in lengths if lines > limit[is_test]] == []


def test_functions_are_short():
    wrong = [
        f"{source.at(node.lineno)} {node.name}: {own_lines(node)} lines"
        for source in sources()
        if not source.is_migration
        for node in source.functions()
        if own_lines(node) > FUNCTION_LINES
    ]
    assert wrong == []


def test_view_actions_and_jobs_are_shorter():
    wrong = [
        f"{source.at(node.lineno)} {node.name}: {own_lines(node)} lines"
        for source in sources()
        for node in source.functions()
        if (source.layer_is("api") and is_action(node) and own_lines(node) > ACTION_LINES)
        or (source.layer_is("jobs") and own_lines(node) > JOB_LINES)
    ]
    assert wrong == []


def is_action(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any("endpoint" in ast.unparse(decorator) for decorator in node.decorator_list)


def test_functions_take_few_positional_arguments():
    wrong = [
        f"{source.at(node.lineno)} {node.name}"
        for source in sources()
        if not source.is_migration
        for node in source.functions()
        if len([*node.args.posonlyargs, *node.args.args]) > ARGUMENTS
    ]
    assert wrong == []


def test_every_module_says_what_it_is():
    wrong = [
        source.name
        for source in sources()
        if not source.is_migration and source.text.strip() and ast.get_docstring(source.tree) is None
    ]
    assert wrong == []


def test_what_others_call_says_what_types_can_not():
    wrong = [
        f"{source.at(node.lineno)} {node.name}"
        for source in sources()
        if source.layer_is(*DOCUMENTED)
        for node in source.public()
        if ast.get_docstring(node) is None
    ]
    assert wrong == []


def test_nothing_is_left_for_later_in_a_comment():
    assert [found for found in _lines() if UNFINISHED.search(found[1])] == []


def test_no_path_of_a_machine_is_written_down():
    assert [found for found in _lines() if MACHINE_PATHS.search(found[1])] == []


def _lines() -> list[tuple[str, str]]:
    kinds = {".py", ".md", ".toml", ".sh", ".vy", ".html", ".in", ".example", ""}
    paths = [
        path
        for path in ROOT.rglob("*")
        if path.is_file()
        and path.suffix in kinds
        and not NOT_SCANNED & set(path.relative_to(ROOT).parts)
        and (path.suffix or path.name in {"Makefile", "Procfile", "Dockerfile", "run"})
    ]
    texts = [(path.relative_to(ROOT), path.read_text(errors="replace")) for path in paths]
    return [
        (f"{path}:{number}", line) for path, text in texts for number, line in enumerate(text.splitlines(), 1)
    ]


def test_migrations_have_names():
    wrong = [
        source.name
        for source in sources()
        if source.is_migration and re.search(r"\d{4}_(auto_|alter_.*_and_)", source.name)
    ]
    assert wrong == []


def test_data_migrations_go_back():
    wrong = [
        source.at(node.lineno)
        for source in sources()
        if source.is_migration
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith(("RunPython", "RunSQL"))
        and len(node.args) + len(node.keywords) < 2
    ]
    assert wrong == []


def test_apps_say_what_they_own():
    for app in APPS[1:]:
        words = (ROOT / app / "__init__.py").read_text()
        assert "Owns:" in words, app
        assert "Not here:" in words, app
