"""A Streamable HTTP door to a server on standard input and output, for clients that know HTTP alone.

`Bridge` listens on loopback and hands each POST to the server's standard input; what the server says to that request
comes back as an event stream: notifications first, the response last. It checks what HTTP brings with it (Host, Origin,
the headers that repeat the body) and takes nothing out of a message and puts nothing in, but for the ids of requests,
which are made unique, since several clients share one server. For the tests alone: the product has no such door.
"""

import json
import queue
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from wire import MODERN, bare_environment

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
HEADER_MISMATCH = -32020


class Process:
    """One server, in one era: which one its first request chooses."""

    def __init__(self, command):
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=bare_environment()
        )
        self.lock, self.number, self.waiting = threading.Lock(), 0, {}
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            message = json.loads(line)
            if "method" in message:
                token = (message.get("params") or {}).get("progressToken")
                own = [entry for entry in self.waiting.values() if entry[1] == token and token is not None]
            else:
                own = [self.waiting[message["id"]]] if message.get("id") in self.waiting else []
            for said, *_ in own:
                said.put(message)

    def write(self, message):
        with self.lock:
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()

    def ask(self, message):
        """What the server says to a request, up to its response."""
        said = queue.Queue()
        token = ((message.get("params") or {}).get("_meta") or {}).get("progressToken")
        with self.lock:
            self.number += 1
            number = self.number
            self.waiting[number] = (said, token)
        self.write(message | {"id": number})
        try:
            while True:
                answer = said.get(timeout=30)
                if "method" in answer:
                    yield answer
                    continue
                yield answer | {"id": message["id"]}
                return
        finally:
            del self.waiting[number]

    def end(self):
        self.process.stdin.close()
        return self.process.wait(10)


class Bridge:
    """As a context: `url` is where it listens."""

    def __init__(self, *command):
        self.command, self.sessions, self.modern = command, {}, None
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}/mcp"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        for process in [*self.sessions.values(), *([self.modern] if self.modern else [])]:
            process.end()

    def process(self, message, session):
        """The server of the request: of its session where there are sessions, else the one that all share."""
        if message.get("method") == "initialize":
            session = f"session-{len(self.sessions) + 1}"
            self.sessions[session] = Process(self.command)
            return self.sessions[session], session
        if session is not None:
            return self.sessions.get(session), session
        self.modern = self.modern or Process(self.command)
        return self.modern, None

    def _handler(self):
        bridge = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):  # noqa: N802
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if not _is_loopback(self.headers):
                    return self.refuse(403, None, -32600, "not a host of this machine")
                try:
                    message = json.loads(body)
                except ValueError:
                    return self.refuse(400, None, -32700, "Parse error")
                mismatch = _mismatch(self.headers, message)
                if mismatch:
                    return self.refuse(400, message.get("id"), HEADER_MISMATCH, mismatch)
                process, session = bridge.process(message, self.headers.get("Mcp-Session-Id"))
                if process is None:
                    return self.refuse(404, message.get("id"), -32600, "no such session")
                if "id" not in message:
                    process.write(message)
                    return self.answer(202, b"", session)
                said = list(process.ask(message))
                if len(said) == 1:
                    return self.answer(_status(said[0]), json.dumps(said[0]).encode(), session)
                events = "".join(f"event: message\ndata: {json.dumps(one)}\n\n" for one in said)
                return self.answer(200, events.encode(), session, "text/event-stream")

            def do_GET(self):  # noqa: N802
                self.answer(405, b"", None)

            def do_DELETE(self):  # noqa: N802
                process = bridge.sessions.pop(self.headers.get("Mcp-Session-Id"), None)
                if process:
                    process.end()
                self.answer(200 if process else 404, b"", None)

            def refuse(self, status, number, code, text):
                error = {"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": text}}
                self.answer(status, json.dumps(error).encode(), None)

            def answer(self, status, body, session, content="application/json"):
                self.send_response(status)
                if session:
                    self.send_header("Mcp-Session-Id", session)
                if body:
                    self.send_header("Content-Type", content)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        return Handler


def _is_loopback(headers):
    """Host and Origin are of this machine (DNS rebinding)."""
    addresses = ["//" + headers.get("Host", ""), headers.get("Origin") or "//localhost"]
    return all(urlsplit(address).hostname in LOOPBACK for address in addresses)


def _mismatch(headers, message):
    """What a header says otherwise than the body, in the revision that repeats it there."""
    params = message.get("params") or {}
    stated = (params.get("_meta") or {}).get("io.modelcontextprotocol/protocolVersion")
    version = headers.get("MCP-Protocol-Version")
    if stated is None and version != MODERN:
        return None
    if version is None or (stated is not None and version != stated):
        return "MCP-Protocol-Version does not say what the body says"
    if headers.get("Mcp-Method", "").strip() != message.get("method"):
        return "Mcp-Method does not say what the body says"
    name = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}.get(message.get("method"))
    if name and headers.get("Mcp-Name", "").strip() != params.get(name):
        return "Mcp-Name does not say what the body says"
    return None


def _status(message):
    """The status that the revision gives to errors of the protocol."""
    code = (message.get("error") or {}).get("code")
    return {None: 200, -32601: 404, -32602: 400, -32022: 400, -32021: 400, -32600: 400}.get(code, 200)
