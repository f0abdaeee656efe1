"""Look at what the platform stands on and say what is wrong and what to do."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from ogc.health import probes


class Command(BaseCommand):
    """Readiness probes, and what MySQL needs for our triggers and instants."""

    help = "Check database, Redis, chain, migrations, and the database settings that the platform needs."

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError when anything is wrong."""
        _, checks = probes.run_all()
        problems = [f"{name}: {check['message']}" for name, check in checks.items() if "message" in check]
        problems += mysql_problems()
        for name, check in checks.items():
            self.stdout.write(f"{name}: {check['status']} ({check['ms']} ms)")
        if problems:
            raise CommandError("\n".join(problems))
        self.stdout.write("All is well.")


def mysql_problems() -> list[str]:
    """What is wrong with the MySQL or MariaDB server; empty on SQLite."""
    if connection.vendor != "mysql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT @@log_bin, @@log_bin_trust_function_creators, @@sql_mode, @@character_set_server, "
            "@@max_allowed_packet"
        )
        log_bin, trusts, sql_mode, charset, packet = cursor.fetchone()
        cursor.execute("SHOW GRANTS")
        grants = " ".join(row[0] for row in cursor.fetchall())
    problems = []
    if log_bin and not trusts and "SUPER" not in grants and "ALL PRIVILEGES ON *.*" not in grants:
        problems.append("database: set log_bin_trust_function_creators=1 for the triggers.")
    if "STRICT" not in sql_mode:
        problems.append("database: sql_mode must be strict.")
    if charset != "utf8mb4":
        problems.append(f"database: character_set_server is {charset}; create the database with utf8mb4.")
    if int(packet) < 16 * 1024 * 1024:
        problems.append("database: max_allowed_packet should be at least 16M.")
    return problems
