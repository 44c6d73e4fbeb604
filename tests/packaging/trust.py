"""The certificates that ecs-why trusts are those of the system: SSL_CERT_FILE, else /etc/ssl/certs/ca-certificates.crt.

A server of this machine stands for AWS, with a certificate of an authority made for the test. With the authority in
the bundle ecs-why hears the server's answer; without, nothing of it. rustls-native-certs says where the bundle is
looked for.
"""

import contextlib
import http.server
import json
import os
import pathlib
import ssl
import subprocess
import tempfile
import threading

import trustme

from here import ROOT, LeftOut, call, require
from image import CERTIFICATES, inside

NOT_FOUND = 4
UNREACHABLE = 2
TASK = "arn:aws:ecs:eu-west-1:123456789012:task/prod/0123456789abcdef0123456789abcdef"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}


class NoCluster(http.server.BaseHTTPRequestHandler):
    """Amazon ECS that knows no cluster."""

    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        answer = json.dumps({"__type": "ClusterNotFoundException", "message": "Cluster not found."}).encode()
        self.send_response(400)
        self.send_header("content-type", "application/x-amz-json-1.1")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        """A client that does not trust the server hangs up, which is what is tested."""


@contextlib.contextmanager
def ecs_of(authority):
    """The address of a server with a certificate of this authority."""
    server = Server(("127.0.0.1", 0), NoCluster)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    # The handshake is done by the thread of the connection, so that one client cannot keep the others waiting.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def require_aws(binary):
    if not binary:
        raise LeftOut("no static binary that is newer than the one tested; packaging/static.sh builds it")
    if "built without access to AWS" in diagnose([binary], "https://127.0.0.1:9")[1]:
        raise LeftOut(f"{binary} was built without AWS")


def diagnose(command, address, **env):
    asked = [*command, "diagnose", TASK, "--endpoint-url", address, "--deadline", "10s"]
    ended = subprocess.run([str(part) for part in asked], env=KEYS | env, capture_output=True, text=True)
    return ended.returncode, ended.stdout + ended.stderr


def comes_from_the_system(binary, _):
    require_aws(binary)
    authority = trustme.CA()
    with tempfile.TemporaryDirectory() as folder, ecs_of(authority) as address:
        bundle = pathlib.Path(folder) / "bundle.pem"
        authority.cert_pem.write_to_path(bundle)
        heard = diagnose([binary], address, SSL_CERT_FILE=str(bundle))
        require(heard[0] == NOT_FOUND, f"a trusted server is not heard: {heard}")
        stranger = diagnose([binary], address)
        require(stranger[0] == UNREACHABLE, f"an authority of nobody is trusted: {stranger}")


def is_in_the_image(_, static):
    """The same by the bundle's own path in the image's root; and without a bundle an error, not a crash."""
    require_aws(static)
    authority = trustme.CA()
    with tempfile.TemporaryDirectory() as folder, ecs_of(authority) as address:
        bundle, root = pathlib.Path(folder) / "bundle.pem", pathlib.Path(folder) / "root"
        authority.cert_pem.write_to_path(bundle)
        call(ROOT / "packaging" / "image-root.sh", static, root, env={**os.environ, "SSL_CERT_FILE": str(bundle)})
        pathlib.Path(folder).chmod(0o755)
        heard = diagnose(inside(root, **KEYS), address)
        require(heard[0] == NOT_FOUND, f"in the image, a server of its bundle is not heard: {heard}")
        (root / CERTIFICATES).unlink()
        none = diagnose(inside(root, **KEYS), address)
        require(none[0] == UNREACHABLE, f"in an image without certificates: {none}")
