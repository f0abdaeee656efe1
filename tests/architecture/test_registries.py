"""What is named by strings exists, what must be unique is, what must be registered is."""

import ast
import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.checks import run_checks
from django.db import models
from django.utils.module_loading import import_string

from ogc.admin import ScopeAccess, ScopedModelAdmin
from ogc.errors import DomainError
from ogc.events.signals import DomainSignal
from ogc.ports import Port
from ogc.schedule import CRON
from tests.architecture.source import APPS, ROOT, sources

JOB_PATH = re.compile(rf"^({'|'.join(APPS)})(\.\w+)*\.jobs?(\.\w+)+$")
READ_ONLY = {
    "governance": {"AuditRecord", "AuditPersonal", "AuditSeal", "PolicyVersion", "ProposalVote"},
    "wallets": {
        "Entry",
        "FoldedEntry",
        "LedgerAccount",
        "LiabilityLeaf",
        "LiabilityNode",
        "LiabilityProof",
        "Posting",
        "UnfoldedEntry",
    },
}


def own_models() -> list[type[models.Model]]:
    return [model for app in APPS for model in apps.get_app_config(app).get_models() if model._meta.managed]


def subclasses(base: type) -> set[type]:
    return {base}.union(*(subclasses(child) for child in base.__subclasses__()))


def test_one_code_means_one_refusal():
    import_errors()
    owners: dict[str, list[type[DomainError]]] = {}
    for error in subclasses(DomainError):
        if "code" in vars(error) and error.__module__.split(".")[0] in APPS:
            owners.setdefault(error.code, []).append(error)
    shared = {code: {name.__name__ for name in names} for code, names in owners.items() if len(names) > 1}
    # A wrong password is 401 at the door and 400 inside (api.md, Auth).
    assert shared == {"AUTH_INVALID_CREDENTIALS": {"InvalidCredentials", "PasswordWrong"}}
    assert [code for code in owners if not re.fullmatch(r"[A-Z][A-Z0-9_]*", code)] == []


def import_errors() -> None:
    for source in sources():
        if source.layer_is("errors"):
            __import__(source.name)


def test_scheduled_jobs_exist_and_are_jobs():
    for entry in CRON:
        assert hasattr(import_string(entry.job), "__wrapped__"), entry.job
        assert (entry.every_seconds is None) != (entry.cron is None), entry.job


def test_paths_of_jobs_in_the_code_resolve():
    paths = {
        node.value
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and JOB_PATH.match(node.value)
    }
    for path in sorted(paths):
        import_string(path)
    assert paths


def test_every_port_is_filled():
    assert [name for name, port in Port.registry.items() if not port.is_filled] == []


def test_signals_are_named_after_their_apps():
    for name in DomainSignal.registry:
        if not name.startswith("tests."):
            app, fact = name.split(".")
            assert app in APPS
            assert re.fullmatch(r"[a-z_]+", fact)


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model._meta.label)
def test_every_model_is_in_the_admin_site_by_scope(model):
    inlines = {inline.model: inline for pages in admin.site._registry.values() for inline in pages.inlines}
    page = admin.site._registry.get(model) or inlines.get(model)
    assert page is not None
    assert isinstance(page, ScopedModelAdmin) or issubclass(page, ScopeAccess)


@pytest.mark.parametrize(
    "label", sorted(f"{app}.{name}" for app, names in READ_ONLY.items() for name in names)
)
def test_history_is_read_only_in_the_admin_site(label):
    registered = admin.site._registry.get(apps.get_model(label), ScopeAccess)
    assert (registered.write_scope, registered.delete_scope) == (None, None)


def test_relations_have_names_and_protect_history():
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in own_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
        and field.model is model
        and not field.name.endswith("_ptr")
        and (field.remote_field.related_name is None)
    ]
    assert wrong == []


def test_constraints_are_named_after_their_tables_and_hold_on_every_database():
    for model in own_models():
        for constraint in model._meta.constraints:
            assert constraint.name.startswith(f"{model._meta.app_label}_"), constraint.name
            assert not isinstance(constraint, models.UniqueConstraint) or constraint.condition is None


def test_no_amount_is_a_decimal_or_a_float():
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in own_models()
        for field in model._meta.get_fields()
        if isinstance(field, (models.DecimalField, models.FloatField))
    ]
    assert wrong == []


def test_system_checks_pass():
    assert [str(message) for message in run_checks()] == []


def test_paths_have_no_trailing_slash():
    from ogc.api.registry import endpoints

    assert [found.path for found in endpoints() if found.path.endswith("/")] == []


def test_settings_in_the_example_are_those_of_the_environment():
    from ogc.settings.environment import Environment

    names = re.findall(r"^#?\s?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(names) == sorted(Environment.model_fields)
