"""The Python SDK's client against the server over snapshots, in both eras: what a real host does with it.

The client holds structured content against the tool's output schema by itself; here it is done once more, strictly.
"""

import asyncio
import json
import pathlib
import tomllib

import jsonschema
from mcp import Client, MCPError, StdioServerParameters

from protocol import SOME, TOOLS, problem_of, target
from wire import CASES, bare_environment, case, snapshots

SHIPPED = (
    "secret-is-denied",
    "image-tag-missing",
    "exec-format-error",
    "log-group-missing",
    "nat-gateway-deleted",
    "efs-file-system-missing",
    "killed-with-noisy-log",
)


def server(binary, *arguments, environment=None):
    return StdioServerParameters(command=binary, args=["mcp", *arguments], env=environment or bare_environment())


async def _every_tool(binary, mode):
    problems = []
    async with Client(server(binary, *snapshots(*SHIPPED)), mode=mode) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        problems += problem_of(f"tools {list(tools)}", list(tools) == TOOLS)
        for name in SHIPPED:
            task, definition = target(name)
            # Ids of shipped cases may be alike; their clusters are not.
            asked = {"task": task, "cluster": json.loads(pathlib.Path(case(name)).read_text())["target"]["cluster"]}
            calls = [("diagnose_task", asked), ("diagnose_task", asked | {"detail": "full"})]
            calls += [("check_permissions", {"task_definition": definition})] if definition else []
            for tool, arguments in calls:
                result = await client.call_tool(tool, arguments)
                if result.is_error:
                    problems.append(f"{name}: {tool}: {result.content}")
                    continue
                content = result.structured_content
                jsonschema.validate(content, tools[tool].output_schema)
                problems += problem_of(f"{name}: text", json.loads(result.content[0].text) == content)
                if tool == "diagnose_task":
                    problems += _as_pinned(name, content)
        listed = (await client.call_tool("list_stopped_tasks", {})).structured_content
        jsonschema.validate(listed, tools["list_stopped_tasks"].output_schema)
        at = [task.get("stoppedAt", "") for task in listed["tasks"]]
        problems += problem_of(f"{len(at)} tasks, newest first: {at}", at == sorted(at, reverse=True) and len(at) >= 5)
        explained = await client.call_tool(
            "explain_message", {"text": "CannotPullContainerError: no space left on device"}
        )
        jsonschema.validate(explained.structured_content, tools["explain_message"].output_schema)
        cause = explained.structured_content["causes"][0]
        problems += problem_of(f"explained as {cause}", cause["cause"] == "disk-full" and cause["meaning"])
        try:
            await client.call_tool("no_such_tool", {})
            problems.append("an unknown tool is called")
        except MCPError as error:
            problems += problem_of(f"unknown tool: {error}", "no_such_tool" in str(error))
    return [f"{mode}: {problem}" for problem in problems]


def _as_pinned(name, content):
    """The verdict is the one that a person pinned of the case."""
    expected = tomllib.loads((CASES / name / "expect.toml").read_text())
    proven = any(fix.get("verified") and fix["untrusted"]["commands"] for fix in content["fixes"])
    problems = problem_of(f"{name}: status {content['status']}", content["status"] == expected["status"])
    problems += problem_of(f"{name}: cause {content.get('cause')}", content.get("cause", "") == expected["cause"])
    return problems + problem_of(f"{name}: proven fix {proven}", proven or not expected["verified_fix"])


async def _progress(binary):
    steps = []

    async def told(progress, total, message):
        steps.append((progress, message))

    async with Client(server(binary, *snapshots(SOME[0]))) as client:
        await client.call_tool("diagnose_task", {"task": target(SOME[0])[0]}, progress_callback=told)
    numbers = [number for number, _ in steps]
    rising = len(numbers) >= 2 and all(a < b for a, b in zip(numbers, numbers[1:], strict=False))
    return problem_of(f"progress {steps}", rising and all(message for _, message in steps))


async def _two_at_once(binary):
    async with Client(server(binary, *snapshots(*SOME))) as client:
        tasks = [target(name)[0] for name in SOME if target(name)[0]]
        results = await asyncio.gather(*(client.call_tool("diagnose_task", {"task": task}) for task in tasks))
    told = [result.structured_content["untrusted"]["task"]["arn"] for result in results]
    return problem_of(
        f"{tasks} are answered with {told}", all(arn.endswith(task) for arn, task in zip(told, tasks, strict=True))
    )


def every_tool(binary):
    return [problem for mode in ("legacy", "auto") for problem in asyncio.run(_every_tool(binary, mode))]


def progress_reported(binary):
    return asyncio.run(_progress(binary))


def two_at_once(binary):
    return asyncio.run(_two_at_once(binary))


ALL = {f"client/{one.__name__.replace('_', '-')}": one for one in (every_tool, progress_reported, two_at_once)}
