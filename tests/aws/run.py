"""The one command of the real-wire tests: `python tests/aws/run.py --binary PATH [--only NAME] [--verbose]`.

Starts the AWS API in this process, plays every scenario and every case of behaviour in parallel threads, prints the
problems of what failed and a summary. Exit status 1 if anything failed. `--self-check` tests the API itself.
"""

import argparse
import os
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import behaviour
import scenarios
import self_check
from binary import Binary
from play import play
from server import Server


def collect(binary, server, only):
    """Everything that can be run, by name: functions that give a list of problems."""
    if binary is None:
        cases = {f"self-check/{name}": lambda check=check: check(server) for name, check in self_check.ALL.items()}
    else:
        cases = {
            f"scenario/{name}": lambda name=name, scenario=scenario: play(name, scenario, binary)
            for name, scenario in scenarios.ALL.items()
        }
        cases |= {f"behaviour/{name}": lambda case=case: case(binary) for name, case in behaviour.ALL.items()}
    return {name: case for name, case in cases.items() if only in name}


def attempt(case):
    """Runs a case; whatever it throws is a problem like any other."""
    try:
        return case()
    except Exception as error:  # noqa: BLE001
        return [f"{type(error).__name__}: {error}\n{traceback.format_exc()}"]


def brief(problem, verbose):
    lines = problem.splitlines()
    return lines if verbose else [line[:400] for line in lines[:1]]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", help="path of ecs-why")
    parser.add_argument("--only", default="", help="run what has this in its name")
    parser.add_argument("--verbose", action="store_true", help="with the whole output of what failed")
    parser.add_argument("--self-check", action="store_true", help="test the API of the tests instead of a binary")
    options = parser.parse_args()
    if not options.self_check and not (options.binary and os.access(options.binary, os.X_OK)):
        sys.exit(f"error: no binary to test at {options.binary}")
    server, begin = Server(), time.monotonic()
    binary = None if options.self_check else Binary(os.path.abspath(options.binary), server)
    cases = collect(binary, server, options.only)
    if not cases:
        sys.exit(f"error: nothing is called {options.only!r}")
    with ThreadPoolExecutor(max_workers=4) as pool:
        results = dict(zip(cases, pool.map(attempt, cases.values()), strict=True))
    if server.gate.strangers:
        results["behaviour/unsigned-calls"] = [f"calls without a known access key: {server.gate.strangers}"]
    for name, problems in results.items():
        for problem in problems:
            print(f"FAIL {name}: " + "\n    ".join(brief(problem, options.verbose)))
    failed = sum(bool(problems) for problems in results.values())
    print(f"{len(results) - failed} of {len(results)} passed in {time.monotonic() - begin:.0f} s")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
