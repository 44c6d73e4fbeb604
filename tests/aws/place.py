"""A scenario's corner of the account: its cluster, roles, secrets, images, logs and tasks.

Knows how AWS names things and how a task looks that runs, failed to start, or died. Gets orders from a scenario
("a secret", "this role may do that", "the task failed with this reason") and carries them out through boto3; what
boto3 cannot make (a task that failed) goes straight into the server's table of tasks.
A place is `broken` or whole: the same scenario is played in both, and in the whole one its task runs. Its task may also
be still on its way there, or have failed for a reason that is not there any more.
"""

import json
import uuid
from datetime import datetime, timedelta, timezone

from moto.utilities.utils import get_partition

from server import ACCOUNT, SERVICES, TASKS

ASSUME_BY_TASKS = "ecs-tasks.amazonaws.com"
# Where a scenario is not about the network, nobody asks for it.
NOWHERE = {
    "subnetId": "subnet-0c1f4a8d2b3e5f6a7",
    "networkInterfaceId": "eni-0a1b2c3d4e5f60718",
    "macAddress": "06:5f:9c:11:22:33",
    "privateDnsName": "ip-10-0-1-23.eu-west-1.compute.internal",
    "privateIPv4Address": "10.0.1.23",
}


def allow(actions, *resources, sid=None):
    return _statement("Allow", actions, resources, sid)


def deny(actions, *resources, sid=None):
    return _statement("Deny", actions, resources, sid)


def _statement(effect, actions, resources, sid):
    statement = {
        "Effect": effect,
        "Action": actions,
        "Resource": resources[0] if len(resources) == 1 else list(resources),
    }
    return {"Sid": sid} | statement if sid else statement


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": [statement for statement in statements if statement]})


