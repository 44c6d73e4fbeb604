"""The commands of a Markdown document: every line of its `sh` and `console` blocks, run or named with a reason.

Knows that `#` after two spaces begins a remark, that `$ ` begins a command in a `console` block, and how a line goes on.
A line that is neither a command of ecs-why, nor begins as one of `OTHERS`, nor is one of `NOT_RUN` is a problem: whoever writes it says here why.
"""

import re
import shlex

from world import shell

NOT_RUN = {
    "cargo install --locked --path .": "builds with the SDK: CI does",
    "cargo build --locked --release": "builds with the SDK: CI does",
    "cargo run --locked --no-default-features --features cli -- diagnose --from fixtures/cases/secret-is-denied/case.json": (
        "builds; the same arguments are run with the binary at hand"
    ),
    "tests/run": "runs this",
    "packaging/static.sh": "builds with the SDK for musl; tests/packaging holds its result",
    "docker build --tag ecs-why .": "needs a Docker engine; tests/packaging runs the image's files without one",
    "docker run --rm -i ecs-why diagnose --from - < case.json": "needs a Docker engine",
    'docker run --rm --user "$(id -u)" --env HOME=/ --env AWS_PROFILE --volume ~/.aws:/.aws:ro ecs-why diagnose TASK': (
        "needs a Docker engine"
    ),
}
# What is run beside ecs-why itself.
OTHERS = ("aws ", "mkdir -p ~/.aws/cli && cat packaging/aws-cli-alias")
# What a line ends with, other than a diagnosis (0 or 1) or success.
STATUSES = {
    "ecs-why diagnose TASK --quiet --fail-on present": {1},
    "ecs-why diagnose --from case.json --quiet --fail-on never": {0},
    "ecs-why diagnose --from case.json --quiet --fail-on present": {1},
    "ecs-why diagnose --from event.json --offline": {1, 3},
}
# A word of the answer, by how the command begins; the first that fits counts.
TELLING = [
    (r"ecs-why diagnose .*(-o json --output-file|>)", None),
    (r"ecs-why (completions|man) ", None),
    (r"aws ecs-why", "secret"),
    (r"aws sns publish", "MessageId"),
    (r"ecs-why diagnose .*(--quiet|-q\b)", "FAILED  secret-permission"),
    (r"ecs-why diagnose", "secret"),
    (r"ecs-why policy >", None),
    (r"ecs-why --version", "ecs-why "),
    (r"ecs-why policy", "ecs:DescribeTasks"),
    (r"ecs-why iam eval", "denied"),
    (r"ecs-why iam require", "secretsmanager:GetSecretValue"),
    (r"ecs-why explain", "cause "),
]


def commands(text):
    """Command lines in the order of the document, without remarks."""
    for kind, block in re.findall(r"^ *```(sh|console)\n(.*?)^ *```", text, re.M | re.S):
        lines = block.replace("\\\n", " ").splitlines()
        lines = [line.strip() for line in lines if line.strip()]
        if kind == "console":
            lines = [line[2:] for line in lines if line.startswith("$ ")]
        yield from (line for line in (re.sub(r"\s{2,}#.*|^#.*", "", line).strip() for line in lines) if line)


def check(name, text, world):
    problems, desk, ran = [], world.desk(name.replace("/", "-")), 0
    for line in commands(text):
        if line in NOT_RUN:
            if line.startswith("cargo run "):
                line = "ecs-why " + line.split(" -- ", 1)[1]
            else:
                continue
        if not line.startswith(("ecs-why ", *OTHERS)):
            problems.append(f"{name}: a line that no test knows: {line}")
            continue
        ran += 1
        problems += [f"{name}: {problem}" for problem in _run(line, world, desk)]
    if not ran:
        problems.append(f"{name}: no command was found")
    return problems


def _run(line, world, desk):
    script = substituted(line, world.substitutes)
    status, out, err = shell(script, world.environment(), desk)
    is_diagnosis = re.match(r"(aws )?ecs-why (-- )?diagnose", line)
    expected = STATUSES.get(line, {0, 1} if is_diagnosis else {0})
    if " --post " in line:
        # No document has an address, so there is none here: the answer is printed, and that nothing was sent is told.
        expected = {2}
    shown = f"$ {script}\nexit {status}\n{err}{out[:1500]}"
    if status not in expected:
        return [f"expected exit {sorted(expected)}: {shown}"]
    if " --post " in line and not re.search(r"(is not set|cannot be read)", err):
        return [f"it is not told that there is no address: {shown}"]
    word = next((word for pattern, word in TELLING if re.match(pattern, line)), None)
    return [] if word is None or word in out else [f"the answer does not say {word!r}: {shown}"]


def substituted(line, substitutes):
    """Whole words alone: a placeholder inside another word stays."""
    words = sorted(substitutes, key=len, reverse=True)
    pattern = r"(?<![\w-])(" + "|".join(map(re.escape, words)) + r")(?![\w-])"
    return re.sub(pattern, lambda found: shlex.quote(substitutes[found[0]]), line)
