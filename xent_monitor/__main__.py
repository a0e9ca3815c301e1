"""`python -m xent_monitor`: the same as the console script `xent-monitor`."""

import sys

from xent_monitor.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    sys.exit(main())
