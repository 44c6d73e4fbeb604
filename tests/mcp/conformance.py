"""The conformance suite of the protocol, through `bridge.py`, since it speaks HTTP alone.

`SCENARIOS` says which are run in which revision and which checks of each may fail. README.md says what each tests, and
why the others cannot apply: they want tools, prompts and resources of the suite's own example server.
"""

import json
import pathlib
import subprocess
import tempfile

from bridge import Bridge
from inspector import node
from protocol import SOME, problem_of
from wire import LEGACY, MODERN, bare_environment, snapshots

# (scenario, revision): ids of checks that may fail, and have to: an entry that passes is a problem too.
SCENARIOS = {
    ("server-initialize", LEGACY): set(),
    ("ping", LEGACY): set(),
    ("tools-list", LEGACY): set(),
    ("tools-list", MODERN): set(),
    ("resources-list", LEGACY): set(),
    ("resources-list", MODERN): set(),
    ("sep-2164-resource-not-found", MODERN): set(),
    ("server-stateless", MODERN): {
        "sep-2575-http-server-no-independent-requests-on-stream",
        "sep-2575-missing-capability-http-400",
        "sep-2575-server-no-log-without-loglevel",
        "sep-2575-server-rejects-undeclared-capability",
    },
    ("caching", MODERN): {"sep-2549-prompts-list-caching-hints"},
    ("dns-rebinding-protection", MODERN): set(),
    ("http-header-validation", MODERN): set(),
}


def scenario(name, revision, expected):
    def run(binary):
        with tempfile.TemporaryDirectory() as folder, Bridge(binary, "mcp", *snapshots(SOME[0])) as bridge:
            programs = node()
            environment = bare_environment() | {"HOME": folder}
            environment["PATH"] = f"{programs}:{environment['PATH']}"
            command = [programs / "conformance", "server", "--url", bridge.url, "--scenario", name]
            command += ["--spec-version", revision, "-o", folder]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
            checks = [
                check for path in pathlib.Path(folder).rglob("checks.json") for check in json.loads(path.read_text())
            ]
        failed = {check["id"] for check in checks if check["status"] == "FAILURE"}
        passed = [check for check in checks if check["status"] == "SUCCESS"]
        problems = problem_of(f"nothing was checked: {done.stdout[-500:]}{done.stderr[-500:]}", bool(passed))
        told = {check["id"]: check.get("errorMessage") or check.get("description") for check in checks}
        problems += [f"{one}: {told[one]}" for one in sorted(failed - expected)]
        return problems + [f"{one} passes: take it off the list" for one in sorted(expected - failed)]

    return run


ALL = {
    f"conformance/{name}@{revision}": scenario(name, revision, expected)
    for (name, revision), expected in SCENARIOS.items()
}
