"""What the server does with messages, line by line, in both eras of the protocol.

Each function gets the binary and gives a list of problems. Snapshots answer, so that nothing but the server is tested.
"""

import json
import pathlib
import tempfile

import jsonschema

from trust import hostile, large, ours, speaks, unmarked
from wire import CASES, LEGACY, MODERN, Wire, case, snapshots

SOME = ("secret-is-denied", "image-tag-missing", "newest-failure-of-a-service")
TOOLS = ["diagnose_task", "explain_message", "check_permissions", "list_stopped_tasks"]
SHORT, LONG = 64 << 10, 256 << 10


def target(name):
    """The task of a shipped case, and its definition."""
    snapshot = json.loads(pathlib.Path(case(name)).read_text())
    facts = [fact for fact in snapshot["facts"] if fact["need"]["type"] == "taskDefinition" and fact.get("known")]
    return snapshot["target"]["task"], facts[0]["need"]["taskDefinition"] if facts else None


def problem_of(what, holds):
    return [] if holds else [what]


def _quiet(wire, problems):
    """Whatever else is tested: nothing but messages on standard output, no panic, and an end in order."""
    problems += problem_of(f"noise on standard output: {wire.noise[:2]}", not wire.noise)
    problems += problem_of(f"panicked: {wire.errors}", "panicked" not in "".join(wire.errors))
    problems += problem_of(f"exit status {wire.exit}", wire.exit == 0)
    return problems


def discovery(binary):
    """Both eras on one binary; lists are the same each time and say how long they may be kept."""
    problems = []
    with Wire(binary, *snapshots(SOME[0])) as wire:
        found = wire.request("server/discover")["result"]
        problems += problem_of(
            f"versions {found['supportedVersions']}", {MODERN, LEGACY} <= set(found["supportedVersions"])
        )
        listed = [wire.request("tools/list")["result"] for _ in range(2)]
        problems += problem_of("tools/list differs from call to call", listed[0] == listed[1])
        names = [tool["name"] for tool in listed[0]["tools"]]
        problems += problem_of(f"tools {names}", names == TOOLS)
        hints = {"readOnlyHint": True, "destructiveHint": False, "idempotentHint": True, "openWorldHint": True}
        for tool in listed[0]["tools"]:
            told = {name: tool["annotations"].get(name) for name in hints}
            problems += problem_of(f"{tool['name']}: annotations {told}", told == hints)
            problems += problem_of(f"{tool['name']}: no title", bool(tool.get("title")))
            for schema in ("inputSchema", "outputSchema"):
                jsonschema.Draft202012Validator.check_schema(tool[schema])
        for method in ("tools/list", "resources/list", "resources/templates/list"):
            result = wire.request(method)["result"]
            problems += problem_of(f"{method}: no ttlMs", result.get("ttlMs", 0) > 0)
            problems += problem_of(f"{method}: no cacheScope", result.get("cacheScope") in ("public", "private"))
            problems += problem_of(f"{method}: resultType", result.get("resultType") == "complete")
        unknown = wire.request("resources/read", {"uri": "ecs-why://rules/no-such-rule"})["error"]
        problems += problem_of(f"unknown resource: {unknown}", unknown["code"] == -32602)
        problems += problem_of(
            "unknown resource without its uri", unknown["data"]["uri"] == "ecs-why://rules/no-such-rule"
        )
        tool = wire.request("tools/call", {"name": "no_such_tool", "arguments": {}})
        problems += problem_of(f"unknown tool: {tool}", tool.get("error", {}).get("code") == -32602)
    _quiet(wire, problems)
    with Wire(binary, *snapshots(SOME[0]), era=LEGACY) as wire:
        problems += problem_of(f"initialize: {wire.hello}", wire.hello["protocolVersion"] == LEGACY)
        problems += problem_of("name", wire.hello["serverInfo"]["name"] == "ecs-why")
        problems += problem_of(
            "tools/list of the old era", [t["name"] for t in wire.request("tools/list")["result"]["tools"]] == TOOLS
        )
        problems += problem_of("ping", wire.request("ping").get("result") == {})
    return _quiet(wire, problems)


