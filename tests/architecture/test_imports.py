"""Who may import whom (architecture.md, style.md)."""

import ast

from tests.architecture.source import APPS, ROOT, Source, sources

OPEN_MODULES = {
    "services", "selectors", "errors", "signals", "constants", "ports", "access_matrix", "step_up",
}  # fmt: skip
"""What an app shows to the apps on its right; `rules` and models stay inside."""

PROCESS_WIDE = {
    "accounts.revocations",
    "accounts.authentication.actor_of_header",
    "accounts.authentication.trust_stamp",
}
"""How another process authenticates without a query."""

ENTRY_POINTS = {"ogc.asgi", "ogc.wsgi"}
"""What puts a process together names what it serves."""

NETWORK = ("requests", "urllib.request", "http.client", "web3", "socket", "smtplib", "httpx", "stripe")
PURE_MODULES = {
    "constants": ("django.db.models",),
    "errors": ("ogc.errors",),
    "rules": (),
}
"""Modules without effects, and what of Django and ours each may import beside the standard library."""

IMPURE = ("django", "rest_framework", "rq", "redis", "requests", "web3")
MODEL_SIGNALS = {"pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed", "pre_init", "post_init"}


def app_imports(source: Source) -> list[tuple[int, str, str]]:
    """(line, app, name) of imports from the apps of the platform."""
    found = [(line, name.split(".", 1)[0], name) for line, name in source.imports()]
    return [(line, app, name) for line, app, name in found if app in APPS]


def test_an_app_imports_only_from_its_left():
    wrong = [
        f"{source.at(line)} imports {name}"
        for source in sources()
        for line, app, name in app_imports(source)
        if APPS.index(app) > APPS.index(source.app) and source.app != "ogc"
    ]
    assert wrong == []


def test_the_plumbing_imports_no_app():
    wrong = [
        f"{source.at(line)} imports {name}"
        for source in sources()
        for line, app, name in app_imports(source)
        if source.app == "ogc" and app != "ogc" and source.name not in ENTRY_POINTS
    ]
    assert wrong == []


def test_of_another_app_only_what_it_shows_is_imported():
    wrong = [
        f"{source.at(line)} imports {name}"
        for source in sources()
        for line, app, name in app_imports(source)
        if app not in (source.app, "ogc") and source.name not in ENTRY_POINTS
        if name.split(".")[1] not in OPEN_MODULES
        and name not in PROCESS_WIDE
        and not is_only_a_type(source, name)
    ]
    assert wrong == []


def is_only_a_type(source: Source, name: str) -> bool:
    """Whether a model of another app only says what a row is: nothing is asked of the class itself."""
    _, module, model = name.split(".", 2) if name.count(".") >= 2 else ("", "", "")
    used = {
        node.value.id
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    return module == "models" and model not in used


def test_services_selectors_and_rules_know_no_api_and_no_admin():
    wrong = [
        f"{source.at(line)} imports {name}"
        for source in sources()
        if source.app != "ogc" and not source.layer_is("api", "admin", "management", "apps")
        for line, app, name in app_imports(source)
        if app != "ogc" and name.split(".")[1:2] in (["api"], ["admin"])
    ]
    assert wrong == []


def test_models_import_no_services():
    wrong = [
        f"{source.at(line)} imports {name}"
        for source in sources()
        if source.layer_is("models", "querysets")
        for line, name in source.imports()
        if ".services" in name or name.startswith(NETWORK)
    ]
    assert wrong == []


def test_rules_constants_and_errors_are_pure():
    wrong = []
    for source in sources():
        for module, allowed in PURE_MODULES.items():
            if source.app != "ogc" and source.layer_is(module):
                wrong += [
                    f"{source.at(line)} imports {name}"
                    for line, name in source.imports()
                    if name.startswith(IMPURE) and not name.startswith(allowed or ("-",))
                ]
    assert wrong == []


def test_the_api_knows_no_orm():
    wrong = [
        f"{source.at(number)} {line.strip()}"
        for source in sources()
        if source.layer_is("api") and source.app != "ogc"
        for number, line in enumerate(source.text.splitlines(), 1)
        if ".objects" in line or ".save(" in line or "transaction.atomic" in line or "web3" in line
    ]
    assert wrong == []


def test_only_locks_lock():
    wrong = [
        source.at(line)
        for source in sources()
        if not source.name.endswith(".locks")
        for line, name in source.calls()
        if name == "select_for_update"
    ]
    assert wrong == []


def test_nobody_uses_the_signals_of_models():
    wrong = [
        f"{source.at(line)} imports {name}"
        for source in sources()
        for line, name in source.imports()
        if name.rsplit(".", 1)[-1] in MODEL_SIGNALS
    ]
    assert wrong == []


def test_no_network_where_a_transaction_is_open():
    wrong = [
        f"{source.at(node.lineno)} calls {ast.unparse(node.func)}"
        for source in sources()
        for block in transaction_blocks(source)
        for node in ast.walk(block)
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[0] in network_names(source)
    ]
    assert wrong == []


def network_names(source: Source) -> set[str]:
    """Names of a module that stand for something that talks to the outside."""
    return {
        name.rsplit(".", 1)[-1] if ".clients." in name or ".chain.rpc" in name else name.split(".")[0]
        for _, name in source.imports()
        if name.startswith(NETWORK) or ".clients." in name or ".chain.rpc" in name
    }


def transaction_blocks(source: Source) -> list[ast.AST]:
    """Functions that are transactions, bodies of `atomic`, and what is given to `run_in_transaction`."""
    blocks: list[ast.AST] = [
        node
        for node in source.functions()
        if any(ast.unparse(decorator).endswith("transactional") for decorator in node.decorator_list)
    ]
    for node in ast.walk(source.tree):
        if isinstance(node, ast.With) and any(".atomic" in ast.unparse(item) for item in node.items):
            blocks.append(node)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("run_in_transaction"):
            blocks += node.args
    return blocks


def test_nothing_but_the_apps_is_a_package_at_the_top():
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert found == {*APPS, "tests"}


def test_nothing_is_called_utils():
    vague = {"utils", "helpers", "common", "misc"}
    assert [source.name for source in sources() if vague & set(source.name.split("."))] == []
