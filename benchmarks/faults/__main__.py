"""The benchmark of faults: how many trainings that go wrong the alert rules catch, and how often they cry wolf.

    python -m benchmarks.faults list                    the programs, with what is wrong in them
    python -m benchmarks.faults verify                  train without a monitor: do they show what they are meant to?
    python -m benchmarks.faults record                  train under the monitor; what is recorded already is skipped
    python -m benchmarks.faults record --again          ... all anew, after a change of the sums
    python -m benchmarks.faults judge                   replay the recordings through the built-in rules
    python -m benchmarks.faults judge --brief           ... figures, and what went wrong
    python -m benchmarks.faults judge --markdown FILE   ... and the tables for the documentation

From the root of the repository; `KERAS_BACKEND=jax` records on another backend, and `judge --backend jax` judges that.
All of it three times (seeds 0 to 2) takes about 20 minutes on two cores, judging half a minute.

Every faulty program has a fixed twin that differs in the fault alone; others look faulty to loud rules and are healthy.
*Caught*: a right rule fires at warning or above. *Rightly named*: the first alert at warning or above is a right
one. *False alarm*: any alert at warning or above on a healthy program.
"""

from __future__ import annotations

import argparse
import fnmatch
import os
from pathlib import Path

HERE = Path(__file__).parent


def parse() -> argparse.Namespace:
    """The arguments of the command line."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks.faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["list", "verify", "record", "judge"])
    parser.add_argument("--programs", nargs="+", default=["*"], metavar="PATTERN", help="ids, with * and ?")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--cache", type=Path, default=HERE / "recordings", help="where recordings are kept")
    parser.add_argument("--other", type=Path, help="a file with further PROGRAMS, beside those of this package")
    parser.add_argument("--again", action="store_true", help="record: also what is there")
    parser.add_argument("--processes", type=int, default=2, help="record: how many at a time")
    parser.add_argument("--output", type=Path, default=Path(os.devnull), help="verify: all figures, as JSON lines")
    parser.add_argument("--backend", default=os.environ.get("KERAS_BACKEND", "tensorflow"), help="judge: of which")
    parser.add_argument("--rules", type=Path, help="judge: a rule file instead of the built-in rules")
    parser.add_argument("--brief", action="store_true", help="judge: figures, and what went wrong, alone")
    parser.add_argument("--markdown", type=Path, help="judge: write the tables of the documentation to this file")
    return parser.parse_args()


def main() -> None:
    """Do what the command line asks for."""
    arguments = parse()
    if arguments.command == "judge":
        from benchmarks.faults import judge

        return judge.main(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from benchmarks.faults import record, verify
    from benchmarks.faults.programs import SHARED, all_programs

    arguments.other = arguments.other or SHARED
    programs = {
        id_: program
        for id_, program in all_programs(arguments.other).items()
        if any(fnmatch.fnmatch(id_, pattern) for pattern in arguments.programs)
    }
    if arguments.command == "list":
        for program in programs.values():
            right = f" -> {', '.join(sorted(program.expected))}" if program.expected else ""
            print(f"{program.kind:8s} {program.id:36s} {program.what} [{program.data}]{right}")
        return None
    if arguments.command == "verify":
        return verify.main(programs, arguments)
    return record.main(list(programs), arguments)


if __name__ == "__main__":
    main()
