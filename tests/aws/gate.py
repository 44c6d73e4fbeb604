"""Who calls what: a WSGI layer around moto that names every call, records it, and may delay or refuse it.

A visitor is one access key. Knows the wire forms in which the services name an operation (a header, a form, a path) and
say no (JSON, the query protocol's XML, EC2's and S3's).
"""

import io
import json
import os
import re
import threading
import time
import uuid
from collections import Counter
from urllib.parse import parse_qs

ACCOUNT = "123456789012"
SECRET_KEY = "the-tests-have-no-secret-key"

# The answers below are refusals of one call: action -> one of REFUSALS. Each is a status, a code of the XML protocols,
# one of JSON, one of EC2, and a message.
NOT_AUTHORIZED = (
    "User: arn:aws:iam::{account}:user/reader is not authorized to perform: {action} on resource: * because no "
    "identity-based policy allows the {action} action"
)
REFUSALS = {
    "denied": (403, "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", NOT_AUTHORIZED),
    "throttled": (400, "Throttling", "ThrottlingException", "RequestLimitExceeded", "Rate exceeded"),
    "failed": (500, "ServiceFailure", "InternalServerException", "InternalError", "Service Failure"),
    "expired": (
        403,
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "The security token included in the request is expired",
    ),
}

# Services that name an operation by method and path alone: (service, method, path) -> action. Where IAM's name differs
# from the operation's (HeadObject), it is IAM's.
BY_PATH = [
    ("elasticfilesystem", "GET", r"/2015-02-01/file-systems/?$", "elasticfilesystem:DescribeFileSystems"),
    ("elasticfilesystem", "GET", r"/2015-02-01/mount-targets/?$", "elasticfilesystem:DescribeMountTargets"),
    (
        "elasticfilesystem",
        "GET",
        r"/2015-02-01/mount-targets/[^/]+/security-groups$",
        "elasticfilesystem:DescribeMountTargetSecurityGroups",
    ),
    ("elasticfilesystem", "GET", r"/2015-02-01/access-points/?$", "elasticfilesystem:DescribeAccessPoints"),
    ("route53", "GET", r"/2013-04-01/hostedzonesbyvpc$", "route53:ListHostedZonesByVPC"),
    ("s3", "HEAD", r"/[^/]+/.+", "s3:GetObject"),
]

# moto walks through the tables of EC2 while another thread may be adding to them; EFS makes interfaces of EC2.
ONE_AT_A_TIME = {service: threading.Lock() for service in ("ec2",)}
ONE_AT_A_TIME["elasticfilesystem"] = ONE_AT_A_TIME["ec2"]


class Visitor:
    """One access key: what it called, and how it is answered."""

    def __init__(self):
        self.access_key = "TEST" + uuid.uuid4().hex[:16].upper()
        self.calls = []  # (action, parameters) in the order of arrival
        self.delay = 0.0  # seconds before every answer
        self.delays = {}  # action -> seconds before its answers
        self.refuse = {}  # action, or "*" -> a key of REFUSALS

    def environment(self, region):
        """What a program needs in its environment to be this visitor, and nothing that the machine's owner has."""
        settings = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": "/nonexistent",
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
            "LC_ALL": "C.UTF-8",
        }
        if region:
            settings |= {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
        return settings

    def actions(self):
        return Counter(action for action, _ in self.calls)


class Gate:
    """WSGI layer around moto: names the call, records it, and may delay or refuse it."""

    def __init__(self, application):
        self.application = application
        self.visitors = {}
        self.strangers = []  # calls that carry no visitor's key: none is expected

    def __call__(self, environ, start_response):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        key, service = _signer(environ)
        action, parameters = _operation(environ, service, body)
        visitor = self.visitors.get(key)
        if visitor is None:
            self.strangers.append(action)
            return self._answer(environ, start_response, service)
        visitor.calls.append((action, parameters))
        time.sleep(visitor.delays.get(action, visitor.delay))
        refusal = visitor.refuse.get(action) or visitor.refuse.get("*")
        if refusal:
            return _refusal(environ, start_response, refusal, action)
        return self._answer(environ, start_response, service)

    def _answer(self, environ, start_response, service):
        if service not in ONE_AT_A_TIME:
            return self.application(environ, start_response)
        with ONE_AT_A_TIME[service]:
            return self.application(environ, start_response)


def _signer(environ):
    """Access key and service from the signature's credential scope."""
    found = re.search(r"Credential=([^/,\s]+)/\d+/[^/]+/([^/]+)/aws4_request", environ.get("HTTP_AUTHORIZATION", ""))
    return found.groups() if found else (None, "unsigned")


def _operation(environ, service, body):
    """The action as IAM spells it (`ecs:DescribeTasks`) and the request's parameters."""
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return f"{service}:{target.split('.')[-1]}", json.loads(body or b"{}")
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        return f"{service}:{form.pop('Action', '?')}", form
    smithy = re.search(r"/service/[^/]+/operation/(\w+)", environ["PATH_INFO"])
    if smithy:
        return f"{service}:{smithy[1]}", {}
    method, path, query = environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"]
    if service == "s3" and method == "GET" and query.startswith("policy"):
        return "s3:GetBucketPolicy", {"Bucket": path.strip("/")}
    for of, by, pattern, action in BY_PATH:
        if (service, method) == (of, by) and re.match(pattern, path):
            return action, {"Path": path} | {name: values[0] for name, values in parse_qs(query).items()}
    return f"{service}:{method} {path}", {}


def _refusal(environ, start_response, kind, action):
    """Says no in the protocol of the request: JSON, the query protocol's XML, or EC2's or S3's."""
    status, query_code, json_code, ec2_code, template = REFUSALS[kind]
    message = template.format(account=ACCOUNT, action=action)
    more = []
    if environ.get("HTTP_X_AMZ_TARGET"):
        status, content = 400, "application/x-amz-json-1.1"
        body = json.dumps({"__type": json_code, "message": message})
    elif action.startswith("elasticfilesystem:"):
        content, more = "application/json", [("x-amzn-ErrorType", json_code)]
        body = json.dumps({"Message": message})
    elif action.startswith("s3:"):
        content = "application/xml"
        body = f"<Error><Code>{query_code}</Code><Message>{message}</Message></Error>"
    elif action.startswith("ec2:"):
        status, content = 503 if kind == "throttled" else status, "text/xml"
        body = (
            f"<Response><Errors><Error><Code>{ec2_code}</Code><Message>{message}</Message></Error></Errors>"
            f"<RequestID>{uuid.uuid4()}</RequestID></Response>"
        )
    else:
        content = "text/xml"
        body = (
            '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type>'
            f"<Code>{query_code}</Code><Message>{message}</Message></Error>"
            f"<RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
        )
    data = b"" if environ["REQUEST_METHOD"] == "HEAD" else body.encode()
    phrase = {400: "Bad Request", 403: "Forbidden", 500: "Internal Server Error", 503: "Service Unavailable"}[status]
    headers = [("Content-Type", content), ("Content-Length", str(len(data))), *more]
    start_response(f"{status} {phrase}", headers)
    return [data]