def resources(binary):
    problems = []
    with Wire(binary, *snapshots(SOME[0])) as wire:
        read = lambda uri: wire.request("resources/read", {"uri": uri})["result"]["contents"][0]  # noqa: E731
        rules = json.loads(read("ecs-why://rules")["text"])["rules"]
        problems += problem_of(f"{len(rules)} rules", len(rules) > 100)
        page = read(f"ecs-why://rules/{rules[0]['id']}")
        problems += problem_of("the page of a rule lacks its cause", rules[0]["cause"] in page["text"])
        schema = json.loads(read("ecs-why://schema/report")["text"])
        jsonschema.Draft202012Validator.check_schema(schema)
        task, _ = target(SOME[0])
        report = wire.call("diagnose_task", task=task, detail="full")["structuredContent"]["untrusted"]["report"]
        jsonschema.validate(report, schema)
    return _quiet(wire, problems)


def mistakes(binary):
    """Lines that are no messages, in every state, and answers to what follows them."""
    problems = []
    bad = [
        b"no JSON\n",
        b"{\n",
        b"[]\n",
        b"\xff\xfe\x00\n",
        b"\n",
        b"null\n",
        b'{"jsonrpc":"2.0"}\n',
        b'{"jsonrpc":"2.0","method":"notifications/nothing"}\n',
        b'{"jsonrpc":"2.0","id":7,"result":{}}\n',
        b'{"jsonrpc":"2.0","id":99,"method":"no/such/method","params":{}}\n',
        b"x" * (5 << 20) + b"\n",
    ]
    for era in (MODERN, LEGACY):
        with Wire(binary, *snapshots(SOME[0]), era=era) as wire:
            for _ in range(2):
                for line in bad:
                    wire.write(line)
                listed = wire.request("tools/list")
                problems += problem_of(f"{era}: after mistakes {listed}", "result" in listed)
        _quiet(wire, problems)
    return problems


def end_of_input(binary):
    """An end before, and one during a call."""
    problems = []
    with Wire(binary) as wire:
        pass
    _quiet(wire, problems)
    with Wire(binary, *snapshots(*SOME)) as wire:
        wire.begin("tools/call", {"name": "explain_message", "arguments": {"text": "CannotPullContainerError: x"}})
    _quiet(wire, problems)
    problems += problem_of(f"wrote to standard error: {wire.errors}", not wire.errors)
    return problems


def errors(binary):
    """What a caller may get wrong is a result that says what to do."""
    task, _ = target(SOME[0])
    path = case(SOME[0])
    wrong = [
        ("diagnose_task", {"task": "hello"}, "neither a task ARN"),
        ("diagnose_task", {"task": "f" * 32, "cluster": "prod"}, "no snapshot"),
        ("diagnose_task", {"task": task, "region": "evil.example.com"}, "not the name of a Region"),
        ("diagnose_task", {"task": task, "endpoint_url": "http://127.0.0.1:1"}, "endpoint_url"),
        ("diagnose_task", {"task": task, "profile": "admin"}, "profile"),
        ("diagnose_task", {"task": "x" * 4000}, "longer than"),
        ("diagnose_task", {"task": 7}, "invalid type"),
        ("diagnose_task", {"task": task, "detail": "everything"}, "unknown variant"),
        ("diagnose_task", {"service": "web; rm -rf /"}, "not the name of a service"),
        ("explain_message", {}, "missing field"),
        ("explain_message", {"text": "  \n "}, "empty"),
        ("explain_message", {"text": "x" * (600 << 10)}, "longer than 512 KiB"),
        ("check_permissions", {"task_definition": path}, "neither a family"),
        ("check_permissions", {"task_definition": "./web.json"}, "neither a family"),
        ("check_permissions", {"task_definition": "no-such-family"}, "no snapshot"),
        ("list_stopped_tasks", {"limit": 0}, "limit"),
        ("list_stopped_tasks", {"limit": 1000}, "limit"),
        ("list_stopped_tasks", {"cluster": "a b"}, "not the name of a cluster"),
    ]
    problems = []
    with Wire(binary, *snapshots(SOME[0])) as wire:
        for tool, arguments, says in wrong:
            result = wire.call(tool, **arguments)
            text = result["content"][0]["text"]
            good = result.get("isError") is True and says in text and "hint: " in text and len(text) < 1500
            problems += problem_of(f"{tool} {str(arguments)[:80]}: {str(result)[:300]}", good)
    return _quiet(wire, problems)


