"""What a check found."""

from dataclasses import dataclass, field
from enum import StrEnum

SHOWN = 5
CHUNK = 5_000


class CheckStatus(StrEnum):
    """`unknown` (the chain can't be read) stops nothing."""

    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found; `detail` is for people and names the rows that are wrong."""

    name: str
    status: CheckStatus
    detail: str = ""


@dataclass(slots=True)
class Findings:
    """Problems of one check: all are counted, the first few are kept in words."""

    name: str
    shown: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, problem: str) -> None:
        """One more."""
        self.count += 1
        if self.count <= SHOWN:
            self.shown.append(problem)

    def result(self, when_ok: str) -> CheckResult:
        """The check's result; `when_ok` says how much was looked at."""
        if not self.count:
            return CheckResult(self.name, CheckStatus.OK, when_ok)
        more = f" and {self.count - SHOWN} more" if self.count > SHOWN else ""
        return CheckResult(self.name, CheckStatus.WRONG, "; ".join(self.shown) + more)
