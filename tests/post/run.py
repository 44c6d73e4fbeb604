"""`diagnose --post` over real connections: `python tests/post/run.py --binary PATH [--only NAME]`.

Sends to a receiver on this machine, reads secrets and parameters from the AWS API of the tests, and holds what arrived,
when, and how often against what was ordered. Nothing that came out may have the planted address in it. Exit status 1 if
anything failed. Forms are taken from the binary's help; without `json` among them there is nothing to test.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "aws"))

from receiver import Receiver, Step, without_cost  # noqa: E402
from server import Server  # noqa: E402

CASE = str(Path(__file__).parents[2] / "fixtures" / "cases" / "secret-is-denied" / "case.json")
PLANTED = "planted7f3a9c"
PATH = f"/services/T00000000/B00000000/{PLANTED}"
ROUTING_KEY = f"{PLANTED}0123456789abcdef0123456789"[:32]
OWN_HOSTS = {"slack": "hooks.slack.com", "teams": "0a.ae.environment.api.powerplatform.com"}
ALL = {}


def case(function):
    ALL[function.__name__.replace("_", "-")] = function
    return function


class World:
    """The binary under test, the receiver, and AWS."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, Path(folder)
        self.receiver, self.aws = Receiver(folder), Server()
        self.local = f"127.0.0.1:{self.receiver.plain}"
        self.counter = 0
        self.forms = self._forms()

    def _forms(self):
        help_text = subprocess.run([self.binary, "diagnose", "--help"], capture_output=True, text=True).stdout
        flat = " ".join(help_text.split())
        named = re.search(r"-o, --output <OUTPUT>.*?--", flat)
        wanted = ("json", "slack", "teams", "pagerduty")
        return [form for form in wanted if named and re.search(rf"\b{form}\b", named[0])]

    def path(self):
        """A path of its own, with the planted secret in it."""
        self.counter += 1
        return f"{PATH}{self.counter}"

    def url(self, path):
        return f"http://{self.local}{path}"

    def run(self, *arguments, hook=None, environment=None, visitor=None, timeout=90):
        visitor = visitor or self.aws.visitor()
        settings = visitor.environment(None) | {"AWS_ENDPOINT_URL": self.aws.url} | (environment or {})
        if hook is not None:
            settings["HOOK"] = hook
        begin = time.monotonic()
        done = subprocess.run(
            [self.binary, "diagnose", *arguments], env=settings, capture_output=True, text=True, timeout=timeout
        )
        return Run(arguments, done, time.monotonic() - begin, visitor)

    def post(self, *arguments, form="json", hook=None, source="env:HOOK", **settings):
        """A diagnosis of the shipped case that is posted; to a host of this machine unless `arguments` name another."""
        hosts = () if "--post-host" in arguments else ("--post-host", self.local)
        given = ("--from", CASE, "-o", form, "--post", source, *hosts, *arguments)
        return self.run(*given, hook=hook, **settings)


class Run:
    def __init__(self, arguments, done, took, visitor):
        self.arguments, self.took, self.visitor = arguments, took, visitor
        self.exit, self.out, self.err = done.returncode, done.stdout, done.stderr

    def __str__(self):
        return f"$ ecs-why diagnose {' '.join(self.arguments)}\nexit {self.exit} after {self.took:.1f} s\n{self.err}{self.out}"


class Checks(list):
    def that(self, holds, what, run):
        if not holds:
            self.append(f"{what}\n{run}")

    def delivered(self, run, status=1):
        """The answer was printed as without --post, and nothing gives the address away."""
        self.that(run.exit == status, f"expected exit {status}, got {run.exit}", run)
        printed = without_cost(run.out).get("cause") if run.out.startswith("{") else None
        self.that(printed == "secret-permission" or "-o" not in run.arguments, "the answer was not printed", run)
        self.silent(run)

    def silent(self, run):
        self.that(PLANTED not in run.out + run.err, "the address is shown", run)
        self.that("panicked" not in run.err, "it panicked", run)


# ---------------------------------------------------------------- what arrives


