"""The source as the architecture tests look at it: parsed once."""

import ast
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("ogc", "accounts", "governance", "wallets", "challenges", "notifications", "analytics")
"""In import order: each may import from those before it."""


@dataclass(frozen=True)
class Source:
    """One Python file; `name` is its dotted module name."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def app(self) -> str:
        return self.name.split(".", 1)[0]

    @property
    def is_migration(self) -> bool:
        return ".migrations" in self.name

    def layer_is(self, *layers: str) -> bool:
        """Whether it is one of these modules, or inside a package of that name, of its app."""
        parts = self.name.split(".")
        return len(parts) > 1 and parts[1] in layers

    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        return [
            node for node in ast.walk(self.tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        ]

    def public(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
        """Functions and classes at the top of the module whose names have no underscore."""
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        return [node for node in self.tree.body if isinstance(node, kinds) and not node.name.startswith("_")]

    def imports(self) -> list[tuple[int, str]]:
        """(line, dotted name) of everything imported, also inside functions; not what is for types only."""
        found = []
        skipped = {
            id(inner) for node in ast.walk(self.tree) if _is_types_only(node) for inner in ast.walk(node)
        }
        for node in ast.walk(self.tree):
            if id(node) in skipped:
                continue
            if isinstance(node, ast.Import):
                found += [(node.lineno, alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
        return found

    def calls(self) -> list[tuple[int, str]]:
        """(line, last part of the name) of everything called."""
        return [
            (node.lineno, node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Call) and isinstance(node.func, (ast.Attribute, ast.Name))
        ]

    def at(self, line: int) -> str:
        return f"{self.path.relative_to(ROOT)}:{line}"


def _is_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


@lru_cache(maxsize=1)
def sources() -> tuple[Source, ...]:
    """All files of the apps."""
    return _read(APPS)


@lru_cache(maxsize=1)
def sources_of_tests() -> tuple[Source, ...]:
    """All files of the tests."""
    return _read(("tests",))


def _read(folders: tuple[str, ...]) -> tuple[Source, ...]:
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    texts = [(path, path.read_text()) for path in paths]
    return tuple(Source(path, text, ast.parse(text)) for path, text in texts)
