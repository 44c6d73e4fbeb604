"""The two evaluators as processes that read cases as JSON lines and write one answer a line."""

import json
import pathlib
import subprocess
import sys


def lines(command, cases, accepted):
    """One line of output a case."""
    given = "".join(json.dumps(case) + "\n" for case in cases)
    run = subprocess.run(command, input=given, capture_output=True, text=True)
    answers = run.stdout.splitlines()
    if run.returncode not in accepted or len(answers) != len(cases):
        what = f"exit status {run.returncode}, {len(answers)} answers to {len(cases)} cases"
        sys.exit(f"error: {command[0]}: {what}\n{run.stderr}")
    return answers


class Ours:
    """`ecs-why iam eval`; it exits with 1 if one of the cases is an error."""

    def __init__(self, binary):
        self.command = [binary, "iam", "eval"]

    def decisions(self, cases):
        return lines(self.command, cases, (0, 1)) if cases else []


class Theirs:
    """@cloud-copilot/iam-simulate in a folder where npm installed it; None for what it does not take as it is."""

    def __init__(self, folder):
        script = pathlib.Path(__file__).with_name("theirs.mjs")
        self.command = ["node", str(script), str(pathlib.Path(folder).resolve())]

    def answers(self, cases):
        return [json.loads(line) for line in lines(self.command, cases, (0,))] if cases else []

    def decisions(self, cases):
        return [None if a["rejected"] else a["decision"] for a in self.answers(cases)]
