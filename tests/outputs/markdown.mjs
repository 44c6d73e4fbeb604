// Documents of `-o markdown` as a reader of GitHub Flavored Markdown takes them.
//
//     node markdown.mjs MODULES FILE…          a line for each failure; exit status 1 if there is one
//     node markdown.mjs MODULES --self-check   the same over documents that are planted to be wrong
//
// MODULES is the folder that `tests/environment node` prints. What is allowed is listed, so whatever else a parser finds
// (an image, HTML, a list, a link to a stranger) is a failure: it came from a name or a message.

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [modules, ...rest] = process.argv.slice(2);
const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

function usage() {
  console.error("usage: node markdown.mjs MODULES FILE…|--self-check (MODULES: what 'tests/environment node' prints)");
  process.exit(2);
}

if (!modules || rest.length === 0) usage();

const there = createRequire(join(resolve(modules), "package.json"));
const load = (name) => import(pathToFileURL(there.resolve(name)).href);
const { fromMarkdown } = await load("mdast-util-from-markdown");
const { gfm } = await load("micromark-extension-gfm");
const { gfmFromMarkdown } = await load("mdast-util-gfm");

const parsed = (text) => fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });

const LONGEST = 60_000;
const CONSOLE = /^([a-z0-9-]+\.)?console\.(aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com)$/;

/** Hosts of the pages that our rules name. */
function referenced() {
  const hosts = new Set(["docs.aws.amazon.com", "repost.aws", "github.com", "docs.docker.com"]);
  for (const name of readdirSync(join(root, "knowledge"), { recursive: true })) {
    if (!name.endsWith(".toml")) continue;
    const lists = readFileSync(join(root, "knowledge", name), "utf8").matchAll(/^(?:references|docs) = \[([^\]]*)\]/gm);
    for (const [, list] of lists) {
      for (const [, host] of list.matchAll(/"https:\/\/([^/"]+)/g)) hosts.add(host);
    }
  }
  return hosts;
}

const HOSTS = referenced();

const BLOCKS = new Set(["heading", "paragraph", "code", "table", "tableRow", "tableCell"]);
const SPANS = new Set(["text", "inlineCode", "link", "strong"]);
const KINDS = new Set(["text", "sh", "diff"]);
/** What is set in bold is ours. */
const BOLD = /^(missing|denied|unknown|disagreement:)$/;