class Place:
    def __init__(self, server, name, broken=True, region="eu-west-1", ends=None):
        self.server = server
        self.ends = ends or ("fails" if broken else "runs")  # or "waits"
        self.name = name if broken else f"{name}-{'whole' if self.ends == 'runs' else self.ends}"
        self.broken = broken
        self.region = region
        self.partition = get_partition(region)
        self.cluster = self.name
        self.task_id = uuid.uuid4().hex
        self.now = datetime.now(timezone.utc).replace(microsecond=311000)
        self.definition = None
        self.launch_type = "FARGATE"
        self.platform = "1.4.0"
        self.zone = f"{region}a"
        self.awsvpc = None  # of its service, as ECS has it; a `Network` says
        self.interface = None  # of its task: the details of its attachment
        self.keeps_interface = False  # the task failed, and its interface is not deleted yet
        self.container_instance = None
        self.client("ecs").create_cluster(clusterName=self.cluster)

    @property
    def whole(self):
        return not self.broken

    def client(self, service):
        return self.server.client(service, self.region)

    # ------------------------------------------------------------ names

    def arn(self, service, resource, region=None, account=ACCOUNT):
        region = self.region if region is None else region
        return f"arn:{self.partition}:{service}:{region}:{account}:{resource}"

    @property
    def task_arn(self):
        return self.arn("ecs", f"task/{self.cluster}/{self.task_id}")

    @property
    def cluster_arn(self):
        return self.arn("ecs", f"cluster/{self.cluster}")

    def session(self, role_arn, session=None):
        """The principal that AWS names when a role of the task is denied: the session is the task's id."""
        return f"arn:{self.partition}:sts::{ACCOUNT}:assumed-role/{role_arn.split('/')[-1]}/{session or self.task_id}"

    def group(self, suffix=""):
        return f"/ecs/{self.name}{suffix}"

    def stream_arn(self, container="web", group=None):
        """What IAM is asked for when the task's log stream is made and written."""
        return self.arn("logs", f"log-group:{group or self.group()}:log-stream:app/{container}/{self.task_id}")

    def group_arn(self, group=None):
        return self.arn("logs", f"log-group:{group or self.group()}")

    def registry(self, account=ACCOUNT):
        suffix = "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"
        return f"{account}.dkr.ecr.{self.region}.{suffix}"

    def repository_arn(self, name=None, account=ACCOUNT):
        return self.arn("ecr", f"repository/{name or self.name}", account=account)

    # ------------------------------------------------------------ resources

    def image(self, name=None, tag="1.4", tagged=True, policy=None):
        """A repository, with an image unless told otherwise and a policy of that statement; gives the reference of the
        image."""
        name = name or self.name
        self.client("ecr").create_repository(repositoryName=name)
        if policy:
            self.client("ecr").set_repository_policy(repositoryName=name, policyText=document(policy))
        if tagged:
            self.push(name, tag)
        return f"{self.registry()}/{name}:{tag}"

    def push(self, name, tag, ecr=None):
        """An image with that tag, into the repository of this Region unless another's client is given."""
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {
                "mediaType": "application/vnd.docker.container.image.v1+json",
                "size": 7023,
                "digest": _digest(),
            },
            "layers": [
                {"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "size": 32654, "digest": _digest()}
            ],
        }
        (ecr or self.client("ecr")).put_image(repositoryName=name, imageManifest=json.dumps(manifest), imageTag=tag)

    def push_for(self, name, tag, *architectures):
        """An image of several platforms: the tag is that of an index."""
        index = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": [
                {
                    "mediaType": "application/vnd.oci.image.manifest.v1+json",
                    "digest": _digest(),
                    "size": 1234,
                    "platform": {"os": "linux", "architecture": architecture},
                }
                for architecture in architectures
            ],
        }
        kind = {"imageManifestMediaType": index["mediaType"]}
        self.client("ecr").put_image(repositoryName=name, imageManifest=json.dumps(index), imageTag=tag, **kind)

    def secret(self, name="db", key=None, value='{"username":"app","password":"never-to-be-read"}', policy=None):
        """A secret of Secrets Manager, with a policy of that statement; gives its ARN with the six characters that AWS
        appends."""
        extra = {"KmsKeyId": key} if key else {}
        manager = self.client("secretsmanager")
        arn = manager.create_secret(Name=f"{self.name}/{name}", SecretString=value, **extra)["ARN"]
        if policy:
            manager.put_resource_policy(SecretId=arn, ResourcePolicy=document(policy))
        return arn

    def parameter(self, name="db-url", kind="SecureString", key=None):
        """A parameter of SSM; gives its ARN."""
        extra = {"KeyId": key} if key else {}
        path = f"/{self.name}/{name}"
        self.client("ssm").put_parameter(Name=path, Value="never-to-be-read", Type=kind, **extra)
        return self.parameter_arn(name)

    def parameter_arn(self, name="db-url"):
        return self.arn("ssm", f"parameter/{self.name}/{name}")

    def bucket(self, name, policy=None):
        """A bucket, with a policy of that statement; gives its ARN."""
        s3 = self.client("s3")
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": self.region})
        if policy:
            s3.put_bucket_policy(Bucket=name, Policy=document(policy))
        return f"arn:{self.partition}:s3:::{name}"

    def key(self, policy=None):
        """A customer managed key, with a policy of that statement instead of the default one; gives its ARN."""
        extra = {"Policy": document(policy)} if policy else {}
        return self.client("kms").create_key(Description=self.name, **extra)["KeyMetadata"]["Arn"]

    def log_group(self, name=None):
        self.client("logs").create_log_group(logGroupName=name or self.group())

    def log(self, *lines, container="web"):
        """What a container wrote, a second apart, until shortly before it died."""
        logs, stream = self.client("logs"), f"app/{container}/{self.task_id}"
        logs.create_log_stream(logGroupName=self.group(), logStreamName=stream)
        start = int((self.now - timedelta(minutes=6)).timestamp() * 1000)
        events = [{"timestamp": start + 1000 * n, "message": line} for n, line in enumerate(lines)]
        logs.put_log_events(logGroupName=self.group(), logStreamName=stream, logEvents=events)

    # ------------------------------------------------------------ roles

    def policy(self, name, *statements):
        """A customer managed policy; gives its ARN."""
        answer = self.client("iam").create_policy(
            PolicyName=f"{self.name}-{name}", PolicyDocument=document(*statements)
        )
        return answer["Policy"]["Arn"]

    def aws_policy(self, name):
        return f"arn:{self.partition}:iam::aws:policy/{name}"

    def role(self, kind, *statements, trust=ASSUME_BY_TASKS, source=None, managed=(), boundary=None):
        """A role with one inline policy of these statements; `source` is the condition of its trust. Gives its ARN."""
        iam, name = self.client("iam"), f"{self.name}-{kind}"
        trusted = {"Effect": "Allow", "Principal": {"Service": trust}, "Action": "sts:AssumeRole"}
        if source:
            trusted["Condition"] = source
        extra = {"PermissionsBoundary": boundary} if boundary else {}
        answer = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trusted), **extra)
        if any(statements):
            iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=document(*statements))
        for policy in managed:
            iam.attach_role_policy(RoleName=name, PolicyArn=policy)
        return answer["Role"]["Arn"]

    def role_arn(self, kind):
        return self.arn("iam", f"role/{self.name}-{kind}", region="")

    def execution_role(self, *statements, **settings):
        """An execution role that may pull this place's image and write its logs, and do what the statements say."""
        return self.role("execution", self.may_log_in(), self.may_pull(), self.may_log(), *statements, **settings)

    def may_log_in(self):
        return allow("ecr:GetAuthorizationToken", "*", sid="RegistryToken")

    def may_pull(self, *repositories):
        return allow(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], *(repositories or [self.repository_arn()]))

    def may_log(self):
        return allow(["logs:CreateLogStream", "logs:PutLogEvents"], self.group_arn() + ":*")

    # ------------------------------------------------------------ task definition

    def container(self, name="web", image=None, secrets=None, group=None, logs=None, **more):
        """A container that logs with awslogs to this place's group; `secrets` maps variables to `valueFrom`."""
        options = {
            "awslogs-group": group or self.group(),
            "awslogs-region": self.region,
            "awslogs-stream-prefix": "app",
        }
        container = {
            "name": name,
            "image": image or f"{self.registry()}/{self.name}:1.4",
            "essential": True,
            "memory": 512,
            "logConfiguration": {"logDriver": "awslogs", "options": options | (logs or {})},
        }
        if secrets:
            container["secrets"] = [{"name": name, "valueFrom": source} for name, source in secrets.items()]
        return container | more

    def define(self, *containers, execution=None, task=None, launch_type="FARGATE", network=None, **more):
        self.launch_type = launch_type
        network = network or ("awsvpc" if launch_type == "FARGATE" else "bridge")
        roles = {"executionRoleArn": execution, "taskRoleArn": task}
        answer = self.client("ecs").register_task_definition(
            family=self.name,
            containerDefinitions=list(containers),
            networkMode=network,
            requiresCompatibilities=[launch_type],
            cpu="256",
            memory="512",
            **{name: role for name, role in roles.items() if role},
            **more,
        )
        self.definition = answer["taskDefinition"]
        return self.definition["taskDefinitionArn"]

    # ------------------------------------------------------------ tasks

    def fails_to_start(self, stopped_reason, reasons=None, pulled=True, **more):
        """The task never ran. `reasons` are the containers' own; `pulled`: it came as far as pulling images."""
        if self.ends != "fails":
            return self.runs()
        return self._put(
            _stopped(stopped_reason, "TaskFailedToStart")
            | self._times(
                created=600,
                connectivity=590,
                pullStarted=582 if pulled else None,
                pullStopped=574 if pulled else None,
                stopping=560,
                executionStopped=555,
                stopped=540,
            )
            | more,
            {name: {"reason": reason} for name, reason in (reasons or {}).items()},
        )

    def exits(self, code, container="web", reason=None, **more):
        """The task ran, and its essential container ended by itself or was killed by the kernel."""
        if self.ends != "fails":
            return self.runs()
        died = {"exitCode": code} | ({"reason": reason} if reason else {})
        return self._put(
            _stopped("Essential container in task exited", "EssentialContainerExited")
            | self._times(
                created=600,
                connectivity=590,
                pullStarted=582,
                pullStopped=560,
                started=555,
                executionStopped=340,
                stopping=339,
                stopped=315,
            )
            | more,
            {container: died},
        )

    def is_stopped(self, stopped_reason, code, grace, stop_code="ServiceSchedulerInitiated", **more):
        """Someone stopped the running task; its container ended with `code`, `grace` seconds after SIGTERM."""
        if self.ends != "fails":
            return self.runs()
        return self._put(
            _stopped(stopped_reason, stop_code)
            | self._times(
                created=9000,
                connectivity=8990,
                pullStarted=8980,
                pullStopped=8960,
                started=8950,
                stopping=300,
                executionStopped=300 - grace,
                stopped=240,
            )
            | more,
            {container["name"]: {"exitCode": code} for container in self.definition["containerDefinitions"]},
        )

    def runs(self, **more):
        """The healthy twin's task, which may still be on its way."""
        if self.ends == "waits":
            state = {"desiredStatus": "RUNNING", "lastStatus": "PENDING", "version": 2}
            return self._put(state | self._times(created=90, connectivity=80) | more, {})
        state = {"desiredStatus": "RUNNING", "lastStatus": "RUNNING", "version": 4}
        times = self._times(created=600, connectivity=590, pullStarted=582, pullStopped=560, started=555)
        return self._put(state | times | more, {})

    def _times(self, **seconds_ago):
        """Timestamps of DescribeTasks (`createdAt`, `connectivityAt` …) by how long ago they were."""
        return {
            f"{event}At": self.now - timedelta(seconds=ago) for event, ago in seconds_ago.items() if ago is not None
        }

    def _put(self, state, containers):
        fargate = self.launch_type == "FARGATE"
        awsvpc = self.definition["networkMode"] == "awsvpc"
        task = {
            "attachments": [self._attachment(state["lastStatus"])] if awsvpc else [],
            "attributes": [{"name": "ecs.cpu-architecture", "value": "x86_64"}],
            "availabilityZone": self.zone,
            "clusterArn": self.cluster_arn,
            "connectivity": "CONNECTED",
            "containers": [
                self._container(definition, state, containers) for definition in self.definition["containerDefinitions"]
            ],
            "cpu": "256",
            "memory": "512",
            "enableExecuteCommand": False,
            "group": f"family:{self.name}",
            "launchType": self.launch_type,
            "overrides": {
                "containerOverrides": [{"name": one["name"]} for one in self.definition["containerDefinitions"]],
                "inferenceAcceleratorOverrides": [],
            },
            "tags": [],
            "taskArn": self.task_arn,
            "taskDefinitionArn": self.definition["taskDefinitionArn"],
        }
        if fargate:
            task |= {
                "platformFamily": "Linux",
                "platformVersion": self.platform,
                "ephemeralStorage": {"sizeInGiB": 20},
            }
        else:
            unknown = self.arn("ecs", f"container-instance/{self.cluster}/{uuid.uuid4().hex}")
            task["containerInstanceArn"] = self.container_instance or unknown
        task |= state
        TASKS.setdefault((self.region, self.cluster), {})[task["taskArn"]] = task
        return task["taskArn"]

    def _container(self, definition, state, containers):
        """A container of DescribeTasks: `exitCode` and `reason` are there only if it had them."""
        container = {
            "containerArn": self.arn("ecs", f"container/{self.cluster}/{self.task_id}/{uuid.uuid4()}"),
            "cpu": "0",
            "healthStatus": "UNKNOWN",
            "image": definition["image"],
            "lastStatus": state["lastStatus"],
            "managedAgents": [],
            "memory": str(definition["memory"]),
            "name": definition["name"],
            "networkBindings": [],
            "networkInterfaces": [],
            "taskArn": self.task_arn,
        }
        if "startedAt" in state:
            container |= {"runtimeId": f"{self.task_id}-{uuid.uuid4().int % 10**10}", "imageDigest": _digest()}
        return container | containers.get(definition["name"], {})

    def _attachment(self, status):
        """The task's interface; EC2 forgets it when the task has stopped, and the task does not."""
        details = self.interface or NOWHERE
        if self.interface and status == "STOPPED" and not self.keeps_interface:
            self.client("ec2").delete_network_interface(NetworkInterfaceId=details["networkInterfaceId"])
        return {
            "id": str(uuid.uuid4()),
            "type": "ElasticNetworkInterface",
            "status": "DELETED" if status == "STOPPED" else "ATTACHED",
            "details": [{"name": name, "value": value} for name, value in details.items()],
        }

    # ------------------------------------------------------------ service

    def service(self, *events, name="web", running=0, **more):
        """A service of this place's task definition whose events, newest first, say this."""
        network = {"networkConfiguration": {"awsvpcConfiguration": self.awsvpc}} if self.awsvpc else {}
        created = self.now - timedelta(days=2)
        deployment = {
            "id": f"ecs-svc/{uuid.uuid4().int % 10**19}",
            "status": "PRIMARY",
            "taskDefinition": self.definition["taskDefinitionArn"],
            "desiredCount": 1,
            "pendingCount": 0,
            "runningCount": running,
            "failedTasks": 0 if running else 3,
            "createdAt": self.now - timedelta(minutes=20),
            "updatedAt": self.now - timedelta(minutes=2),
            "launchType": self.launch_type,
            "platformVersion": self.platform,
            "rolloutState": "COMPLETED" if running else "IN_PROGRESS",
            "rolloutStateReason": "ECS deployment completed." if running else "ECS deployment in progress.",
            **network,
        }
        SERVICES.setdefault((self.region, self.cluster), {})[name] = {
            "serviceArn": self.arn("ecs", f"service/{self.cluster}/{name}"),
            "serviceName": name,
            "clusterArn": self.cluster_arn,
            "status": "ACTIVE",
            "desiredCount": 1,
            "runningCount": running,
            "pendingCount": 0,
            "launchType": self.launch_type,
            "platformVersion": "LATEST",
            "taskDefinition": self.definition["taskDefinitionArn"],
            "deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100},
            "deployments": [deployment],
            "events": [
                {"id": str(uuid.uuid4()), "createdAt": self.now - timedelta(minutes=2 + 3 * n), "message": message}
                for n, message in enumerate(events)
            ],
            "createdAt": created,
            "schedulingStrategy": "REPLICA",
            "deploymentController": {"type": "ECS"},
            "loadBalancers": [],
            "serviceRegistries": [],
            "placementConstraints": [],
            "placementStrategy": [],
            "enableECSManagedTags": True,
            "propagateTags": "NONE",
            "enableExecuteCommand": False,
            **network,
            **more,
        }
        return deployment["id"]

    def task(self):
        return TASKS[self.region, self.cluster][self.task_arn]


def _stopped(reason, code):
    return {
        "desiredStatus": "STOPPED",
        "lastStatus": "STOPPED",
        "stoppedReason": reason,
        "stopCode": code,
        "version": 5,
    }


def _digest():
    return f"sha256:{uuid.uuid4().hex}{uuid.uuid4().hex}"
