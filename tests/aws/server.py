"""The AWS API of the tests: moto's threaded server, answering as AWS does where the tool looks.

Knows what moto 5.2.5 lacks of ECS, IAM and SSM, and the wire forms (JSON, query XML) in which AWS says no.
Gets plain dictionaries (tasks, services) from the scenarios and gives an endpoint, boto3 clients and *visitors*.
A visitor is one access key: it tells one run of a program from another, so that what the run called is known
(`visitor.calls`) and its answers can be delayed, denied or throttled while other runs go on undisturbed.
"""

import functools
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

# moto reads this when it is imported: AWS's own managed policies are part of the world.
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"

import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402
from moto.core.responses import ActionResult  # noqa: E402
from moto.core.serialize import url_encode  # noqa: E402
from moto.ecs.exceptions import InvalidParameterException, ServiceNotFoundException  # noqa: E402
from moto.ecs.responses import EC2ContainerServiceResponse as EcsResponse  # noqa: E402
from moto.iam.models import IAMBackend  # noqa: E402
from moto.iam.responses import IamResponse  # noqa: E402
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app  # noqa: E402
from moto.ssm.responses import SimpleSystemManagerResponse as SsmResponse  # noqa: E402
from moto.ssm.utils import parameter_arn  # noqa: E402
from moto.utilities.utils import get_partition  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402


# ---------------------------------------------------------------- what ECS knows

TASKS = {}  # (region, cluster name) -> {task ARN: task as DescribeTasks has it}
SERVICES = {}  # (region, cluster name) -> {service name: service as DescribeServices has it}
INSTANCES = {}  # (region, cluster name) -> {container instance ARN: as DescribeContainerInstances has it}


def _cluster(response):
    """The cluster that a request names; ClusterNotFoundException as AWS has it if there is none."""
    name = response._get_param("cluster", "default").split("/")[-1]
    response.ecs_backend._get_cluster(name)
    return response.region, name


def _find(asked, known, kind, region, cluster):
    """Splits what was asked for into what is known and AWS's `failures`."""
    found, failures = [], []
    for name in asked:
        arn = name
        if not name.startswith("arn:"):
            arn = f"arn:{get_partition(region)}:ecs:{region}:{ACCOUNT}:{kind}/{cluster}/{name}"
        if arn in known:
            found.append(known[arn])
        else:
            failures.append({"arn": arn, "reason": "MISSING"})
    return found, failures


