"""A server under test at the level of its lines: what is written is what stands here, well-formed or not.

Starts the binary, sends JSON-RPC in either era of the protocol (2025-11-25 with `initialize`, 2026-07-28 with
`_meta` on each request) and reads every line of its standard output; one that is no JSON-RPC message is an error
wherever it comes.
"""

import json
import os
import pathlib
import queue
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASES = ROOT / "fixtures" / "cases"
MODERN, LEGACY = "2026-07-28", "2025-11-25"
CLIENT = {"name": "ecs-why-tests", "version": "1"}
PATIENCE = 30.0


def case(name):
    """The path of a shipped snapshot."""
    path = CASES / name / "case.json"
    if not path.is_file():
        raise FileNotFoundError(path)
    return str(path)


def snapshots(*names):
    """Arguments that make the server answer from shipped snapshots."""
    return [part for name in names for part in ("--from", case(name))]


def bare_environment():
    """No credentials, no configuration: nothing of the machine's owner."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": "/nonexistent",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "LC_ALL": "C.UTF-8",
    }


class Wire:
    """One process of the server, as a context: it is gone afterwards, and its exit status is `exit`."""

    def __init__(self, binary, *arguments, era=MODERN, environment=None):
        self.began = time.monotonic()
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            [binary, "mcp", *arguments], stdin=pipe, stdout=pipe, stderr=pipe, env=environment or bare_environment()
        )
        self.era, self.exit, self.number = era, None, 0
        self.responses, self.notifications, self.noise = {}, [], []
        self.errors, self.stray = [], []  # lines of standard error; responses without an id
        self.arrived = queue.Queue()
        self.readers = [
            threading.Thread(target=self._read, daemon=True),
            threading.Thread(target=self._log, daemon=True),
        ]
        for reader in self.readers:
            reader.start()
        if era == LEGACY:
            params = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": CLIENT}
            self.hello = self.request("initialize", params)["result"]
            self.notify("notifications/initialized")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _read(self):
        for line in self.process.stdout:
            try:
                message = json.loads(line)
                assert message["jsonrpc"] == "2.0"
            except (ValueError, AssertionError, KeyError, TypeError):
                self.noise.append(line)
                continue
            if "method" in message:
                self.notifications.append((time.monotonic(), message))
            elif message.get("id") is None:
                self.stray.append(message)
            self.arrived.put(message)
        self.arrived.put(None)

    def _log(self):
        for line in self.process.stderr:
            self.errors.append(line.decode(errors="replace"))

    def write(self, raw):
        self.process.stdin.write(raw if isinstance(raw, bytes) else raw.encode())
        self.process.stdin.flush()

    def send(self, message):
        self.write(json.dumps({"jsonrpc": "2.0"} | message) + "\n")

    def notify(self, method, params=None):
        self.send({"method": method, "params": params or {}})

    def begin(self, method, params=None, token=None):
        """Sends a request and comes back at once with its id."""
        self.number += 1
        params = dict(params or {})
        meta = {"progressToken": token} if token is not None else {}
        if self.era == MODERN:
            meta |= {
                "io.modelcontextprotocol/protocolVersion": MODERN,
                "io.modelcontextprotocol/clientCapabilities": {},
                "io.modelcontextprotocol/clientInfo": CLIENT,
            }
        self.send({"id": self.number, "method": method, "params": params | ({"_meta": meta} if meta else {})})
        return self.number

    def wait(self, number, patience=PATIENCE):
        """The response to a request; others that arrive meanwhile are kept."""
        until = time.monotonic() + patience
        while number not in self.responses:
            try:
                message = self.arrived.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                raise TimeoutError(f"no response to request {number} within {patience} s") from None
            if message is None:
                raise EOFError(f"the server has gone: {''.join(self.errors)}")
            if message.get("id") is not None and "method" not in message:
                self.responses[message["id"]] = message
        return self.responses.pop(number)

    def request(self, method, params=None, token=None, patience=PATIENCE):
        return self.wait(self.begin(method, params, token), patience)

    def call(self, tool, token=None, **arguments):
        """The result of a tool."""
        response = self.request("tools/call", {"name": tool, "arguments": arguments}, token)
        if "result" not in response:
            raise AssertionError(f"{tool} gives an error of the protocol: {response}")
        return response["result"]

    def answer(self, tool, token=None, **arguments):
        """The structured content of a tool's result; an error of the tool is one of the test."""
        result = self.call(tool, token, **arguments)
        if result.get("isError"):
            raise AssertionError(f"{tool} {arguments}: {result['content'][0]['text']}")
        return result["structuredContent"]

    def progress(self, token):
        own = (message for _, message in self.notifications if message["method"] == "notifications/progress")
        return [message["params"] for message in own if message["params"]["progressToken"] == token]

    def close(self, patience=10.0):
        """Ends standard input and waits for the process; gives its exit status."""
        if self.exit is None:
            self.process.stdin.close()
            try:
                self.exit = self.process.wait(patience)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.exit = self.process.wait()
                raise TimeoutError(f"the server did not end within {patience} s of its input") from None
            for reader in self.readers:
                reader.join(5)
        return self.exit

    def spent(self):
        """Milliseconds that the process had of a processor so far, all of its threads that still are."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e6

    def rss(self):
        """Resident memory in MiB."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise LookupError("VmRSS")
