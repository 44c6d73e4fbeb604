"""Runs the binary under test as a user would, against the test server.

Knows the command line, the environment and the report's shape (ecs-why/report/v1); gives a `Run` with everything that
came out and every call that AWS saw. `always_wrong` holds of every run whatever it was about: it called something
that it must never call, or it panicked.
"""

import json
import subprocess
from dataclasses import dataclass

# Every operation that a diagnosis may use. None of them changes anything or gives a value away.
ALLOWED = {
    "ecs": [
        "DescribeTasks",
        "DescribeTaskDefinition",
        "ListTasks",
        "ListServices",
        "DescribeServices",
        "DescribeContainerInstances",
    ],
    "iam": [
        "GetRole",
        "ListRolePolicies",
        "GetRolePolicy",
        "ListAttachedRolePolicies",
        "GetPolicy",
        "GetPolicyVersion",
        "SimulatePrincipalPolicy",
    ],
    "logs": ["DescribeLogGroups", "DescribeLogStreams", "GetLogEvents", "FilterLogEvents"],
    "s3": ["GetBucketPolicy", "GetObject"],  # of an object its head alone: see `gate`
    "secretsmanager": ["DescribeSecret", "GetResourcePolicy", "ListSecretVersionIds"],
    "ssm": ["DescribeParameters"],
    "kms": ["DescribeKey", "GetKeyPolicy", "ListGrants"],
    "ecr": [
        "BatchGetImage",
        "DescribeImages",
        "DescribePullThroughCacheRules",
        "DescribeRepositories",
        "GetLifecyclePolicy",
        "GetRepositoryPolicy",
    ],
    "ec2": [
        "DescribeDhcpOptions",
        "DescribeInstances",
        "DescribeManagedPrefixLists",
        "DescribeNatGateways",
        "DescribeNetworkAcls",
        "DescribeNetworkInterfaces",
        "DescribeRouteTables",
        "DescribeSecurityGroups",
        "DescribeSubnets",
        "DescribeVpcAttribute",
        "DescribeVpcBlockPublicAccessExclusions",
        "DescribeVpcBlockPublicAccessOptions",
        "DescribeVpcEndpoints",
        "DescribeVpcs",
        "GetManagedPrefixListEntries",
    ],
    "elasticfilesystem": [
        "DescribeAccessPoints",
        "DescribeFileSystems",
        "DescribeMountTargetSecurityGroups",
        "DescribeMountTargets",
    ],
    "elasticloadbalancing": ["DescribeTargetGroups", "DescribeTargetHealth"],
    "route53": ["ListHostedZonesByVPC"],
}
ALLOWED_ACTIONS = {f"{service}:{operation}" for service, operations in ALLOWED.items() for operation in operations}


@dataclass
class Run:
    arguments: list
    exit: int
    out: str
    err: str
    visitor: object

    @property
    def report(self):
        """The JSON report, or an empty one if the output is none."""
        try:
            return json.loads(self.out)
        except ValueError:
            return {}

    @property
    def first(self):
        """The finding that explains the failure."""
        return (self.report.get("findings") or [{}])[0]

    @property
    def broken(self):
        """(role kind, action, resource, decision) of every check that is missing or denied."""
        return frozenset(
            (group["role"]["kind"], check["action"], check["resource"], check["decision"])
            for group, check in self.checks()
            if check["decision"] in ("missing", "denied")
        )

    @property
    def broken_paths(self):
        """Paths of the report, or of a finding, that a hop breaks."""
        found = [*self.report.get("paths", []), *(one.get("path") for one in self.report.get("findings", []))]
        return [path for path in found if path and path["verdict"] == "broken"]

    def checks(self):
        return [(group, check) for group in self.report.get("permissions", []) for check in group["checks"]]

    def coverage(self, action):
        """The statuses under which the report lists a source."""
        return {entry["status"] for entry in self.report.get("coverage", []) if entry["source"] == action}

    def always_wrong(self):
        problems = [f"called {action}" for action in self.visitor.actions() if action not in ALLOWED_ACTIONS]
        if "panicked" in self.err:
            problems.append(f"panicked: {self.err}")
        return problems

    def __str__(self):
        return f"$ ecs-why {' '.join(self.arguments)}\nexit {self.exit}\n{self.err}{self.out}"


class Binary:
    def __init__(self, path, server):
        self.path = path
        self.server = server

    def environment(self, visitor, region=None):
        return visitor.environment(region) | {"AWS_ENDPOINT_URL": self.server.url}

    def run(self, *arguments, visitor=None, region=None, environment=None, stdin=None, timeout=90):
        """Runs it to its end. Without `region` none is configured: an ARN must be enough."""
        visitor = visitor or self.server.visitor()
        done = subprocess.run(
            [self.path, *arguments],
            env=self.environment(visitor, region) if environment is None else environment,
            input=stdin or "",
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        return Run(list(arguments), done.returncode, done.stdout, done.stderr, visitor)

    def diagnose(self, *arguments, **settings):
        form = () if "-o" in arguments else ("-o", "json")
        return self.run("diagnose", *arguments, *form, **settings)

    def start(self, *arguments, visitor=None, **settings):
        """Starts it and comes back at once, for tests of what happens in between."""
        visitor = visitor or self.server.visitor()
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen([self.path, *arguments], env=self.environment(visitor), text=True, **(pipes | settings))
