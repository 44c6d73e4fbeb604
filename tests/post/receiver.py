"""A receiver of webhooks on this machine: answers by the script that a path was given, and records what came.

Speaks HTTP and HTTPS on free ports. As a proxy (`CONNECT`) it plays hosts of the outside, with certificates of its own
authority, so that their fixed addresses can be sent to without leaving the machine.
"""

import datetime
import ipaddress
import json
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Step:
    """One answer; `hang` seconds before it, no answer at all if `cut`."""

    status: int = 200
    body: str = "ok"
    headers: dict = field(default_factory=dict)
    hang: float = 0
    cut: bool = False


@dataclass
class Arrival:
    at: float
    host: str
    path: str
    headers: dict
    body: bytes


class Receiver:
    """`scripts` maps a path to the steps that its requests meet; the last one stays."""

    def __init__(self, folder):
        self.scripts, self.arrivals, self.connects = {}, [], []
        self.lock = threading.Lock()
        self.authority = Authority(Path(folder))
        self.plain = self._serve(None)
        self.tls = self._serve(self.authority.context("127.0.0.1"))
        self.proxy = self._proxy()

    def script(self, path, *steps):
        self.scripts[path] = list(steps)

    def arrived(self, path):
        with self.lock:
            return [arrival for arrival in self.arrivals if arrival.path == path]

    def take(self, handler, host):
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        with self.lock:
            self.arrivals.append(Arrival(time.monotonic(), host, handler.path, headers, body))
            steps = self.scripts.get(handler.path, [Step(404, "no such hook")])
            return steps.pop(0) if len(steps) > 1 else steps[0]

    def _serve(self, context):
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server.server_address[1]

    def _proxy(self):
        """Takes `CONNECT host:443` and answers in the host's name."""
        listener = socket.create_server(("127.0.0.1", 0))

        def accept():
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=self._tunnel, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        return listener.getsockname()[1]

    def _tunnel(self, connection):
        head = b""
        while b"\r\n\r\n" not in head:
            more = connection.recv(4096)
            if not more:
                return
            head += more
        target = head.split(b" ")[1].decode()
        self.connects.append(target)
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        host = target.rsplit(":", 1)[0]
        with self.authority.context(host).wrap_socket(connection, server_side=True) as wrapped:
            _handler(self, host)(wrapped, ("127.0.0.1", 0), None)


def _handler(receiver, host=None):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def do_POST(self):
            step = receiver.take(self, host or self.headers.get("Host", ""))
            time.sleep(step.hang)
            if step.cut:
                return
            self.send_response(step.status)
            for name, value in step.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(step.body.encode())

        do_GET = do_POST

        def log_message(self, *_):
            pass

        def handle(self):
            try:
                super().handle()
            except (ConnectionError, ssl.SSLError):
                """A client that gives up waiting is one of the tests."""

    return Handler


class Authority:
    """Signs certificates for the tests' hosts; `bundle` is what a client must trust."""

    def __init__(self, folder):
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ecs-why tests")])
        constraint = (x509.BasicConstraints(ca=True, path_length=None), True)
        self.certificate = self._signed(self.name, self.key.public_key(), constraint)
        self.bundle = folder / "authority.pem"
        self.bundle.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def _signed(self, subject, public_key, *extensions):
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(public_key)
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(hours=1))
        builder = builder.not_valid_after(now + datetime.timedelta(days=1))
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(self.key, hashes.SHA256())

    def context(self, host):
        """A server's side for that host."""
        file = self.folder / f"{host}.pem"
        if not file.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            is_address = host.replace(".", "").isdigit()
            name = x509.IPAddress(ipaddress.ip_address(host)) if is_address else x509.DNSName(host)
            subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
            usage = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH])
            names = x509.SubjectAlternativeName([name])
            certificate = self._signed(subject, key.public_key(), (names, False), (usage, False))
            private = key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def without_cost(body):
    """A report without what differs from run to run."""
    report = json.loads(body)
    if isinstance(report, dict):
        report.pop("meta", None)
    return report
