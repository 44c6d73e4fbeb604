"""Do the checks see what they are for? Each is held against a server, a result or a snapshot that is wrong.

A stand-in for the binary is a script that prints what it should not; a check that finds nothing wrong with it is
broken.
"""

import json
import pathlib
import stat
import sys
import tempfile

import protocol
from protocol import problem_of
from trust import NAME, SENTENCE, hostile, large, ours, speaks, unmarked
from wire import Wire, case

# Answers every request with the same result, after a line of noise.
STAND_IN = """#!{python}
import json, sys
print("starting up", flush=True)
for line in sys.stdin:
    try:
        message = json.loads(line)
    except ValueError:
        continue
    if isinstance(message, dict) and "id" in message:
        print(json.dumps({{"jsonrpc": "2.0", "id": message["id"], "result": {result}}}), flush=True)
sys.exit(3)
"""


def stand_in(folder, result):
    path = pathlib.Path(folder) / "server"
    path.write_text(STAND_IN.format(python=sys.executable, result=result))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def wire_sees_noise():
    with tempfile.TemporaryDirectory() as folder, Wire(stand_in(folder, "{}")) as wire:
        wire.request("tools/list")
    problems = problem_of("noise is not seen", wire.noise == [b"starting up\n"])
    return problems + problem_of("exit status is not seen", wire.exit == 3)


def a_silent_server_is_noticed():
    with tempfile.TemporaryDirectory() as folder, Wire(stand_in(folder, "{}")) as wire:
        try:
            wire.wait(77, patience=0.3)
        except TimeoutError:
            return []
    return ["a response that never comes is not missed"]


def checks_fail():
    """Every check of the protocol finds fault with a server that answers anything at all."""
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        binary = stand_in(folder, '{"content": [{"type": "text", "text": "{}"}], "structuredContent": {"omitted": []}}')
        for name, check in protocol.ALL.items():
            try:
                problems = check(binary)
            except Exception:  # noqa: BLE001
                continue
            wrong += [] if problems else [f"{name} finds nothing wrong"]
    return wrong


def marks():
    view = {"a": {"untrusted": {"trust": "untrusted", "text": SENTENCE}}, "b": [{"untrusted": {"text": "x"}}], "c": 1}
    problems = problem_of("a marked text is taken for ours", not speaks(ours(view)))
    problems += problem_of("a planted text is not seen", speaks(view))
    problems += problem_of("an object without its mark is not seen", unmarked(view) == [{"text": "x"}])
    return problems + problem_of("ours loses what is ours", ours(view) == {"a": {}, "b": [{}], "c": 1})


def snapshots_are_hostile():
    text = pathlib.Path(case("secret-is-denied")).read_text()
    told = hostile(text)
    problems = problem_of("names are not planted", told.count(NAME) > 10)
    problems += problem_of("sentences are not planted", SENTENCE in told)
    grown = json.loads(large(text))
    known = [fact["known"] for fact in grown["facts"] if fact["need"]["type"] == "taskDefinition"]
    secrets = known[0]["taskDefinition"]["containerDefinitions"][0]["secrets"]
    arns = {secret["valueFrom"] for secret in secrets}
    return problems + problem_of(f"{len(secrets)} secrets, {len(arns)} ARNs", len(arns) > 300)


ALL = {
    one.__name__.replace("_", "-"): one
    for one in (wire_sees_noise, a_silent_server_is_noticed, checks_fail, marks, snapshots_are_hostile)
}
