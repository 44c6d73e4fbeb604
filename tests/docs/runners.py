"""How GitHub Actions, Systems Manager Automation and Rundeck run what stands in their files.

Each function gets the parsed document and values from outside, and gives a list of problems: the form is held against what
the system requires, then the scripts are run as the system runs them, with good and with hostile values.
Pages: docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax;
docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-runcommand.html;
docs.rundeck.com/docs/manual/document-format-reference/job-yaml-v12.html.
"""

import json
import re

from world import REGION, shell

HOSTILE = [
    "x; touch pwned",
    "$(touch pwned)",
    "`touch pwned`",
    "x' ; touch pwned ; '",
    'x" ; touch pwned ; "',
    "x\ntouch pwned",
    "x && touch pwned",
    "--save=pwned",
    "| touch pwned",
    "{{ global:DATE }}'; touch pwned; '",
]


def fresh(world, name):
    folder = world.folder / name
    folder.mkdir()
    return folder


def hurt(world, folder, name, value):
    """Whether a hostile value was run, wherever its command would have left its mark."""
    found = [str(path) for path in (folder / "pwned", world.folder / "pwned") if path.exists()]
    return [f"{name}: {value!r} was run: {found}"] if found else []


# ---------------------------------------------------------------- GitHub Actions


def actions(workflow, world):
    problems = []

    def that(holds, what):
        if not holds:
            problems.append(f"github-actions.yml: {what}")

    (job,) = workflow["jobs"].values()
    that(workflow["permissions"] == {}, "the workflow's own permissions are not empty")
    that(job["permissions"] == {"contents": "read", "id-token": "write"}, "the job has other permissions than it needs")
    that("timeout-minutes" in job and "latest" not in job["runs-on"], "no timeout, or a runner that changes")
    for step in job["steps"]:
        uses = step.get("uses")
        that(not uses or re.fullmatch(r"[\w.-]+/[\w.-]+@(v\d+\.\d+\.\d+|[0-9a-f]{40})", uses), f"not pinned: {uses}")
        that("${{" not in step.get("run", ""), f"an expression in a script: {step.get('name')}")
        that("secrets." not in json.dumps(step), f"a stored secret: {step.get('name')}")
    runs = [step for step in job["steps"] if "run" in step]
    that([step["name"] for step in runs] == ["Fetch ecs-why", "Diagnose"], "other scripts than are tested")
    that(all("failure()" in step["if"] for step in runs), "a script that runs although nothing failed")
    return problems or _actions_run(job, runs, world)


def _actions_run(job, runs, world):
    source, digest = world.bucket_with_binary()
    given = {"inputs.cluster || vars.ECS_CLUSTER": world.place.cluster, "inputs.service || vars.ECS_SERVICE": "web"}
    given |= {"vars.ECS_WHY": source, "vars.ECS_WHY_SHA256": digest}
    problems = []
    statuses, folder, out = _steps(job, runs, given, world, "actions")
    report = folder / "report.json"
    if statuses != [0, 0] or not report.exists() or "secret" not in out:
        problems.append(f"github-actions.yml: statuses {statuses}, report {report.exists()}\n{out}")
    elif json.loads(report.read_text())["cause"] != "secret-permission":
        problems.append("github-actions.yml: the report has another cause")
    statuses, _, out = _steps(job, runs, given | {"vars.ECS_WHY_SHA256": "0" * 64}, world, "actions-tampered")
    if statuses[0] == 0:
        problems.append(f"github-actions.yml: a binary with another hash is run\n{out}")
    for number, value in enumerate(HOSTILE):
        for name in ("inputs.cluster || vars.ECS_CLUSTER", "inputs.service || vars.ECS_SERVICE"):
            _, folder, _ = _steps(job, runs[1:], given | {name: value}, world, f"actions-{name[7:11]}-{number}")
            problems += hurt(world, folder, "github-actions.yml", value)
    return problems