@case
def what_arrives_is_what_is_printed(world):
    checks = Checks()
    for form in world.forms:
        path = "/v2/enqueue" if form == "pagerduty" else world.path()
        world.receiver.script(path, Step())
        run = world.post(form=form, hook=ROUTING_KEY if form == "pagerduty" else world.url(path))
        checks.that(run.exit == 1 and not run.err, f"{form}: status or standard error", run)
        checks.silent(run)
        arrived = world.receiver.arrived(path)
        checks.that(len(arrived) == 1, f"{form}: {len(arrived)} arrived", run)
        for one in arrived[:1]:
            checks.that(one.headers.get("content-type") == "application/json", f"{form}: {one.headers}", run)
            checks.that(one.headers.get("user-agent", "").startswith("ecs-why/"), f"{form}: {one.headers}", run)
            sent, printed = without_cost(one.body), without_cost(run.out)
            if form == "pagerduty":
                checks.that(sent.pop("routing_key") == ROUTING_KEY, "the routing key is not in the event", run)
                printed.pop("routing_key")
            else:
                checks.that(one.body.decode() == run.out, f"{form}: other bytes were sent than printed", run)
            checks.that(sent == printed, f"{form}: another body was sent", run)
    return checks


@case
def a_post_is_beside_the_other_ways(world):
    checks, path = Checks(), world.path()
    world.receiver.script(path, Step())
    file = world.folder / "report.json"
    for arguments, out in (
        (("-q",), "FAILED  secret-permission  "),
        (("-q", "--output-file", str(file)), "FAILED  secret-permission  "),
        (("--output-file", str(file)), ""),
        (("-v",), "{"),
        (("--fail-on", "never"), "{"),
    ):
        run = world.post(*arguments, hook=world.url(path))
        checks.that(run.exit == (0 if "never" in arguments else 1), "status", run)
        checks.that(run.out.startswith(out) and bool(run.out) == bool(out), "standard output", run)
        checks.silent(run)
    checks.that(len(world.receiver.arrived(path)) == 5, "not every run posted", "")
    checks.that("secret-permission" in file.read_text(), "no file", "")
    return checks


@case
def a_healthy_task_is_posted_too(world):
    checks, path = Checks(), world.path()
    world.receiver.script(path, Step(204, ""))
    healthy = CASE.replace("secret-is-denied", "still-running")
    given = ("--from", healthy, "-o", "json", "--post", "env:HOOK", "--post-host", world.local)
    run = world.run(*given, hook=world.url(path))
    checks.that(run.exit == 0, "status", run)
    bodies = [json.loads(one.body)["status"] for one in world.receiver.arrived(path)]
    checks.that(bodies == ["not-failed"], f"arrived: {bodies}", run)
    return checks


@case
def a_reader_that_leaves_does_not_stop_the_post(world):
    checks, path = Checks(), world.path()
    world.receiver.script(path, Step())
    environment = world.aws.visitor().environment(None) | {"HOOK": world.url(path)}
    given = ("diagnose", "--from", CASE, "-o", "json", "--post", "env:HOOK", "--post-host", world.local)
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([world.binary, *given], env=environment, stdout=write, stderr=subprocess.PIPE, timeout=60)
    os.close(write)
    checks.that(len(world.receiver.arrived(path)) == 1, f"not posted: {done}", "")
    return checks


# ---------------------------------------------------------------- receivers in trouble


def _gaps(arrived):
    return [later.at - earlier.at for earlier, later in zip(arrived, arrived[1:], strict=False)]


@case
def attempts_and_waits(world):
    checks = Checks()
    busy, broken = Step(429, "rate_limited", {"Retry-After": "2"}), Step(500, "oops")
    for name, steps, status, waits in (
        ("429 with Retry-After", [busy, Step()], 1, [2]),
        ("429 without", [Step(429, "rate_limited"), Step()], 1, [1]),
        ("500 twice", [broken, broken, Step()], 1, [1, 2]),
        ("500 always", [broken], 2, [1, 2]),
        ("503 with Retry-After", [Step(503, "", {"Retry-After": "2"}), Step()], 1, [2]),
        ("cut off", [Step(cut=True), Step()], 1, [1]),
        ("400", [Step(400, "invalid_payload")], 2, []),
        ("403", [Step(403, "invalid_token")], 2, []),
        ("404", [Step(404, "no_service")], 2, []),
        ("429 for too long", [Step(429, "", {"Retry-After": "3600"})], 2, []),
    ):
        path = world.path()
        world.receiver.script(path, *steps)
        run = world.post(hook=world.url(path))
        checks.delivered(run, status)
        gaps = _gaps(world.receiver.arrived(path))
        near = len(gaps) == len(waits) and all(wait <= gap < wait + 1.5 for wait, gap in zip(waits, gaps, strict=True))
        checks.that(near, f"{name}: expected waits of {waits} s, got {gaps}", run)
        if status == 2:
            told = "127.0.0.1" in run.err and f"HTTP {steps[-1].status}" in run.err and "env:HOOK" in run.err
            checks.that(told and steps[-1].body in run.err, f"{name}: not told what and where", run)
    return checks


