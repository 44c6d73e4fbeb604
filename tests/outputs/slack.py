"""A Slack message held against two libraries that build such messages, and against what none of them checks.

`problems(message)` gives what is wrong, one sentence each. slack-sdk parses the blocks and gives them back as they
were, or it did not know all of them; slackblocks builds the message again and refuses what is too long or too much.
<https://docs.slack.dev/reference/block-kit/blocks>
"""

import json

import slackblocks
from slack_sdk.models.blocks import Block

# https://docs.slack.dev/reference/methods/chat.postMessage
MOST_TEXT = 40_000
# https://github.com/slackapi/bolt-js/issues/2509: messages of more characters were refused; nothing documents it.
MOST_OF_ALL_BLOCKS = 12_000
MOST_URL = 3000


def problems(message):
    """Everything that is wrong with a message."""
    blocks = message.get("blocks", [])
    found = [problem for block in blocks for problem in of_block(block)]
    return found + of_message(message) + of_values(message, "message") + built(blocks)


def of_block(block):
    """What slack-sdk says of a block, or does not know in it."""
    try:
        parsed = Block.parse(block)
        if parsed is None:
            return [f"unknown block {block.get('type')}"]
        parsed.validate_json()
        same = parsed.to_dict() == block
    except Exception as error:  # noqa: BLE001
        return [f"slack-sdk: {type(error).__name__}: {error}"]
    return [] if same else [f"slack-sdk does not know all of {json.dumps(block)[:300]}"]


def of_message(message):
    """What is to hold for the message as a whole."""
    rules = {
        f"text is missing or longer than {MOST_TEXT}": 0 < len(message.get("text", "")) <= MOST_TEXT,
        "text is not escaped": not set("<>") & set(message.get("text", "")),
        "text is read as mrkdwn": message.get("mrkdwn") is False,
        "links or media unfold": message.get("unfurl_links") is False and message.get("unfurl_media") is False,
        "blocks are longer than Slack takes": len(json.dumps(message.get("blocks"))) <= MOST_OF_ALL_BLOCKS,
    }
    return [rule for rule, holds in rules.items() if not holds]


def of_values(value, place):
    """What must stand nowhere: text that formats, an empty text, an emoji by name, a link but to a console."""
    if isinstance(value, list):
        return [problem for at, item in enumerate(value) for problem in of_values(item, f"{place}[{at}]")]
    if not isinstance(value, dict):
        return []
    rules = {
        "mrkdwn holds text from outside": value.get("type") not in ("mrkdwn", "markdown"),
        "an empty text": not isinstance(value.get("text"), str) or value["text"].strip() or value.get("type") == "text",
        "emoji are replaced": value.get("type") != "plain_text" or value.get("emoji") is False,
        "a link to no console": is_console(value.get("url", CONSOLE)),
    }
    found = [f"{place}: {rule}" for rule, holds in rules.items() if not holds]
    return found + [problem for key, item in value.items() for problem in of_values(item, f"{place}.{key}")]


CONSOLE = "https://console.aws.amazon.com/"


def is_console(url):
    """Whether a link goes where only the program sends it."""
    host = url.removeprefix("https://").split("/")[0]
    hosts = ("console.aws.amazon.com", "console.amazonaws.cn", "console.amazonaws-us-gov.com")
    return url.startswith("https://") and len(url) <= MOST_URL and any(f".{host}".endswith(f".{own}") for own in hosts)


def built(blocks):
    """What slackblocks says when it builds the message."""
    try:
        slackblocks.Message(channel="C0", text="text", blocks=[again(block) for block in blocks])
    except Exception as error:  # noqa: BLE001
        return [f"slackblocks: {type(error).__name__}: {error}"]
    return []


def again(block):
    """A block as an object of slackblocks, which cannot parse rich text by itself."""
    if block["type"] != "rich_text":
        return slackblocks.Block.from_dict(block)
    kinds = {"rich_text_section": slackblocks.RichTextSection, "rich_text_preformatted": slackblocks.RichTextCodeBlock}
    return slackblocks.RichTextBlock([kinds[part["type"]](inlines(part)) for part in block["elements"]])


def inlines(part):
    """The elements of a part of rich text."""
    links = {"link": lambda e: slackblocks.RichTextLink(url=e["url"], text=e["text"])}
    text = {"text": lambda e: slackblocks.RichText(e["text"], **e.get("style", {}))}
    return [(links | text)[element["type"]](element) for element in part["elements"]]
