"""The tests of `ecs-why mcp`: `python tests/mcp/run.py --binary PATH [--only NAME] [--verbose]`.

Plays lines of the protocol, the Python SDK's client, the Inspector, the conformance suite and an AWS API of this
machine against the binary, and holds it to its figures. Prints the problems of what failed and a summary; exit
status 1 if anything failed. `--self-check` tests that the checks see what they are for, with servers that do wrong.
"""

import argparse
import os
import sys
import time
import traceback


def collect(only):
    import amazon
    import client
    import conformance
    import figures
    import inspector
    import protocol

    every = {f"protocol/{name}": check for name, check in protocol.ALL.items()}
    every |= client.ALL | inspector.ALL | conformance.ALL | amazon.ALL | figures.ALL
    return {name: check for name, check in every.items() if only in name}


def attempt(check, *arguments):
    """Runs a check; whatever it throws is a problem like any other."""
    try:
        return check(*arguments)
    except Exception as error:  # noqa: BLE001
        return [f"{type(error).__name__}: {error}\n{traceback.format_exc()}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", help="path of ecs-why")
    parser.add_argument("--only", default="", help="run what has this in its name")
    parser.add_argument("--verbose", action="store_true", help="print problems whole, and what passed")
    parser.add_argument("--self-check", action="store_true", help="test the checks instead of a binary")
    options = parser.parse_args()
    if options.self_check:
        import self_check

        checks, arguments = self_check.ALL, ()
    else:
        if not (options.binary and os.access(options.binary, os.X_OK)):
            sys.exit(f"error: no binary to test at {options.binary}")
        checks, arguments = collect(options.only), (os.path.abspath(options.binary),)
    if not checks:
        sys.exit(f"error: nothing is called {options.only!r}")
    failed, begin = 0, time.monotonic()
    for name, check in checks.items():
        began = time.monotonic()
        problems = attempt(check, *arguments)
        failed += bool(problems)
        if options.verbose and not problems:
            print(f"ok   {name}: {time.monotonic() - began:.1f} s")
        for problem in problems:
            print(f"FAIL {name}: {problem if options.verbose else problem[:600]}", flush=True)
    print(f"{len(checks) - failed} of {len(checks)} passed in {time.monotonic() - begin:.0f} s")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