@case
def redirects_are_not_followed(world):
    checks = Checks()
    for status in (301, 302, 303, 307, 308):
        path, elsewhere = world.path(), world.path()
        world.receiver.script(elsewhere, Step())
        world.receiver.script(path, Step(status, "", {"Location": world.url(elsewhere)}))
        run = world.post(hook=world.url(path))
        checks.delivered(run, 2)
        checks.that(f"HTTP {status}" in run.err, "the status is not told", run)
        checks.that(len(world.receiver.arrived(path)) == 1, "tried again", run)
        checks.that(not world.receiver.arrived(elsewhere), "followed", run)
    return checks


@case
def a_receiver_that_hangs_is_left_in_time(world):
    checks, path = Checks(), world.path()
    world.receiver.script(path, Step(hang=60))
    run = world.post("--deadline", "1s", hook=world.url(path))
    checks.delivered(run, 2)
    checks.that(8 < run.took < 15, f"it took {run.took:.1f} s, where a post has 10", run)
    checks.that(len(world.receiver.arrived(path)) == 2, "attempts of 5 s in 10 s", run)
    return checks


@case
def nobody_there_is_tried_again_and_told(world):
    checks = Checks()
    run = world.post("--post-host", "127.0.0.1:1", hook=f"http://127.0.0.1:1{PATH}")
    checks.delivered(run, 2)
    checks.that("127.0.0.1:1" in run.err and "3 of 3 attempts" in run.err, "not told", run)
    checks.that(run.took > 3, f"only {run.took:.1f} s", run)
    return checks


@case
def a_receiver_that_repeats_the_address_is_not_quoted(world):
    checks, path = Checks(), world.path()
    world.receiver.script(path, Step(400, f"cannot POST {path}"))
    run = world.post(hook=world.url(path))
    checks.delivered(run, 2)
    world.receiver.script(path, Step(400, "a\x1b[2Jb\r\n" + "x" * 100_000))
    run = world.post(hook=world.url(path))
    checks.delivered(run, 2)
    checks.that("\x1b" not in run.err and len(run.err) < 1000, "the answer is not tamed", run)
    return checks


# ---------------------------------------------------------------- TLS and the receivers' own hosts


@case
def tls_is_held_against_the_trust_store(world):
    checks, path = Checks(), world.path()
    world.receiver.script(path, Step())
    at = f"127.0.0.1:{world.receiver.tls}"
    run = world.post("--post-host", at, hook=f"https://{at}{path}", environment=_trusting(world))
    checks.delivered(run)
    checks.that(len(world.receiver.arrived(path)) == 1, "not arrived over TLS", run)
    run = world.post("--post-host", at, hook=f"https://{at}{path}")
    checks.delivered(run, 2)
    checks.that(len(world.receiver.arrived(path)) == 1, "an unknown authority was believed", run)
    return checks


def _trusting(world):
    return {"SSL_CERT_FILE": str(world.receiver.authority.bundle)}


@case
def own_hosts_need_no_option(world):
    """Slack's, Teams's and PagerDuty's own hosts, played by a proxy of this machine."""
    checks = Checks()
    proxied = _trusting(world) | {"HTTPS_PROXY": f"http://127.0.0.1:{world.receiver.proxy}", "NO_PROXY": "127.0.0.1"}
    for form in world.forms:
        if form == "json":
            continue
        host = OWN_HOSTS.get(form, "events.pagerduty.com")
        path = "/v2/enqueue" if form == "pagerduty" else world.path()
        hook = ROUTING_KEY if form == "pagerduty" else f"https://{host}{path}"
        world.receiver.script(path, Step(202 if form == "pagerduty" else 200))
        given = ("--from", CASE, "-o", form, "--post", "env:HOOK")
        run = world.run(*given, hook=hook, environment=proxied)
        checks.that(run.exit == 1, f"{form}: status", run)
        checks.silent(run)
        hosts = [one.host for one in world.receiver.arrived(path)]
        checks.that(host in hosts, f"{form}: arrived at {hosts}", run)
        checks.that(f"{host}:443" in world.receiver.connects, f"{form}: {world.receiver.connects}", run)
    return checks


