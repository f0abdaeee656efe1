"""`python -m tests.sizes.measured FILE manage.py …`: run it, and write its most memory (KiB) to FILE.

Linux counts the memory of the process that starts another one into the other's `ru_maxrss`; `VmHWM` is the
command's own.
"""

import atexit
import re
import runpy
import sys
from pathlib import Path


def main() -> None:
    """Run the script named second with the arguments after it."""
    noted = Path(sys.argv[1])
    sys.argv = sys.argv[2:]
    status = Path("/proc/self/status")
    atexit.register(lambda: noted.write_text(re.findall(r"VmHWM:\s+(\d+)", status.read_text())[0]))
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