def _describe_tasks(self):
    where = _cluster(self)
    asked = self._get_param("tasks", [])
    if not asked:
        raise InvalidParameterException("Tasks cannot be empty.")
    for name in asked:
        if not re.fullmatch(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", name.split("/")[-1]):
            raise InvalidParameterException("Invalid identifier: Identifier is for task, it must be a task ID or ARN.")
    tasks, failures = _find(asked, TASKS.get(where, {}), "task", *where)
    return ActionResult({"tasks": tasks, "failures": failures})


def _list_tasks(self):
    where = _cluster(self)
    service = self._get_param("serviceName")
    family = self._get_param("family")
    wanted = self._get_param("desiredStatus", "RUNNING")
    if service:
        service = service.split("/")[-1]
        if service not in SERVICES.get(where, {}):
            raise ServiceNotFoundException()
    arns = [
        task["taskArn"]
        for task in TASKS.get(where, {}).values()
        if task["desiredStatus"] == wanted
        and (not service or task["group"] == f"service:{service}")
        and (not family or task["taskDefinitionArn"].split("/")[-1].split(":")[0] == family)
    ]
    return ActionResult({"taskArns": arns})


def _describe_services(self):
    where = _cluster(self)
    known = {service["serviceArn"]: service for service in SERVICES.get(where, {}).values()}
    services, failures = _find(self._get_param("services", []), known, "service", *where)
    return ActionResult({"services": services, "failures": failures})


def _list_services(self):
    where = _cluster(self)
    return ActionResult({"serviceArns": [service["serviceArn"] for service in SERVICES.get(where, {}).values()]})


def _describe_container_instances(self):
    where = _cluster(self)
    asked = self._get_param("containerInstances", [])
    instances, failures = _find(asked, INSTANCES.get(where, {}), "container-instance", *where)
    return ActionResult({"containerInstances": instances, "failures": failures})


def _describe_task_definition(self):
    definition = self.ecs_backend.describe_task_definition(self._get_param("taskDefinition"))
    definition.requires_attributes = [{"name": name} for name in required_attributes(definition)]
    return ActionResult({"taskDefinition": definition, "tags": []})


def required_attributes(definition):
    """`requiresAttributes` as ECS computes them: on EC2 they alone tell which role pulls and logs."""
    names = ["com.amazonaws.ecs.capability.docker-remote-api.1.18"]
    execution = getattr(definition, "execution_role_arn", None)
    if getattr(definition, "task_role_arn", None):
        names.append("com.amazonaws.ecs.capability.task-iam-role")
    if definition.network_mode == "awsvpc":
        names.append("ecs.capability.task-eni")
    for container in definition.container_definitions:
        driver = (container.get("logConfiguration") or {}).get("logDriver")
        if ".dkr.ecr." in container["image"]:
            names.append("com.amazonaws.ecs.capability.ecr-auth")
            names += ["ecs.capability.execution-role-ecr-pull"] if execution else []
        if driver:
            names.append(f"com.amazonaws.ecs.capability.logging-driver.{driver}")
            names += ["ecs.capability.execution-role-awslogs"] if execution and driver == "awslogs" else []
        for secret in container.get("secrets") or []:
            kind = "asm" if ":secretsmanager:" in secret["valueFrom"] else "ssm"
            names.append(f"ecs.capability.secrets.{kind}.environment-variables")
        if container.get("environmentFiles"):
            names.append("ecs.capability.env-files.s3")
    return list(dict.fromkeys(names))


def _describe_parameters(self, moto_describe_parameters=SsmResponse.describe_parameters):
    """Names the ARN, which moto leaves out; the value is not part of the answer's shape."""
    answer = moto_describe_parameters(self)
    for parameter in answer.result["Parameters"]:
        parameter["ARN"] = parameter_arn(self.current_account, self.region, parameter["Name"])
    return answer


def _one_at_a_time(call, turn=threading.Lock()):
    """moto walks through all managed policies while another thread may be adding one."""

    @functools.wraps(call)
    def in_turn(*args, **kwargs):
        with turn:
            return call(*args, **kwargs)

    return in_turn


def patch_moto():
    for name in ("attach_role_policy", "detach_role_policy", "create_policy", "delete_policy"):
        setattr(IAMBackend, name, _one_at_a_time(getattr(IAMBackend, name)))
    EcsResponse.describe_tasks = _describe_tasks
    EcsResponse.list_tasks = _list_tasks
    EcsResponse.describe_services = _describe_services
    EcsResponse.list_services = _list_services
    EcsResponse.describe_container_instances = _describe_container_instances
    EcsResponse.describe_task_definition = _describe_task_definition
    IamResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER["GetPolicyVersionResponse.PolicyVersion.Document"] = url_encode
    SsmResponse.describe_parameters = _describe_parameters


# ---------------------------------------------------------------- who calls what

# The answers below are refusals of one call: action -> one of REFUSALS.
REFUSALS = {
    "denied": (
        403,
        "AccessDenied",
        "AccessDeniedException",
        "User: arn:aws:iam::{account}:user/reader is not authorized to "
        "perform: {action} on resource: * because no identity-based policy allows the {action} action",
    ),
    "throttled": (400, "Throttling", "ThrottlingException", "Rate exceeded"),
    "failed": (500, "ServiceFailure", "InternalServerException", "Service Failure"),
    "expired": (403, "ExpiredToken", "ExpiredTokenException", "The security token included in the request is expired"),
}


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
            return self.application(environ, start_response)
        visitor.calls.append((action, parameters))
        time.sleep(visitor.delays.get(action, visitor.delay))
        refusal = visitor.refuse.get(action) or visitor.refuse.get("*")
        if refusal:
            return _refusal(environ, start_response, refusal, action)
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
    if service == "s3" and environ["REQUEST_METHOD"] == "GET" and environ["QUERY_STRING"].startswith("policy"):
        return "s3:GetBucketPolicy", {"Bucket": environ["PATH_INFO"].strip("/")}
    return f"{service}:{environ['REQUEST_METHOD']} {environ['PATH_INFO']}", {}


def _refusal(environ, start_response, kind, action):
    """Says no in the protocol of the request: JSON, or the query protocol's XML."""
    status, query_code, json_code, template = REFUSALS[kind]
    message = template.format(account=ACCOUNT, action=action)
    if environ.get("HTTP_X_AMZ_TARGET"):
        status, content = 400, "application/x-amz-json-1.1"
        body = json.dumps({"__type": json_code, "message": message})
    elif action.startswith("s3:"):
        content = "application/xml"
        body = f"<Error><Code>{query_code}</Code><Message>{message}</Message></Error>"
    else:
        content = "text/xml"
        body = (
            '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type>'
            f"<Code>{query_code}</Code><Message>{message}</Message></Error>"
            f"<RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
        )
    data = body.encode()
    phrase = {400: "Bad Request", 403: "Forbidden", 500: "Internal Server Error"}[status]
    start_response(f"{status} {phrase}", [("Content-Type", content), ("Content-Length", str(len(data)))])
    return [data]


class _QuietHandler(MotoRequestHandler):
    def log_request(self, *_args):
        pass

    def log_error(self, *_args):
        """A client that goes away in the middle of an answer is one of the tests."""


class Server:
    """moto behind the gate, on a free port of this machine."""

    def __init__(self):
        patch_moto()
        self.gate = Gate(DomainDispatcherApplication(create_backend_app))
        self._server = make_server("127.0.0.1", 0, self.gate, threaded=True, request_handler=_QuietHandler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._owner = self.visitor()
        self._clients = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def visitor(self):
        visitor = Visitor()
        self.gate.visitors[visitor.access_key] = visitor
        return visitor

    def client(self, service, region):
        """A boto3 client of the account's owner, to furnish the world with."""
        with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = boto3.client(
                    service,
                    region_name=region,
                    endpoint_url=self.url,
                    aws_access_key_id=self._owner.access_key,
                    aws_secret_access_key=SECRET_KEY,
                    config=Config(max_pool_connections=16, s3={"addressing_style": "path"}),
                )
            return self._clients[service, region]

    def stop(self):
        self._server.shutdown()