def _steps(job, runs, given, world, name):
    """As the runner does: expressions become environment variables, scripts run under `bash -e -o pipefail`."""
    folder, statuses, said = fresh(world, name), [], ""
    files = {name: str(folder / name.lower()) for name in ("GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for step in runs:
        variables = job["env"] | step.get("env", {})
        variables = {key: re.sub(r"\$\{\{ (.*?) \}\}", lambda found: given[found[1]], text) for key, text in variables.items()}
        environment = world.environment(RUNNER_TEMP=str(folder), **files, **variables)
        interpreter = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c")
        status, out, err = shell(step["run"], environment, folder, interpreter)
        statuses.append(status)
        said += out + err
    return statuses, folder, said


# ---------------------------------------------------------------- Systems Manager


def automation(document, text, world):
    problems = []

    def that(holds, what):
        if not holds:
            problems.append(f"diagnose-ecs-task.yml: {what}")

    that(document["schemaVersion"] == "0.3", "schemaVersion")
    that(document["assumeRole"] == "{{ AutomationAssumeRole }}", "assumeRole")
    (step,) = document["mainSteps"]
    inputs = step["inputs"]
    that(step["action"] == "aws:runCommand" and inputs["DocumentName"] == "AWS-RunShellScript", "action")
    that(inputs["InstanceIds"] == ["{{ InstanceId }}"], "InstanceIds")
    that(document["outputs"] == [f"{step['name']}.Output"], "outputs")
    for name, parameter in document["parameters"].items():
        pattern = parameter.get("allowedPattern", "")
        anchored = all(part.startswith("^") and part.endswith("$") for part in re.split(r"(?<=\$)\|(?=\^)", pattern))
        that(pattern and anchored, f"{name} has no pattern that holds the whole value")
        admitted = [value for value in HOSTILE if re.search(pattern, value)]
        that(not admitted, f"{name} admits {admitted}")
    used = set(re.findall(r"\{\{\s*(.*?)\s*\}\}", text))
    that(used == set(document["parameters"]), f"parameters used: {used}")
    world.server.client("ssm", REGION).create_document(
        Content=text, Name="DiagnoseEcsTask", DocumentType="Automation", DocumentFormat="YAML"
    )
    values = {"TaskArn": world.place.task_arn, "ClusterName": world.place.cluster}
    for name, value in values.items():
        that(re.search(document["parameters"][name]["allowedPattern"], value), f"{name} refuses {value}")
    return problems or _automation_runs(inputs["Parameters"]["commands"], values, world)


def _automation_runs(commands, values, world):
    """As the agent does: the lines become one script of `sh`, with the parameters in their places."""
    folder = fresh(world, "automation")
    script = re.sub(r"\{\{\s*(.*?)\s*\}\}", lambda found: values[found[1]], "\n".join(commands))
    status, out, err = shell(script, world.environment(), folder)
    line = "FAILED  secret-permission" in out and "evidence" in out
    problems = [] if status == 0 and line else [f"diagnose-ecs-task.yml: exit {status}\n{err}{out}"]
    gone = script.replace(world.place.task_arn, world.place.task_arn[:-32] + "0" * 32)
    status, out, err = shell(gone, world.environment(), folder)
    return problems + ([] if status == 4 else [f"diagnose-ecs-task.yml: a lost task ends with {status}\n{err}{out}"])


# ---------------------------------------------------------------- Rundeck


def rundeck(jobs, world):
    (job,) = jobs
    (step,) = job["sequence"]["commands"]
    problems = []

    def that(holds, what):
        if not holds:
            problems.append(f"diagnose-ecs-task.yaml: {what}")

    options = {option["name"]: option for option in job["options"]}
    values = {"task": world.place.task_arn, "cluster": world.place.cluster, "region": REGION}
    that(set(options) == set(values), f"options: {sorted(options)}")
    that(not re.search(r"@option\.|\$\{option\.", step["script"]), "an option stands in the script as text")
    for name, option in options.items():
        that(option["required"] and re.fullmatch(option["regex"], values[name]), f"{name} refuses {values[name]}")
        admitted = [value for value in HOSTILE if re.fullmatch(option["regex"], value)]
        that(not admitted, f"{name} admits {admitted}")
    status, out, err = _job(step, values, world, fresh(world, "rundeck"))
    that(status == 0 and "FAILED  secret-permission" in out and "evidence" in out, f"exit {status}\n{err}{out}")
    for number, value in enumerate(HOSTILE):
        for name in values:
            # Past its expression, as if a server had not looked at it.
            folder = fresh(world, f"rundeck-{name}-{number}")
            _job(step, values | {name: value}, world, folder)
            problems += hurt(world, folder, "diagnose-ecs-task.yaml", value)
    return problems


def _job(step, values, world, folder):
    options = {f"RD_OPTION_{name.upper()}": value for name, value in values.items()}
    return shell(step["script"], world.environment(**options), folder, (step["scriptInterpreter"], "-c"))
