"""The AWS API of the tests: moto's threaded server, answering as AWS does where the tool looks.

Knows what moto 5.2.5 lacks of ECS, IAM and SSM; `amended` knows the rest.
Gets plain dictionaries (tasks, services) from the scenarios and gives an endpoint, boto3 clients and *visitors*.
A visitor is one access key: it tells one run of a program from another, so that what the run called is known
(`visitor.calls`) and its answers can be delayed, denied or throttled while other runs go on undisturbed.
"""

import copy
import functools
import os
import re
import threading
import uuid
from datetime import datetime, timezone

from gate import ACCOUNT, SECRET_KEY, Gate, Visitor

# moto reads this when it is imported: AWS's own managed policies are part of the world.
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"

import amended  # noqa: E402
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


def _update_service(self):
    """Puts a deployment of the service's new settings before the others; ECS then starts tasks of it."""
    where = _cluster(self)
    service = SERVICES.get(where, {}).get(self._get_param("service").split("/")[-1])
    if service is None:
        raise ServiceNotFoundException()
    settings = {name: self._get_param(name) for name in ("networkConfiguration", "platformVersion", "taskDefinition")}
    settings = {name: value for name, value in settings.items() if value is not None}
    before = service["deployments"]
    deployment = copy.deepcopy(before[0]) | settings
    deployment |= {"id": f"ecs-svc/{uuid.uuid4().int % 10**19}", "runningCount": 0, "failedTasks": 0}
    deployment |= {"createdAt": datetime.now(timezone.utc), "updatedAt": datetime.now(timezone.utc)}
    service |= settings
    service["deployments"] = [deployment, *[one | {"status": "ACTIVE"} for one in before]]
    return ActionResult({"service": service})


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


def _describe_parameters(self):
    """Names the ARN, which moto leaves out, and gives pages of the length that is asked for: moto's hold ten, and the one
    that ends with the last parameter has a token. The value is not part of the answer's shape."""
    found = self.ssm_backend.describe_parameters(self._get_param("Filters"), self._get_param("ParameterFilters"))
    begin = int(self._get_param("NextToken") or 0)
    end = begin + int(self._get_param("MaxResults") or 10)
    page = [parameter.describe_response_object(False) for parameter in found[begin:end]]
    for parameter in page:
        parameter["ARN"] = parameter_arn(self.current_account, self.region, parameter["Name"])
    more = {"NextToken": str(end)} if end < len(found) else {}
    return ActionResult({"Parameters": page, **more})


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
    EcsResponse.update_service = _update_service
    EcsResponse.describe_container_instances = _describe_container_instances
    EcsResponse.describe_task_definition = _describe_task_definition
    IamResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER["GetPolicyVersionResponse.PolicyVersion.Document"] = url_encode
    SsmResponse.describe_parameters = _describe_parameters
    amended.amend()


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
