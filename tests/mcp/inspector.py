"""The MCP Inspector's command line against the server, in each era of the protocol.

`tools/list --strict` holds every schema against what clients can take (exit status 6 if one cannot); an unknown
tool ends with status 5, a tool's own error too.
"""

import json
import os
import pathlib
import subprocess
import tempfile

from protocol import SOME, TOOLS, problem_of, target
from wire import ROOT, bare_environment, snapshots

ERAS = ("legacy", "modern", "auto")


def node():
    """The folder of the pinned programs; Node.js itself is among them."""
    done = subprocess.run([ROOT / "tests" / "environment", "node"], capture_output=True, text=True, check=True)
    return pathlib.Path(done.stdout.strip()) / "node_modules" / ".bin"


class Inspector:
    def __init__(self, binary, home):
        self.binary, self.bin = binary, node()
        self.environment = bare_environment() | {"HOME": str(home)}
        self.environment["PATH"] = f"{self.bin}{os.pathsep}{self.environment['PATH']}"

    def run(self, era, *arguments, timeout=120):
        """Exit status, what it printed as JSON, and everything that it printed."""
        command = [self.bin / "mcp-inspector", "--cli", self.binary, "mcp", *snapshots(SOME[0]), "--protocol-era", era]
        done = subprocess.run(
            [*command, *arguments], env=self.environment, capture_output=True, text=True, timeout=timeout
        )
        try:
            printed = json.loads(done.stdout)
        except ValueError:
            printed = None
        return done.returncode, printed, done.stdout + done.stderr


def every_method(inspector, era):
    task, definition = target(SOME[0])
    calls = {
        "diagnose_task": ["--tool-arg", f"task={task}"],
        "explain_message": ["--tool-arg", "text=CannotPullContainerError: no space left on device"],
        "check_permissions": ["--tool-arg", f"task_definition={definition}"],
        "list_stopped_tasks": [],
    }
    status, printed, text = inspector.run(era, "--method", "tools/list", "--strict")
    problems = problem_of(f"tools/list --strict: status {status}: {text[-800:]}", status == 0)
    problems += problem_of(
        f"tools/list: {text[:300]}", [tool["name"] for tool in (printed or {}).get("tools", [])] == TOOLS
    )
    for tool, arguments in calls.items():
        status, printed, text = inspector.run(era, "--method", "tools/call", "--tool-name", tool, *arguments)
        good = status == 0 and "structuredContent" in text and not (printed or {}).get("isError")
        problems += problem_of(f"{tool}: status {status}: {text[:500]}", good)
    status, printed, text = inspector.run(era, "--method", "resources/list")
    uris = {resource["uri"] for resource in (printed or {}).get("resources", [])}
    problems += problem_of(f"resources/list: {text[:300]}", uris == {"ecs-why://rules", "ecs-why://schema/report"})
    status, _, text = inspector.run(era, "--method", "resources/read", "--uri", "ecs-why://rules")
    problems += problem_of(f"resources/read: status {status}: {text[:300]}", status == 0 and "rules" in text)
    status, _, text = inspector.run(era, "--method", "tools/call", "--tool-name", "no_such_tool")
    problems += problem_of(f"unknown tool: status {status}: {text[:300]}", status == 5)
    return [f"{era}: {problem}" for problem in problems]


def era(name):
    def played(binary):
        with tempfile.TemporaryDirectory() as home:
            return every_method(Inspector(binary, home), name)

    return played


ALL = {f"inspector/{name}": era(name) for name in ERAS}