@case
def a_named_host_is_reached_through_the_proxy(world):
    checks, path = Checks(), world.path()
    proxied = _trusting(world) | {"HTTPS_PROXY": f"http://127.0.0.1:{world.receiver.proxy}", "NO_PROXY": "127.0.0.1"}
    world.receiver.script(path, Step())
    run = world.post("--post-host", "relay.example", hook=f"https://relay.example{path}", environment=proxied)
    checks.delivered(run)
    checks.that([one.host for one in world.receiver.arrived(path)] == ["relay.example"], "not arrived", run)
    return checks


@case
def a_message_in_the_clear_takes_no_proxy(world):
    checks, path = Checks(), world.path()
    world.receiver.script(path, Step())
    run = world.post(hook=world.url(path), environment={"HTTP_PROXY": "http://127.0.0.1:1", "http_proxy": "http://127.0.0.1:1"})
    checks.delivered(run)
    return checks


# ---------------------------------------------------------------- where the address stands


@case
def an_address_on_the_command_line_is_refused(world):
    checks, path = Checks(), world.path()
    world.receiver.script(path, Step())
    for source in (world.url(path), f"https://hooks.slack.com{path}", f"env:{world.url(path)}", f"hooks.slack.com{path}"):
        run = world.post(source=source)
        checks.that(run.exit == 2 and not run.out, "not refused before anything else", run)
        checks.that("env:NAME" in run.err and PLANTED not in run.err, "no hint, or repeated", run)
    checks.that(not world.receiver.arrived(path), "sent", "")
    return checks


@case
def files_are_read(world):
    checks, path = Checks(), world.path()
    world.receiver.script(path, Step())
    file = world.folder / "hook"
    file.write_text(world.url(path) + "\n")
    checks.delivered(world.post(source=f"file:{file}"))
    pipe = world.folder / "pipe"
    os.mkfifo(pipe)
    run = world.post("--deadline", "1s", source=f"file:{pipe}")
    checks.delivered(run, 2)
    checks.that("deadline" in run.err and run.took < 15, "a pipe that nobody writes is waited for", run)
    file.write_text("x" * 70_000)
    checks.delivered(world.post(source=f"file:{file}"), 2)
    for absent in (f"file:{world.folder}/absent", "env:ABSENT"):
        run = world.post(source=absent)
        checks.delivered(run, 2)
        checks.that(absent.split(":")[1] in run.err, "the source is not named", run)
    checks.that(len(world.receiver.arrived(path)) == 1, "arrived", "")
    return checks


@case
def secrets_and_parameters_are_read(world):
    checks, path = Checks(), world.path()
    world.receiver.script(path, Step())
    secrets, parameters = world.aws.client("secretsmanager", "eu-west-1"), world.aws.client("ssm", "eu-west-1")
    arn = secrets.create_secret(Name="ops/hook", SecretString=world.url(path))["ARN"]
    secrets.create_secret(Name="ops/hooks", SecretString=json.dumps({"json": world.url(path), "n": 3}))
    parameters.put_parameter(Name="/ops/hook", Value=world.url(path), Type="SecureString")
    elsewhere = world.aws.client("secretsmanager", "us-east-2")
    far = elsewhere.create_secret(Name="far/hook", SecretString=world.url(path))["ARN"]
    secret, parameter = "secretsmanager:GetSecretValue", "ssm:GetParameter"
    for source, action in (
        ("secretsmanager:ops/hook", secret),
        (f"secretsmanager:{arn}", secret),
        (f"secretsmanager:{far}", secret),
        ("secretsmanager:ops/hooks#json", secret),
        ("ssm:/ops/hook", parameter),
        ("ssm:arn:aws:ssm:eu-west-1:123456789012:parameter/ops/hook", parameter),
    ):
        saved = world.folder / "snapshot.json"
        run = world.post("-v", "--save", str(saved), source=source)
        checks.delivered(run)
        checks.that(set(run.visitor.actions()) == {action}, f"called {run.visitor.actions()}", run)
        checks.that(PLANTED not in saved.read_text(), "the address is in the snapshot", run)
    checks.that(len(world.receiver.arrived(path)) == 6, f"{len(world.receiver.arrived(path))} arrived", "")
    return checks


