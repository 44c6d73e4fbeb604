"""Where an answer goes: `--output-file`, `--quiet`, and what `--fail-on` makes of the exit status.

Runs the shipped snapshots, so that no answer is delayed by AWS; each run is one of a fresh visitor, who must call nothing.
"""

import json
import os
import stat
import tempfile
import threading
from pathlib import Path

from . import case, expect

CASES = Path(__file__).parents[3] / "fixtures" / "cases"
DENIED = str(CASES / "secret-is-denied" / "case.json")
OUTCOMES = ("never", "present", "diagnosed", "failed", "stopped")
STATUSES = {
    "secret-is-denied": (0, 1, 1, 1, 1),
    "environment-file-granted-since": (0, 0, 1, 1, 1),
    "truncated-reason": (0, 0, 0, 3, 3),
    "scaled-in": (0, 0, 0, 0, 1),
    "still-running": (0, 0, 0, 0, 0),
}


def _without_cost(text):
    """Text of a report without its last line, which says how long it took."""
    return text.rsplit("\n\n", 1)[0]


@case
def an_answer_goes_to_a_file_as_a_whole(binary):
    problems = []
    plain = binary.run("diagnose", "--from", DENIED)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "answer.txt")
        file.write_text("what was there before is longer than nothing")
        run = binary.run("diagnose", "--from", DENIED, "--output-file", str(file))
        expect(problems, (run.exit, run.out, run.err) == (1, "", ""), "something is said beside the file", run)
        expect(problems, _without_cost(file.read_text()) == _without_cost(plain.out), "the file has another text", run)
        mode = stat.S_IMODE(file.stat().st_mode)
        expect(problems, mode == 0o600, f"others may read the file: {mode:o}", run)
        expect(problems, os.listdir(folder) == ["answer.txt"], f"left behind: {os.listdir(folder)}", run)
        for name in ("-", "/dev/stdout"):
            run = binary.run("diagnose", "--from", DENIED, "--output-file", name)
            same = _without_cost(run.out) == _without_cost(plain.out)
            expect(problems, same, f"{name} is not standard output", run)
    return problems


@case
def a_pipe_is_written_and_not_replaced(binary):
    with tempfile.TemporaryDirectory() as folder:
        pipe, read = Path(folder, "pipe"), []
        os.mkfifo(pipe)
        reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
        reader.start()
        run = binary.run("diagnose", "--from", DENIED, "-o", "json", "--output-file", str(pipe))
        reader.join(timeout=30)
        problems = []
        expect(problems, read and json.loads(read[0])["status"] == "diagnosed", f"the pipe got {read}", run)
        expect(problems, stat.S_ISFIFO(pipe.stat().st_mode), "the pipe was replaced", run)
    return problems


@case
def where_nothing_can_be_written_nothing_is_asked(binary):
    problems = []
    for name in ("/nonexistent/answer.txt", "/tmp", "/proc/nothing"):
        run = binary.run("diagnose", "--cluster", "c", "--service", "s", "--output-file", name, region="eu-west-1")
        named = run.err.startswith(f"error: cannot write '{name}'") and len(run.err.splitlines()) == 1
        expect(problems, run.exit == 2 and not run.out and named, f"{name} is not refused", run)
        expect(problems, name.startswith("/proc") or not run.visitor.calls, "AWS was asked all the same", run)
    return problems


@case
def quiet_is_one_line(binary):
    problems = []
    for name, statuses in STATUSES.items():
        run = binary.run("diagnose", "--from", str(CASES / name / "case.json"), "-q")
        expect(problems, run.exit == statuses[3], f"the exit status is not {statuses[3]}", run)
        one = len(run.out.splitlines()) == 1 and run.out.endswith("\n")
        expect(problems, one and run.err == "", "not one line", run)
        expect(problems, len(run.out) <= 321 and run.out[:-1].isprintable(), "too long, or not printable", run)
    run = binary.run("diagnose", "--from", DENIED, "-q")
    told = run.out.startswith("FAILED  secret-permission  ") and run.out.endswith(" (confirmed, still there)\n")
    expect(problems, told, "verdict, cause, confidence and state are not told", run)
    run = binary.run("explain", "-q", "CannotStartContainerError: exec /app/server: exec format error")
    expect(problems, run.out.startswith("EXPLAINED  exec-format-arch  "), "explain -q", run)
    return problems


@case
def a_form_asked_for_by_name_goes_somewhere(binary):
    problems = []
    run = binary.run("diagnose", "--from", DENIED, "-q", "-o", "json")
    expect(problems, run.exit == 2 and "--output-file" in run.err and not run.out, "no hint", run)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "report.json")
        run = binary.run("diagnose", "--from", DENIED, "-q", "-o", "json", "--output-file", str(file))
        both = run.out.startswith("FAILED  ") and json.loads(file.read_text())["cause"] == "secret-permission"
        expect(problems, run.exit == 1 and both, "line and file", run)
    return problems


@case
def fail_on_says_what_counts(binary):
    problems = []
    for name, statuses in STATUSES.items():
        for outcome, status in zip(OUTCOMES, statuses, strict=True):
            run = binary.run("diagnose", "--from", str(CASES / name / "case.json"), "-q", "--fail-on", outcome)
            expect(problems, run.exit == status, f"--fail-on {outcome}: expected {status}, got {run.exit}", run)
    for outcome in OUTCOMES:
        run = binary.run("diagnose", "--from", "/dev/null", "--fail-on", outcome)
        expect(problems, run.exit == 2, f"--fail-on {outcome} changes status 2", run)
    return problems


@case
def a_task_that_is_not_known_is_4_whatever_fails(binary):
    problems = []
    for outcome in ("never", "present", "stopped"):
        arguments = ("0" * 32, "--cluster", "nowhere", "--fail-on", outcome)
        run = binary.run("diagnose", *arguments, region="eu-west-1")
        expect(problems, run.exit == 4, f"--fail-on {outcome}: expected 4, got {run.exit}", run)
    return problems
