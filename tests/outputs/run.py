"""Every output of the binary over every shipped case, read by its receiver's own programs: `run.py --binary PATH`.

`--only FORMAT` checks one of them; `--self-check` tests the checks by planted defects. A form that is to be checked and
that the binary's help does not list is an error, and so is a form that is listed and has no check. Exit status 1 if
anything failed.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import receivers
import self_check

CASES = pathlib.Path(__file__).parents[2] / "fixtures" / "cases"
# Forms for people, held elsewhere.
UNCHECKED = {"text"}
# In order, failed, inconclusive, not found.
STATUSES = {0, 1, 3, 4}
AT_A_TIME = 2


def listed(binary):
    """The forms that the help of `diagnose` lists: in brackets, or a line each."""
    text = subprocess.run([binary, "diagnose", "-h"], check=True, capture_output=True, text=True).stdout
    values = re.search(r"--output <.*?\[possible values:\s*([^\]]*)\]", text, re.S)
    return set(re.split(r",\s*", values[1])) if values else set()


def chosen(binary, only):
    """The forms to check."""
    known = listed(binary)
    without = known - UNCHECKED - set(receivers.ALL)
    missing = ({only} if only else set(receivers.ALL)) - known
    if without or missing:
        sys.exit(f"error: forms that have no check: {sorted(without)}; forms that the binary lacks: {sorted(missing)}")
    return [only] if only else sorted(receivers.ALL)


def output(binary, case, form):
    """What the binary says of a case."""
    command = [binary, "diagnose", "--from", case / "case.json", "-o", form]
    # A configuration of the person who runs the tests is not to matter.
    run = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "ECS_WHY_CONFIG": os.devnull})
    if run.returncode not in STATUSES:
        sys.exit(f"error: {case.name}, -o {form}: exit status {run.returncode}: {run.stderr}")
    return run.stdout


def checked(binary, form):
    """How many outputs were checked, and the problems of each."""
    cases = sorted(path for path in CASES.iterdir() if (path / "case.json").is_file())
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        texts = dict(zip((case.name for case in cases), pool.map(lambda case: output(binary, case, form), cases)))
    found = receivers.ALL[form](texts)
    return len(texts), [f"{form}: {name}: {problem}" for name, told in found.items() for problem in told]


def verdict(count, problems, began):
    """Prints how it went; the exit status."""
    for problem in problems:
        print(problem)
    print(f"{count} outputs, {len(problems)} problems, {time.monotonic() - began:.0f} s")
    return 1 if problems or not count else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", help="path of ecs-why")
    parser.add_argument("--only", metavar="FORMAT", choices=sorted(receivers.ALL))
    parser.add_argument("--self-check", action="store_true", help="test the checks themselves")
    args = parser.parse_args()
    began = time.monotonic()
    if args.self_check:
        planted = sum(len(defects) for defects in self_check.DEFECTS.values())
        return verdict(planted, self_check.problems(), began)
    if not args.binary:
        parser.error("--binary or --self-check is needed")
    results = [checked(args.binary, form) for form in chosen(args.binary, args.only)]
    return verdict(sum(count for count, _ in results), [problem for _, told in results for problem in told], began)


if __name__ == "__main__":
    sys.exit(main())
