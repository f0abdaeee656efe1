"""What a process of the platform does about its parent and its children (standard library only)."""

import ctypes
import signal

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(signum: int = signal.SIGTERM) -> None:
    """Have the kernel (Linux) send this process `signum` when its parent is gone."""
    if hasattr(_libc, "prctl"):
        _libc.prctl(_PR_SET_PDEATHSIG, signum, 0, 0, 0)
