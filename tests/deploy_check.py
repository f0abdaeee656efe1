"""`check --deploy` with production settings and secrets made up for this one run; any warning fails.

Run as a module: `python -m tests.deploy_check`.
"""

import base64
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def production_environment(folder: Path) -> dict[str, str]:
    """What a production machine would set, with nothing of the local environment."""
    keystore = folder / "keystore.json"
    keystore.write_text("{}")
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "ogc.settings.production",
        "DEBUG": "false",
        "OGC_VAR": str(folder),
        "SECRET_KEY": secrets.token_urlsafe(64),
        "SECRETS_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
        "PUBLIC_URL": "https://api.example.org",
        "STREAM_URL": "https://stream.example.org",
        "ALLOWED_HOSTS": "api.example.org",
        "CORS_ORIGINS": "https://www.example.org",
        "CHAIN_ID": "137",
        "CHAIN_RPC_URLS": "https://rpc.example.org",
        "CHAIN_TOKEN_ADDRESS": "0x95bD8D42f30351685e96C62EDdc0d0613bf9a87A",
        "CHAIN_VAULT_ADDRESS": "0x98eDDadCfde04dC22a0e62119617e74a6Bc77313",
        "CHAIN_COLD_ADDRESS": "0x000000000000000000000000000000000000dEaD",
        "CHAIN_KEYSTORE": str(keystore),
        "CHAIN_KEYSTORE_PASSPHRASE": secrets.token_urlsafe(32),
    }


def main() -> int:
    """Exit code of the check."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
        return subprocess.run(
            command, cwd=ROOT, env=production_environment(Path(folder)), check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
