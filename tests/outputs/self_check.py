"""Checks of the checks: a sound message of each form passes, and with any one defect in it, it does not."""

import copy
import json

import receivers

PLAIN = {"type": "plain_text", "text": "FAILED", "emoji": False}
URL = "https://console.aws.amazon.com/iam/home#/roles/details/web"
ELSEWHERE = "https://console.aws.amazon.com.evil.example/"
SOUND = {
    "slack": {
        "text": "FAILED",
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
        "blocks": [
            {"type": "header", "text": PLAIN},
            {"type": "section", "fields": [PLAIN]},
            {
                "type": "rich_text",
                "elements": [
                    {"type": "rich_text_section", "elements": [{"type": "link", "url": URL, "text": "role"}]},
                    {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "aws iam"}]},
                ],
            },
        ],
    },
    "teams": {
        "type": "message",
        "attachments": [
            {
                "contentType": "application/vnd.microsoft.card.adaptive",
                "content": {
                    "type": "AdaptiveCard",
                    "version": "1.5",
                    "body": [
                        {"type": "TextBlock", "text": "FAILED", "size": "Large"},
                        {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": "x", "weight": "Bolder"}]},
                    ],
                    "actions": [{"type": "Action.OpenUrl", "title": "role", "url": URL}],
                },
            }
        ],
    },
    "q": {
        "version": "1.0",
        "source": "custom",
        "content": {"textType": "client-markdown", "title": "FAILED", "description": "x"},
        "metadata": {"eventType": "ecs-why-failed", "additionalContext": {"cluster": "c"}},
    },
    "pagerduty": {
        "routing_key": "",
        "event_action": "trigger",
        "dedup_key": "ecs:web",
        "payload": {"summary": "FAILED", "source": "web", "severity": "error"},
        "links": [{"href": URL, "text": "role"}],
    },
}

# Where the value is put; the last of the path is made if it is not there.
CARD = ("attachments", 0, "content")
DEFECTS = {
    "slack": {
        "header too long": (("blocks", 0, "text", "text"), "x" * 151),
        "unknown block": (("blocks", 0, "type"), "headline"),
        "mrkdwn": (("blocks", 1, "fields", 0), {"type": "mrkdwn", "text": "*x*"}),
        "emoji": (("blocks", 0, "text", "emoji"), True),
        "field too long": (("blocks", 1, "fields", 0, "text"), "x" * 2001),
        "too many fields": (("blocks", 1, "fields"), [PLAIN] * 11),
        "no fields": (("blocks", 1, "fields"), []),
        "an empty header": (("blocks", 0, "text", "text"), " "),
        "unknown part of rich text": (("blocks", 2, "elements", 0, "type"), "rich_text_table"),
        "unknown key of a block": (("blocks", 0, "color"), "red"),
        "too many blocks": (("blocks",), [{"type": "divider"}] * 51),
        "all blocks too long": (("blocks", 2, "elements", 1, "elements", 0, "text"), "x" * 12_000),
        "no text": (("text",), ""),
        "a mention": (("text",), "<!channel>"),
        "a link from outside": (("blocks", 2, "elements", 0, "elements", 0, "url"), ELSEWHERE),
        "unfolded links": (("unfurl_links",), True),
    },
    "teams": {
        "another type": (("type",), "MessageCard"),
        "unknown element": ((*CARD, "body", 0, "type"), "TextBlok"),
        "Markdown": ((*CARD, "body", 0, "text"), "[click](https://evil.example)"),
        "a fact set": ((*CARD, "body", 1), {"type": "FactSet", "facts": [{"title": "x", "value": "*x*"}]}),
        "unknown size": ((*CARD, "body", 0, "size"), "Huge"),
        "another version": ((*CARD, "version"), "1.9"),
        "an action without address": ((*CARD, "actions", 0), {"type": "Action.OpenUrl", "title": "x"}),
        "a link from outside": ((*CARD, "actions", 0, "url"), ELSEWHERE),
        "too large": ((*CARD, "body", 1, "inlines", 0, "text"), "x" * 28 * 1024),
    },
    "q": {
        "another version": (("version",), "2.0"),
        "no description": (("content",), {"title": "x"}),
        "title too long": (("content", "title"), "x" * 151),
        "steps that are no texts": (("content", "nextSteps"), [1]),
        "unknown key": (("content", "color"), "red"),
        "a variable with a space": (("metadata", "additionalContext", "cluster"), "a b"),
        "an event type with a space": (("metadata", "eventType"), "ecs why"),
    },
    "pagerduty": {
        "a routing key": (("routing_key",), "0" * 32),
        "unknown action": (("event_action",), "fire"),
        "key too long": (("dedup_key",), "x" * 256),
        "summary too long": (("payload", "summary"), "x" * 1025),
        "unknown severity": (("payload", "severity"), "bad"),
        "no source": (("payload", "source"), ""),
        "another clock": (("payload", "timestamp"), "yesterday"),
        "details that are no object": (("payload", "custom_details"), []),
        "a link that is none": (("links", 0, "href"), "javascript:x"),
    },
}


