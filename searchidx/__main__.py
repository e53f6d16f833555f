"""Run the `searchidx` command, as ``searchidx`` or ``python -m searchidx``."""

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the `searchidx` command; Ctrl-C is one line, as early as while modules load."""
    try:
        from searchidx import cli

        cli.main()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
