"""`aws ecs-why …` with the real AWS CLI and packaging/aws-cli-alias in the place where users put it.

Arguments arrive as they were typed, the exit status and both streams are ecs-why's own, and `--` gets past the
options that the AWS CLI takes for itself. https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-alias.html
"""

import pathlib
import shutil
import subprocess
import tempfile

from here import FAILURE_DIAGNOSED, ROOT, SNAPSHOT, call, require, require_cause

# Whatever a shell on the way would split, expand or run.
TYPED = ["diagnose", "a  b", "it's", '"$HOME"', "`id`", "$(id)", "*", "; false", "ö"]


def home(folder, program):
    """A home with the alias, in which `ecs-why` is this program."""
    (folder / ".aws" / "cli").mkdir(parents=True)
    shutil.copy(ROOT / "packaging" / "aws-cli-alias", folder / ".aws" / "cli" / "alias")
    (folder / "bin").mkdir()
    (folder / "bin" / "ecs-why").symlink_to(program)
    return {"HOME": str(folder), "PATH": f"{folder / 'bin'}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


def aws_cli():
    return pathlib.Path(call(ROOT / "tests" / "environment", "python").strip()).parent / "aws"


def passes_everything(binary, _):
    aws = aws_cli()
    with tempfile.TemporaryDirectory() as folder:
        passes_answers(aws, home(pathlib.Path(folder), binary))
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        echo = folder / "echo"
        echo.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
        echo.chmod(0o755)
        passes_arguments(aws, home(folder, echo))


def passes_answers(aws, env):
    asked = ["diagnose", "--from", str(SNAPSHOT), "-o", "json"]
    require_cause(call(aws, "ecs-why", *asked, env=env, status=FAILURE_DIAGNOSED))
    with SNAPSHOT.open() as snapshot:
        piped = ["diagnose", "--from", "-", "-o", "json"]
        require_cause(call(aws, "ecs-why", *piped, env=env, stdin=snapshot, status=FAILURE_DIAGNOSED))
    wrong = [aws, "ecs-why", "diagnose", "--from", "/no/such/file"]
    ended = subprocess.run(wrong, env=env, capture_output=True, text=True)
    require(ended.returncode == 2 and not ended.stdout, f"bad input ends with {ended.returncode}: {ended.stdout}")
    require("/no/such/file" in ended.stderr, f"the error is not that of ecs-why: {ended.stderr}")


def passes_arguments(aws, env):
    def arrives(*typed):
        return call(aws, "ecs-why", *typed, env=env).splitlines()

    require(arrives(*TYPED) == TYPED, f"typed {TYPED}, arrived {arrives(*TYPED)}")
    options = ["diagnose", "--region", "eu-west-1", "--profile", "p", "--output", "json", "--version"]
    require(arrives("--", *options) == options, f"after --, of {options} arrive {arrives('--', *options)}")
    require(arrives("diagnose", "--region", "r") == ["diagnose"], "the comment in the alias is not true any more")
