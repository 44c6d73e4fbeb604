"""The documents' commands are run: `python tests/docs/run.py --binary PATH [--only NAME]`.

README.md and docs/runbook.md line by line, the files for GitHub Actions, Systems Manager and Rundeck as these systems run
them, against the AWS API of the tests. Exit status 1 if a line fails, says something else, or is known to no test.
"""

import argparse
import os
import sys
import tempfile
import time
import traceback

import lines
import runners
import yaml
from world import ROOT, World


def documents(world):
    """What is looked at, by name."""

    def text(name):
        return (ROOT / name).read_text()

    def parsed(name):
        return yaml.safe_load(text(name))

    ssm = "docs/ssm/diagnose-ecs-task.yml"
    return {
        "README.md": lambda: lines.check("README.md", text("README.md"), world),
        "docs/runbook.md": lambda: lines.check("docs/runbook.md", text("docs/runbook.md"), world),
        "docs/ci/github-actions.yml": lambda: runners.actions(parsed("docs/ci/github-actions.yml"), world),
        ssm: lambda: runners.automation(parsed(ssm), text(ssm), world),
        "docs/rundeck/diagnose-ecs-task.yaml": lambda: runners.rundeck(
            parsed("docs/rundeck/diagnose-ecs-task.yaml"), world
        ),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True, help="path of ecs-why")
    parser.add_argument("--only", default="", help="documents with this in their name")
    options = parser.parse_args()
    failed, begin = 0, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        world = World(os.path.abspath(options.binary), folder)
        chosen = {name: look for name, look in documents(world).items() if options.only in name}
        for look in chosen.values():
            try:
                problems = look()
            except Exception:  # noqa: BLE001
                problems = [traceback.format_exc()]
            failed += bool(problems)
            for problem in problems:
                print(f"FAIL {problem}")
    if not chosen:
        sys.exit(f"error: nothing is called {options.only!r}")
    print(f"{len(chosen) - failed} of {len(chosen)} documents passed in {time.monotonic() - begin:.0f} s")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
