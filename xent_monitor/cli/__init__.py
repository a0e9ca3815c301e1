"""The console script `xent-monitor`: answers without a browser, and gates for CI.

No command but `explain --predictions` needs Keras or a backend. Each command is a module with a function that adds it
to the parser, and a function `(arguments) -> exit code`; `exits` says what the codes mean, `terminal` how to write.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence

import xent_monitor
from xent_monitor.cli.check import add_check
from xent_monitor.cli.exits import CLEAN, UNUSABLE
from xent_monitor.cli.explain import add_explain
from xent_monitor.cli.export import add_export
from xent_monitor.cli.report import add_report
from xent_monitor.cli.rules import add_rules
from xent_monitor.cli.watch import add_watch
from xent_monitor.errors import XentMonitorError

__all__ = ["main"]

EPILOG = """\
exit codes:
  0  clean
  1  something was found: an alert, a change for the worse, a test of a rule that failed
  2  wrong use, or input that cannot be read; the reason is on the standard error

`xent-monitor COMMAND --help` has examples.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Args:
        argv: Arguments after the program's name; those of the process where None.

    Returns:
        As `xent_monitor.cli.exits` says.

    Raises:
        SystemExit: With code 2 on wrong usage, with 0 after `--help` and `--version`.
    """
    arguments = _parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        # A terminal without Unicode shows "?" for a letter it lacks, rather than losing the whole report.
        getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader, as `head`, has seen enough; without this Python complains again when it closes the stream. What
        # was found is found all the same: a command says so before it prints.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return getattr(arguments, "exit_code", CLEAN)
    except KeyboardInterrupt:
        return 130  # as a shell has it: 128 and the number of the signal
    except (OSError, XentMonitorError) as error:
        print(f"xent-monitor: {error}", file=sys.stderr)
        return UNUSABLE
    except Exception:
        # Python's own exit code would be 1, which says that something was found.
        traceback.print_exc()
        return UNUSABLE
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="xent-monitor",
        description="What the cross-entropy of a training says.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"xent-monitor {xent_monitor.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    add_explain(commands)
    add_report(commands)
    add_check(commands)
    add_watch(commands)
    add_export(commands)
    add_rules(commands)
    return parser
