"""Tests of the test world itself: that the server answers as AWS does where moto 5.2.5 by itself does not.

Each check gets the server and gives a list of problems.
"""

import json
import time
import uuid
from urllib.request import Request, urlopen

import scenarios
from botocore.exceptions import ClientError
from place import Place, allow
from play import REGIONS

ALL = {}


def check(function):
    ALL[function.__name__.replace("_", "-")] = function
    return function


def _differs(got, wanted, what):
    return [] if got == wanted else [f"{what}: expected {wanted!r}, got {got!r}"]


def _play(server, name, broken=True, ends=None):
    region = REGIONS.get(name, "eu-west-1")
    at = Place(server, f"check-{name}-{uuid.uuid4().hex[:6]}", broken=broken, region=region, ends=ends)
    return at, scenarios.ALL[name](at)


def _described(at):
    return at.client("ecs").describe_tasks(cluster=at.cluster, tasks=[at.task_id])


def _error(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


@check
def every_scenario_can_be_furnished(server):
    """As it is told, broken and whole; the whole one's task runs."""
    problems = []
    for name in scenarios.ALL:
        _, expect = _play(server, name)
        problems += [] if expect.cause or expect.status != "diagnosed" else [f"{name}: diagnosed as what?"]
        at, _ = _play(server, name, broken=False)
        problems += _differs([task["lastStatus"] for task in _described(at)["tasks"]], ["RUNNING"], f"{name}: the twin")
    return problems


@check
def stopped_tasks_say_why(server):
    at, _ = _play(server, "out-of-memory")
    task = _described(at)["tasks"][0]
    container = task["containers"][0]
    times = {
        "createdAt",
        "pullStartedAt",
        "pullStoppedAt",
        "startedAt",
        "stoppingAt",
        "executionStoppedAt",
        "stoppedAt",
    }
    return (
        _differs(task["stopCode"], "EssentialContainerExited", "stopCode")
        + _differs(
            (container["exitCode"], container["reason"]),
            (137, "OutOfMemoryError: Container killed due to memory usage"),
            "container",
        )
        + _differs(times - task.keys(), set(), "times that are not there")
    )


@check
def containers_that_never_ran_have_no_exit_code(server):
    at, _ = _play(server, "secret-is-denied")
    container = _described(at)["tasks"][0]["containers"][0]
    return _differs({"exitCode", "reason", "runtimeId"} & container.keys(), set(), "fields that should not be there")


@check
def unknown_tasks_and_clusters(server):
    at, _ = _play(server, "unknown-task")
    ecs = at.client("ecs")
    return _differs(_described(at)["failures"], [{"arn": at.task_arn, "reason": "MISSING"}], "failures") + _differs(
        _error(ecs.describe_tasks, cluster="nowhere", tasks=[at.task_id]), "ClusterNotFoundException", "unknown cluster"
    )


@check
def tasks_are_listed_by_service_and_status(server):
    at, _ = _play(server, "newest-failure-of-a-service")
    ecs = at.client("ecs")
    listed = {
        (status, service): len(
            ecs.list_tasks(cluster=at.cluster, serviceName=service, desiredStatus=status)["taskArns"]
        )
        for status in ("RUNNING", "STOPPED")
        for service in ("web",)
    }
    unknown = _error(ecs.list_tasks, cluster=at.cluster, serviceName="other")
    return _differs(listed, {("RUNNING", "web"): 0, ("STOPPED", "web"): 3}, "tasks of the service") + _differs(
        unknown, "ServiceNotFoundException", "unknown service"
    )


@check
def services_have_events(server):
    at, _ = _play(server, "role-was-deleted")
    answer = at.client("ecs").describe_services(cluster=at.cluster, services=["web", "other"])
    event = answer["services"][0]["events"][0]["message"]
    return _differs("unable to assume the role" in event, True, "event") + _differs(
        [failure["reason"] for failure in answer["failures"]], ["MISSING"], "failures"
    )


@check
def task_definitions_say_who_pulls(server):
    at, _ = _play(server, "log-group-missing-on-ec2")
    arn = at.definition["taskDefinitionArn"]
    answer = at.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
    names = {attribute["name"] for attribute in answer["requiresAttributes"]}
    return _differs(
        {"ecs.capability.execution-role-ecr-pull", "ecs.capability.execution-role-awslogs"} - names, set(), "attributes"
    )


@check
def policy_documents_are_url_encoded(server):
    at = Place(server, "check-documents")
    arn = at.policy("managed", allow("s3:GetObject", "arn:aws:s3:::a b/*"))
    at.execution_role(managed=[arn])
    bodies = {
        "GetPolicyVersion": f"PolicyArn={arn}&VersionId=v1",
        "GetRolePolicy": f"RoleName={at.name}-execution&PolicyName=inline",
        "GetRole": f"RoleName={at.name}-execution",
    }
    texts = {action: _query(server, f"Action={action}&Version=2010-05-08&{body}") for action, body in bodies.items()}
    return [f"{action}: the document is plain" for action, text in texts.items() if "%22Statement%22" not in text]


def _query(server, body):
    """What goes over the wire: boto3 would decode it."""
    scope = f"{server.visitor().access_key}/20240501/eu-west-1/iam/aws4_request"
    signature = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": signature}
    with urlopen(Request(server.url, body.encode(), headers)) as answer:
        return answer.read().decode()


@check
def managed_policies_of_aws_are_there(server):
    iam = server.client("iam", "eu-west-1")
    arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    found = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    actions = {action for statement in found["Statement"] for action in statement["Action"]}
    return _differs("logs:CreateLogGroup" in actions, False, "CreateLogGroup in AWS's policy") + _differs(
        "ecr:GetAuthorizationToken" in actions, True, "GetAuthorizationToken in AWS's policy"
    )


@check
def parameters_are_described_without_values(server):
    at = Place(server, "check-parameter")
    key = at.key()
    arn = at.parameter(key=key)
    filters = [{"Key": "Name", "Option": "Equals", "Values": [f"/{at.name}/db-url", "/other"]}]
    found = at.client("ssm").describe_parameters(ParameterFilters=filters)["Parameters"]
    return _differs([(one["ARN"], one["KeyId"], one.get("Value")) for one in found], [(arn, key, None)], "parameters")


@check
def secrets_are_described_with_their_key(server):
    at = Place(server, "check-secret")
    key = at.key()
    secrets = at.client("secretsmanager")
    keyed = secrets.describe_secret(SecretId=at.secret("keyed", key=key))
    plain = secrets.describe_secret(SecretId=at.secret("plain"))
    missing = _error(secrets.describe_secret, SecretId=at.arn("secretsmanager", "secret:none-Xk2vQ9"))
    return (
        _differs(keyed.get("KmsKeyId"), key, "key")
        + _differs(plain.get("KmsKeyId"), None, "key of a secret that has none")
        + _differs(missing, "ResourceNotFoundException", "a secret that is not there")
    )


@check
def images_are_there_or_not(server):
    at = Place(server, "check-image")
    at.image()
    images = at.client("ecr").describe_images
    codes = [_error(images, repositoryName=at.name, imageIds=[{"imageTag": tag}]) for tag in ("1.4", "1.5")] + [
        _error(images, repositoryName="other", imageIds=[{"imageTag": "1"}])
    ]
    return _differs(codes, [None, "ImageNotFoundException", "RepositoryNotFoundException"], "errors of DescribeImages")


@check
def visitors_are_recorded_refused_and_delayed(server):
    import boto3

    visitor = server.visitor()
    keys = {"aws_access_key_id": visitor.access_key, "aws_secret_access_key": "x"}
    iam, ecs = (boto3.client(name, region_name="eu-west-1", endpoint_url=server.url, **keys) for name in ("iam", "ecs"))
    visitor.refuse = {"iam:GetRole": "denied", "ecs:ListTasks": "throttled"}
    codes = [_error(iam.get_role, RoleName="none"), _error(ecs.list_tasks, cluster="none")]
    visitor.refuse = {"*": "expired"}
    codes += [_error(iam.get_role, RoleName="none"), _error(ecs.list_tasks, cluster="none")]
    visitor.refuse, visitor.delay = {}, 0.3
    begin = time.monotonic()
    _error(iam.get_role, RoleName="none")
    slow = time.monotonic() - begin
    wanted = ["AccessDenied", "ThrottlingException", "ExpiredToken", "ExpiredTokenException"]
    return (
        _differs(codes, wanted, "refusals")
        + _differs(visitor.calls[0], ("iam:GetRole", {"Version": "2010-05-08", "RoleName": "none"}), "first call")
        + _differs(slow >= 0.3, True, "delay")
        + _differs(json.dumps(server.gate.strangers), "[]", "calls of strangers")
    )


# Each registers its checks above.
import self_check_network  # noqa: E402, F401
import self_check_things  # noqa: E402, F401