/** What GitHub or GitLab would make something of where it stands as text. */
const LIVE = [
  ["mention", /(^|[^\w`])@[\w-]/],
  ["reference", /(^|[^\w`])[#!]\d/],
  ["reference", /\b[A-Za-z]{2,}-\d/],
  ["address", /\b(https?|ftp|mailto|xmpp):\S|\bwww\.\S/i],
  ["e-mail address", /[\w.+-]@[\w-]+\.\w/],
  ["commit", /\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,40}\b|\b[0-9a-f]{40}\b/],
  ["emoji", /:[a-z0-9_+-]*[a-z][a-z0-9_+-]*:/],
  ["formula", /\$/],
  ["quick action", /^\//m],
  ["HTML", /<\/?[a-z!?]/i],
];

function* failures(text) {
  if ([...text].length > LONGEST) yield `longer than ${LONGEST} characters`;
  const tree = parsed(text);
  const [first] = tree.children;
  if (first?.type !== "heading" || first.depth !== 1) yield "does not begin with a heading";
  if (tree.children.at(-1)?.type !== "paragraph") yield "does not end with a line of text: a fence may be open";
  for (const node of tree.children) yield* ofBlock(node, text.split("\n"));
}

function* ofBlock(node, lines) {
  if (!BLOCKS.has(node.type)) return yield `${at(node)}: ${node.type}: ${shown(node)}`;
  if (node.type === "code") yield* ofFence(node);
  if (node.type === "table") yield* ofTable(node, lines);
  if (node.type === "heading" || node.type === "paragraph") yield* ofSpans(node);
}

function* ofFence(node) {
  if (!KINDS.has(node.lang) || node.meta) yield `${at(node)}: a fence of the kind ${node.lang} ${node.meta}`;
}

function* ofTable(node, lines) {
  const columns = node.align.length;
  for (const row of node.children) {
    // A parser drops cells beyond the head, so bars are counted where they stand.
    const line = lines[row.position.start.line - 1];
    const bars = line.match(/(?<!\\)\|/g)?.length ?? 0;
    if (bars !== columns + 1) yield `${at(row)}: ${bars} bars in a table of ${columns} columns: ${line}`;
    for (const cell of row.children) yield* ofSpans(cell);
  }
}

function* ofSpans(parent) {
  for (const node of parent.children) {
    if (!SPANS.has(node.type)) yield `${at(node)}: ${node.type}: ${shown(node)}`;
    if (node.type === "text") yield* ofText(node);
    if (node.type === "strong" && !BOLD.test(shown(node))) yield `${at(node)}: bold: ${shown(node)}`;
    if (node.type === "link") yield* ofLink(node);
  }
}

function* ofLink(node) {
  const url = URL.canParse(node.url) ? new URL(node.url) : null;
  const sound = url?.protocol === "https:" && (HOSTS.has(url.host) || CONSOLE.test(url.host)) && !url.username;
  if (!sound) yield `${at(node)}: a link to ${node.url}`;
  if (node.title) yield `${at(node)}: a link with a title: ${node.title}`;
  if (shown(node) !== node.url) yield* ofSpans(node);
}

function* ofText(node) {
  for (const [what, pattern] of LIVE) {
    if (pattern.test(node.value)) yield `${at(node)}: ${what} in text: ${shown(node)}`;
  }
}

const at = (node) => `line ${node.position?.start.line ?? "?"}`;

function shown(node) {
  const text = node.value ?? node.url ?? node.children?.map(shown).join("") ?? "";
  const whole = node.type === "link" ? node.children.map(shown).join("") : text;
  return whole.length > 200 ? `${whole.slice(0, 200)}…` : whole;
}

/** Text between a heading and a last line. */
const document = (text) => `# FAILED: x\n\n${text}\n\nend\n`;

/** Documents that must fail, and those that must not. */
const PLANTED = {
  "an image": document("![x](https://docs.aws.amazon.com/x.png)"),
  "an image by reference": document("![x]\n\n[x]: https://docs.aws.amazon.com/x.png"),
  "HTML in a line": document("a <b>c</b>"),
  "a block of HTML": document("<details>\nx\n</details>"),
  "a comment": document("<!-- x -->"),
  "a footnote": document("x[^1]\n\n[^1]: y"),
  "a link to a stranger": document("[x](https://evil.example/)"),
  "a link that looks like ours": document("[x](https://docs.aws.amazon.com.evil.example/)"),
  "a link with a user": document("[x](https://docs.aws.amazon.com@evil.example/)"),
  "a link without TLS": document("[x](http://docs.aws.amazon.com/)"),
  "a script": document("[x](javascript:alert(1))"),
  "a bare address": document("see https://evil.example/x"),
  "a bare address of ours within text": document("see http://docs.aws.amazon.com"),
  "a bare host": document("see www.evil.example"),
  "an e-mail address": document("ask a@evil.example"),
  "a mention": document("ask @octocat"),
  "a team": document("(@org/team)"),
  "an issue": document("fixes #12"),
  "an issue by its old name": document("fixes GH-12"),
  "a merge request": document("see !12"),
  "a commit": document("since 1b87a05f00d2"),
  "an emoji": document("a :boom: b"),
  "a formula": document("a $x$ b"),
  "a quick action": document("/close"),
  "a list": document("- x"),
  "a numbered list": document("1. x"),
  "a task list": document("- [ ] x"),
  "a quotation": document("> x"),
  "a rule": document("***"),
  "emphasis": document("a *b* c"),
  "bold": document("a **b** c"),
  "text that is crossed out": document("a ~~b~~ c"),
  "indented code": document("    x"),
  "a break": document("a  \nb"),
  "a fence that closes early": document("```text\na\n```\n@octocat\n```\n"),
  "a fence that stays open": "# FAILED: x\n\n````text\na\n```\n\nend\n",
  "a fence of another kind": document("```mermaid\ngraph\n```"),
  "a cell too many": document("| a | b |\n| --- | --- |\n| `x|y` | z |"),
  "a mention in a cell": document("| a |\n| --- |\n| @octocat |"),
  "a mention in a heading": document("## Fix: @octocat"),
  "a mention in the label of a link": document("[@octocat](https://docs.aws.amazon.com/)"),
  "no heading": "FAILED\n\nend\n",
  "a document that is too long": document("x ".repeat(LONGEST)),
};

const SOUND = {
  "code of all kinds": document("`@a #1 <b> www.x.example` and ``a`b``\n\n```text\n@a\n<b>\n```\n\n````sh\n```\n````"),
  "a table": document("| a | b |\n| --- | --- |\n| `x\\|y` | **missing** |"),
  "links": document("<https://docs.aws.amazon.com/x#y>, [task](https://eu-west-1.console.aws.amazon.com/ecs)"),
  "prose": document("The role (of 3) may not read ports 1024-65535."),
};

function selfCheck() {
  const missed = Object.entries(PLANTED).filter(([, text]) => [...failures(text)].length === 0);
  const wronged = Object.entries(SOUND).flatMap(([name, text]) => [...failures(text)].map((line) => `${name}: ${line}`));
  for (const [name] of missed) console.log(`self-check: ${name} is not seen`);
  for (const line of wronged) console.log(`self-check: ${line}`);
  return missed.length + wronged.length;
}

function check(files) {
  const found = files.flatMap((file) => [...failures(readFileSync(file, "utf8"))].map((line) => `${file}: ${line}`));
  for (const line of found) console.log(line);
  return found.length;
}

process.exit((rest.includes("--self-check") ? selfCheck() : check(rest)) === 0 ? 0 : 1);
