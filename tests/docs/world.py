"""The place in which the documents' commands are run: a failed task in the AWS API of the tests, and a folder of files.

Gives the environment of a shell with the binary on its PATH, and what the documents' placeholders stand for.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "aws"))

import scenarios  # noqa: E402
from place import Place  # noqa: E402
from server import TASKS, Server  # noqa: E402

REGION = "eu-west-1"


class World:
    def __init__(self, binary, folder):
        self.folder, self.server = Path(folder), Server()
        self.place = Place(self.server, "secret-is-denied")
        scenarios.ALL["secret-is-denied"](self.place)
        self.task = TASKS[REGION, self.place.cluster][self.place.task_arn]
        self.place.service("(service web) was unable to start a task.")
        self.task["group"] = "service:web"
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        self.binary = self.bin / "ecs-why"
        self.binary.symlink_to(binary)
        self.topic = self.server.client("sns", REGION).create_topic(Name="incidents")["TopicArn"]
        self.substitutes = {
            "TASK": self.place.task_arn,
            "CLUSTER": self.place.cluster,
            "SERVICE": "web",
            "FILE": "case.json",
            "web:3": self.place.definition["taskDefinitionArn"].split("/")[-1],
        }

    def environment(self, **more):
        """A shell's; the test's own Python goes first, so that `aws` is the pinned one."""
        visitor = self.server.visitor()
        path = [str(self.bin), os.path.dirname(sys.executable), os.environ.get("PATH", "")]
        settings = visitor.environment(REGION) | {"AWS_ENDPOINT_URL": self.server.url, "TMPDIR": str(self.folder)}
        settings |= {"HOME": str(self.folder), "TOPIC": self.topic}
        return settings | {"PATH": os.pathsep.join(path)} | more

    def desk(self, name):
        """A folder with the files that the documents speak of: a snapshot, an event, a definition, cases, rules."""
        desk = self.folder / name
        desk.mkdir()
        for part in ("fixtures", "packaging"):
            (desk / part).symlink_to(ROOT / part)
        shutil.copy(ROOT / "fixtures/cases/secret-is-denied/case.json", desk / "case.json")
        (desk / "event.json").write_text(json.dumps(self._event()))
        definition = {name: value for name, value in self.place.definition.items() if name != "compatibilities"}
        (desk / "taskdef.json").write_text(json.dumps(definition, default=str))
        request = {"principal": "arn:aws:iam::123456789012:role/r", "action": "s3:GetObject", "resource": "*"}
        case = {"identity_policies": [], "request": request | {"resource_account": "123456789012", "context": {}}}
        (desk / "cases.jsonl").write_text(json.dumps(case) + "\n")
        (desk / "our-rules").mkdir()
        (desk / "our-rules" / "ledger-locked.toml").write_text(LEDGER_LOCKED)
        return desk

    def _event(self):
        """The event that EventBridge sends of the task."""
        detail = {
            name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in self.task.items()
        }
        return {
            "version": "0",
            "id": "8f07966c-b005-4a0f-9ee9-63d2c41448b3",
            "detail-type": "ECS Task State Change",
            "source": "aws.ecs",
            "account": "123456789012",
            "time": detail["stoppedAt"],
            "region": REGION,
            "resources": [detail["taskArn"]],
            "detail": json.loads(json.dumps(detail, default=lambda value: value.isoformat())),
        }

    def bucket_with_binary(self):
        """An object that runs the binary, in place of its many megabytes; its address and its SHA-256."""
        s3 = self.server.client("s3", "us-east-1")
        s3.create_bucket(Bucket="tools")
        data = f'#!/bin/sh\nexec "{self.binary}" "$@"\n'.encode()
        s3.put_object(Bucket="tools", Key="ecs-why", Body=data)
        return "s3://tools/ecs-why", hashlib.sha256(data).hexdigest()


LEDGER_LOCKED = '''\
id = "ledger-locked"
cause = "app-exit-nonzero"
title = "The ledger is locked by another process"
why = "The application found the ledger locked when it started."
references = ["https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html"]

[[when]]
text = ['ledger is locked']

[[fix]]
title = "Remove the lock of the process that has gone"

[[example]]
source = "container.reason"
match = "fatal: ledger is locked"

[[example]]
source = "container.reason"
no_match = "the ledger is open"

[[example]]
source = "container.reason"
no_match = "the door is locked"
'''


def shell(script, environment, folder, interpreter=("sh", "-c")):
    done = subprocess.run(
        [*interpreter, script], env=environment, cwd=folder, capture_output=True, text=True, timeout=120
    )
    return done.returncode, done.stdout, done.stderr