@case
def secrets_that_give_no_address(world):
    checks = Checks()
    secrets = world.aws.client("secretsmanager", "eu-west-1")
    secrets.create_secret(Name="bad/object", SecretString=json.dumps({"json": PLANTED, "n": 3}))
    secrets.create_secret(Name="bad/binary", SecretBinary=PLANTED.encode())
    for source, word in (
        ("secretsmanager:bad/object", "#KEY"),
        ("secretsmanager:bad/object#n", "key"),
        ("secretsmanager:bad/object#json", "no https:// address"),
        ("secretsmanager:bad/binary", "no text"),
        ("secretsmanager:bad/absent", "ResourceNotFound"),
        ("ssm:/bad/absent", "ParameterNotFound"),
    ):
        run = world.post(source=source)
        checks.delivered(run, 2)
        checks.that(source in run.err, "the source is not named", run)
        checks.that(word in run.err or "find" in run.err, f"not told: {word}", run)
    return checks


@case
def a_caller_who_may_not_read_it_is_told_the_action(world):
    checks = Checks()
    for source, action in (("secretsmanager:ops/no", "secretsmanager:GetSecretValue"), ("ssm:/no", "ssm:GetParameter")):
        visitor = world.aws.visitor()
        visitor.refuse = {action: "denied"}
        run = world.post(source=source, visitor=visitor)
        checks.delivered(run, 2)
        checks.that(action in run.err and "ecs-why policy" in run.err, "the action is not named", run)
    return checks


@case
def offline_reads_no_secret(world):
    checks, path = Checks(), world.path()
    world.receiver.script(path, Step())
    run = world.post("--offline", source="secretsmanager:ops/hook")
    checks.that(run.exit == 2 and "--offline" in run.err and not run.visitor.calls, "not refused", run)
    checks.delivered(world.post("--offline", hook=world.url(path)))
    return checks


# ---------------------------------------------------------------- whom it may go to


@case
def hosts_that_are_not_allowed_get_nothing(world):
    checks, path = Checks(), world.path()
    world.receiver.script(path, Step())
    other = f"127.0.0.1:{world.receiver.tls}"
    for hook in (
        f"http://localhost:{world.receiver.plain}{path}",
        f"http://2130706433:{world.receiver.plain}{path}",
        f"http://user:{PLANTED}@{world.local}{path}",
        f"https://{other}{path}",
        f"https://hooks.slack.com.evil.example{path}",
        f"http://169.254.169.254{path}",
        f"http://{world.local}\\@evil.example{path}",
        PLANTED,
        "",
    ):
        run = world.post(hook=hook)
        checks.delivered(run, 2)
        checks.that("env:HOOK" in run.err, "the source is not named", run)
    checks.that(not world.receiver.arrived(path), "sent", "")
    return checks


@case
def orders_that_make_no_sense_are_refused_at_once(world):
    checks = Checks()
    url = f"http://127.0.0.1:1{PATH}"
    for arguments, word in (
        (("--from", CASE, "--post", "env:HOOK"), "-o json"),
        (("--from", CASE, "-o", "text", "--post", "env:HOOK"), "-o json"),
        (("--from", CASE, "-o", "json", "--post", "env:HOOK"), "--post-host"),
        (("--from", CASE, "-o", "json", "--post", "env:HOOK", "--post-host", "https://x"), "--post-host"),
        (("--from", CASE, "-o", "json", "--post", "env:HOOK", "--post-host", "a@b"), "--post-host"),
        (("--from", CASE, "-o", "json", "--post-host", "x"), "--post"),
        (("--from", CASE, "-o", "json", "--post", "carrier:pigeon", "--post-host", "x"), "env:NAME"),
    ):
        run = world.run(*arguments, hook=url)
        checks.that(run.exit == 2 and not run.out and word in run.err, "not refused", run)
        checks.silent(run)
    return checks


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True, help="path of ecs-why")
    parser.add_argument("--only", default="", help="run what has this in its name")
    options = parser.parse_args()
    failed, begin = 0, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        world = World(os.path.abspath(options.binary), folder)
        if "json" not in world.forms:
            sys.exit(f"error: the help of {options.binary} lists no -o json")
        chosen = {name: one for name, one in ALL.items() if options.only in name}
        for name, one in chosen.items():
            try:
                problems = one(world)
            except Exception:  # noqa: BLE001
                problems = [traceback.format_exc()]
            failed += bool(problems)
            for problem in problems:
                print(f"FAIL {name}: {problem[:1500]}")
    if not chosen:
        sys.exit(f"error: nothing is called {options.only!r}")
    print(f"{len(chosen) - failed} of {len(chosen)} passed with {', '.join(world.forms)} in {time.monotonic() - begin:.0f} s")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
