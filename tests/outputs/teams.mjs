// Adaptive Cards held against the library that renders them: `node teams.mjs FOLDER` reads an object of cards by name
// from standard input and writes an object of problems by name. FOLDER is where the package `adaptivecards` is
// installed. Nothing is rendered, so no document is needed. <https://www.npmjs.com/package/adaptivecards>

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.argv[2], "package.json"));
// The package names its modules as bundlers want them; its bundle is what Node.js can load.
const { AdaptiveCard, SerializationContext } = require("adaptivecards/dist/adaptivecards.js");

function problems(content) {
  const card = new AdaptiveCard();
  const context = new SerializationContext();
  card.parse(content, context);
  const parsed = Array.from({ length: context.eventCount }, (_, at) => context.getEventAt(at));
  return [...parsed, ...card.validateProperties().validationEvents].map((event) => event.message);
}

const cards = Object.entries(JSON.parse(readFileSync(0, "utf8")));
process.stdout.write(JSON.stringify(Object.fromEntries(cards.map(([name, card]) => [name, problems(card)]))));
