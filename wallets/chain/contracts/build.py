"""Rebuilds the committed contract artifacts from their vyper sources.

Run `python -m wallets.chain.contracts.build` after changing a source; `--check` only compares and exits 1
when an artifact does not equal a fresh build. The compiler and the library are development dependencies: a
running platform reads the artifacts only.
"""

import json
import site
import sys
from pathlib import Path

HERE = Path(__file__).parent
NAMES = ("OgcToken", "OgcVault")


def compile_contract(name: str) -> dict[str, object]:
    """Compile one source. Returns the artifact: name, compiler, abi, bytecode (0x hex, creation code)."""
    import vyper
    from vyper.compiler import compile_from_file_input
    from vyper.compiler.input_bundle import FilesystemInputBundle

    bundle = FilesystemInputBundle([*(Path(p) for p in site.getsitepackages()), HERE])
    source = bundle.load_file(Path(f"{name}.vy"))
    out = compile_from_file_input(source, input_bundle=bundle, output_formats=["abi", "bytecode"])
    return {
        "name": name,
        "compiler": f"vyper {vyper.__version__.split('+')[0]}",
        "abi": out["abi"],
        "bytecode": out["bytecode"],
    }


def artifact_text(name: str) -> str:
    """The exact text of an artifact file."""
    return json.dumps(compile_contract(name), indent=1, sort_keys=True) + "\n"


def stale() -> list[str]:
    """Names whose committed artifact differs from a fresh build."""
    return [name for name in NAMES if _path(name).read_text() != artifact_text(name)]


def main(arguments: list[str]) -> int:
    """Build all artifacts, or with --check compare them."""
    if "--check" in arguments:
        names = stale()
        sys.stdout.write(f"stale: {', '.join(names)}\n" if names else "artifacts equal a fresh build\n")
        return 1 if names else 0
    for name in NAMES:
        _path(name).write_text(artifact_text(name))
        sys.stdout.write(f"built {name}\n")
    return 0


def _path(name: str) -> Path:
    return HERE / f"{name}.json"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