def hostile_snapshots(binary):
    """Texts that talk to the reader stay where they are marked, in every tool."""
    problems, spoke = [], 0
    names = sorted(path.name for path in CASES.iterdir())
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            path = pathlib.Path(folder) / "case.json"
            path.write_text(hostile(pathlib.Path(case(name)).read_text()))
            definition = next(iter(definitions(path)), None)
            with Wire(binary, "--from", str(path)) as wire:
                results = [wire.call("diagnose_task", detail="full"), wire.call("list_stopped_tasks")]
                if definition:
                    results.append(wire.call("check_permissions", task_definition=definition))
            for result in results:
                if result.get("isError"):
                    # A snapshot may be of what was not read, or of no task at all.
                    problems += problem_of(f"{name}: an error speaks: {result}", not speaks(result))
                    continue
                content = result["structuredContent"]
                problems += problem_of(f"{name}: {unmarked(content)[:1]}", not unmarked(content))
                problems += problem_of(f"{name}: speaks in {str(ours(content))[:600]}", not speaks(ours(content)))
                problems += problem_of(
                    f"{name}: the text is another", json.loads(result["content"][0]["text"]) == content
                )
                spoke += speaks(content)
            _quiet(wire, problems)
    problems += problem_of(f"only {spoke} results tell what was planted", spoke > len(names))
    return problems


def definitions(path):
    """The names under which a snapshot knows task definitions."""
    facts = json.loads(path.read_text())["facts"]
    return [
        fact["need"]["taskDefinition"]
        for fact in facts
        if fact["need"]["type"] == "taskDefinition" and fact.get("known")
    ]


def bounds(binary):
    """Results of a snapshot that is far too large stay under their bounds, fit their schema and say what is missing."""
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "case.json"
        path.write_text(large(pathlib.Path(case(SOME[0])).read_text()))
        definition = definitions(path)[0]
        with Wire(binary, "--from", str(path)) as wire:
            schemas = {tool["name"]: tool["outputSchema"] for tool in wire.request("tools/list")["result"]["tools"]}
            calls = [
                ("diagnose_task", {}, SHORT),
                ("diagnose_task", {"detail": "full"}, LONG),
                ("check_permissions", {"task_definition": definition}, LONG),
                ("list_stopped_tasks", {}, SHORT),
            ]
            for tool, arguments, most in calls:
                response = wire.request("tools/call", {"name": tool, "arguments": arguments}, patience=120)
                size, content = (
                    len(json.dumps(response, ensure_ascii=False).encode()),
                    response["result"]["structuredContent"],
                )
                problems += problem_of(f"{tool} {arguments}: {size} bytes", size <= most)
                problems += problem_of(f"{tool} {arguments}: nothing omitted", bool(content["omitted"]))
                jsonschema.validate(content, schemas[tool])
        _quiet(wire, problems)
    return problems


def progress(binary):
    """Only where it is asked for, rising, and before the answer."""
    problems = []
    task, _ = target(SOME[0])
    for era in (MODERN, LEGACY):
        with Wire(binary, *snapshots(SOME[0]), era=era) as wire:
            wire.call("diagnose_task", task=task)
            problems += problem_of(f"{era}: progress that nobody asked for", not wire.notifications)
            wire.call("diagnose_task", token="t1", task=task)
            steps = [one["progress"] for one in wire.progress("t1")]
            rising = len(steps) >= 2 and all(a < b for a, b in zip(steps, steps[1:], strict=False))
            problems += problem_of(f"{era}: progress {steps}", rising)
        _quiet(wire, problems)
    return problems


def at_once(binary):
    """Many calls before the first answer is read; each gets its own."""
    problems = []
    with Wire(binary, *snapshots(*SOME)) as wire:
        tasks = [target(name)[0] for name in SOME if target(name)[0]]
        asked = {
            wire.begin("tools/call", {"name": "diagnose_task", "arguments": {"task": task}}): task
            for _ in range(10)
            for task in tasks
        }
        for number, task in asked.items():
            told = wire.wait(number)["result"]["structuredContent"]["untrusted"]["task"]
            problems += problem_of(f"{task} is answered with {told}", told.get("arn", "").endswith(task))
    return _quiet(wire, problems)


ALL = {
    one.__name__.replace("_", "-"): one
    for one in (discovery, resources, mistakes, end_of_input, errors, hostile_snapshots, bounds, progress, at_once)
}
