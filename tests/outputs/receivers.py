"""What each receiver of an output takes: checks of many texts at once, by the programs of those who read them.

A check is given texts by name and gives problems by name. JSON is parsed; messages for Slack by two libraries for them
(`slack.py`), cards of Teams by the one that renders them (`teams.mjs`), those of Amazon Q and PagerDuty by schemas that
are written from their documentation, Markdown by a parser of it (`markdown.mjs`), the report by its own schema.
"""

import functools
import json
import pathlib
import re
import subprocess
import tempfile

import jsonschema

import slack

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
SCHEMAS = {
    path.stem: json.loads(path.read_text())
    for folder in (HERE / "schemas", ROOT / "docs" / "schema")
    for path in folder.glob("*.json")
}

# https://learn.microsoft.com/microsoftteams/limits-specifications-teams
MOST_OF_TEAMS = 28 * 1024
# https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
MOST_OF_SNS = 256 * 1024
# https://developer.pagerduty.com/docs/send-alert-event
MOST_OF_PAGERDUTY = 512 * 1000

# What a sender puts in, since no output may hold it.
ROUTING_KEY = "0" * 32

HEADINGS = {
    "FAILED",
    "FAILED, MENDED SINCE",
    "UNCLEAR",
    "STOPPED IN ORDER",
    "NOT FAILED",
    "NOT FOUND",
    "EXPLAINED",
    "REQUIRED",
}


def each(check):
    """A check of many texts from one of a single message; what is no JSON, or no ASCII, is a problem."""
    return lambda texts: {name: of_json(text, check) for name, text in texts.items()}


def of_json(text, check):
    """Problems of one JSON text."""
    try:
        message = json.loads(text)
    except ValueError as error:
        return [f"not JSON: {error}"]
    controls = [] if text.isascii() and "\x7f" not in text else ["not plain ASCII"]
    return controls + check(message, len(text.encode()))


def by_schema(name, message):
    """What a schema says of a message."""
    found = jsonschema.Draft202012Validator(SCHEMAS[name]).iter_errors(message)
    return [f"{error.json_path}: {error.message[:300]}" for error in found]


def too_large(size, most):
    return [f"{size} bytes, and {most} are taken"] if size > most else []


def report(texts):
    """Reports are what their published schema says."""
    return {name: of_report(text) for name, text in texts.items()}


def of_report(text):
    try:
        return by_schema("report-v1", json.loads(text))
    except ValueError as error:
        return [f"not JSON: {error}"]


def of_q(message, size):
    return by_schema("q", message) + too_large(size, MOST_OF_SNS)


def of_pagerduty(event, size):
    """Without its routing key an event holds no secret, and with one it is complete."""
    found = [] if event.get("routing_key") == "" else ["routing_key is not empty"]
    return found + by_schema("pagerduty", {**event, "routing_key": ROUTING_KEY}) + too_large(size, MOST_OF_PAGERDUTY)


@functools.cache
def installed():
    """The folder in which packages of Node.js are installed."""
    command = [ROOT / "tests/environment", "node"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def node(script, *arguments, **how):
    """Runs a script of this folder."""
    command = [f"{installed()}/node_modules/.bin/node", HERE / script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, **how)


def teams(texts):
    """Cards: those that are messages go to the renderer's own checks, in one process for all."""
    found = {name: of_json(text, of_teams) for name, text in texts.items()}
    cards = {name: json.loads(text)["attachments"][0]["content"] for name, text in texts.items() if not found[name]}
    return found | json.loads(node("teams.mjs", installed(), input=json.dumps(cards), check=True).stdout)


def of_teams(message, size):
    """The envelope, and that Markdown is read in nothing but headings of the program."""
    attachments = message.get("attachments")
    if message.get("type") != "message" or not isinstance(attachments, list) or len(attachments) != 1:
        return ["not a message with one attachment"]
    card = attachments[0].get("content", {})
    rules = {
        "contentType is another": attachments[0].get("contentType") == "application/vnd.microsoft.card.adaptive",
        "not an AdaptiveCard of version 1.5": (card.get("type"), card.get("version")) == ("AdaptiveCard", "1.5"),
        "more actions than are shown": len(card.get("actions", [])) <= 6,
        "a link to no console": all(slack.is_console(action.get("url", "")) for action in card.get("actions", [])),
    }
    return [rule for rule, holds in rules.items() if not holds] + too_large(size, MOST_OF_TEAMS) + markdown_in(card)


def markdown_in(value):
    """Elements that read Markdown and hold something else than a heading."""
    if isinstance(value, list):
        return [problem for item in value for problem in markdown_in(item)]
    if not isinstance(value, dict):
        return []
    reads = value.get("type") == "FactSet" or value.get("type") == "TextBlock" and value.get("text") not in HEADINGS
    found = [f"Markdown is read in {json.dumps(value)[:200]}"] if reads else []
    return found + [problem for item in value.values() for problem in markdown_in(item)]


def markdown(texts):
    """Markdown, by a script that takes files and names each that is wrong: exit status 0 or 1."""
    with tempfile.TemporaryDirectory() as folder:
        files = {name: pathlib.Path(folder) / f"{name}.md" for name in texts}
        for name, path in files.items():
            path.write_text(texts[name])
        run = node("markdown.mjs", installed(), *files.values())
    said = (run.stdout + run.stderr).strip()
    return {name: [] for name in texts} | ({"all": [said or "it failed"]} if run.returncode else {})


# https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
COMMAND = re.compile(r"::(error|warning|notice) title=[^:,\r\n]*::[^\r\n]+")
# More of a kind are not shown: https://docs.github.com/rest/checks/runs
MOST_ANNOTATIONS = 10
LONGEST_MESSAGE = 4096


def of_github(text):
    """Lines that a runner obeys: annotations alone, few and short enough to be shown, and no older command within."""
    lines = text.splitlines()
    found = [f"no annotation: {line[:200]}" for line in lines if not COMMAND.fullmatch(line)]
    found += [f"a command within: {line[:200]}" for line in lines if "##[" in line]
    found += [f"too long: {line[:200]}" for line in lines if len(line.split("::", 2)[-1]) > LONGEST_MESSAGE]
    return found + ([] if 0 < len(lines) <= MOST_ANNOTATIONS else [f"{len(lines)} annotations"])


def github(texts):
    return {name: of_github(text) for name, text in texts.items()}


ALL = {
    "json": report,
    "slack": each(lambda message, _: slack.problems(message)),
    "teams": teams,
    "q": each(of_q),
    "pagerduty": each(of_pagerduty),
    "markdown": markdown,
    "github": github,
}