def planted(message, path, value):
    """A message with a value somewhere."""
    message = copy.deepcopy(message)
    place = message
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(message)


GITHUB = "::error title=The secret is denied%3A why::Fix%3A allow it%0A  aws iam …"
BAD_GITHUB = {
    "a line of the log": f"{GITHUB}\n::set-output name=x::1",
    "an open title": "::error title=a:b::c",
    "an older command": f"{GITHUB} ##[error]x",
    "no line": "",
    "too many": "\n".join([GITHUB] * 11),
    "too long": GITHUB + "x" * 5000,
}
BAD_REPORT = {
    "no status": lambda report: report.pop("status"),
    "another status": lambda report: report.update(status="broken"),
    "an empty finding": lambda report: report.update(findings=[{}]),
    "a number for a text": lambda report: report.update(summary=1),
}


def of_lines():
    """Annotations, sound ones and others."""
    found = receivers.ALL["github"]({"sound": GITHUB} | BAD_GITHUB)
    wrong = [f"github: sound annotations: {problem}" for problem in found.pop("sound")]
    return wrong + [f"github: not found: {name}" for name, told in found.items() if not told]


def of_reports():
    """A report without any finding, and what is none."""
    meta = {"version": "0", "tookMs": 0, "awsCalls": 0, "awsRoundTrips": 0}
    lists = ["timeline", "findings", "permissions", "paths", "coverage"]
    task = dict.fromkeys(receivers.SCHEMAS["report-v1"]["$defs"]["TaskView"]["required"]) | {"containers": []}
    sound = {"schema": "ecs-why/report/v1", "status": "benign", "cause": None, "summary": "", "task": task, "meta": meta}
    sound |= {name: [] for name in lists}
    texts = {"sound": json.dumps(sound), "no JSON": "{"}
    for name, change in BAD_REPORT.items():
        bad = copy.deepcopy(sound)
        change(bad)
        texts[name] = json.dumps(bad)
    found = receivers.ALL["json"](texts)
    wrong = [f"json: a sound report: {problem}" for problem in found.pop("sound")]
    return wrong + [f"json: not found: {name}" for name, told in found.items() if not told]


def of_documents():
    """The parser's own check of its planted documents."""
    run = receivers.node("markdown.mjs", receivers.installed(), "--self-check")
    return [f"markdown: {run.stdout}{run.stderr}"] if run.returncode else []


def problems():
    """What the checks take for a defect and is none, and the other way round."""
    wrong = of_lines() + of_reports() + of_documents()
    for form, sound in SOUND.items():
        defects = {name: planted(sound, path, value) for name, (path, value) in DEFECTS[form].items()}
        raw = {"no JSON": "{", "not ASCII": json.dumps({**sound, "text": "\x9b"}, ensure_ascii=False)}
        found = receivers.ALL[form]({"sound": json.dumps(sound)} | defects | raw)
        wrong += [f"{form}: a sound message: {problem}" for problem in found.pop("sound")]
        wrong += [f"{form}: not found: {name}" for name, told in found.items() if not told]
    return wrong
