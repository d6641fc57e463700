import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadInventory } from "../../inventory/load.ts";
import { BACKENDS } from "../../plan/rendering.ts";
import { DOMAIN } from "../support/inventories.ts";
import { zoneOf } from "../support/zoneOf.ts";

/** The euro zone as its article prints it, comments and blank lines left out; the article's domain is example.net here. */
const ARTICLE_LINES = [
  "_sips._tcp.euro.sip.example.net.  60 IN SRV  10 50 5061 fra1.sip.example.net.",
  "_sips._tcp.euro.sip.example.net.  60 IN SRV  10 50 5061 lhr1.sip.example.net.",
  "_sips._tcp.euro.sip.example.net.  60 IN SRV  20 100 5061 ams1.sip.example.net.",
  "fra1.sip.example.net.  60 IN A  198.51.100.11",
  "lhr1.sip.example.net.  60 IN A  198.51.100.21",
  "ams1.sip.example.net.  60 IN A  198.51.100.31",
];

const fixture = fileURLToPath(new URL("../unit/inventory/fixtures/article-euro", import.meta.url));

test.each(BACKENDS)("the article's euro zone has the article's own SRV and A lines at %s", (backend) => {
  const lines = zoneOf(loadInventory(fixture, { domain: DOMAIN }), backend).split("\n");
  const srv = lines.filter((line) => line.startsWith("_sips._tcp.euro."));
  expect(srv).toEqual(ARTICLE_LINES.slice(0, 3));
  const addresses = lines.filter((line) => /^[a-z]+1\./.test(line));
  expect(addresses.sort()).toEqual(ARTICLE_LINES.slice(3).sort());
});

test("the golden case of the article is the article's inventory", () => {
  const entries = (folder: string) => loadInventory(folder, { domain: DOMAIN }).nodes;
  const golden = fileURLToPath(new URL("002-article-euro", import.meta.url));
  expect(entries(golden)).toEqual(entries(fixture));
  const zone = readFileSync(`${golden}/zone.txt`, "utf8").split("\n");
  for (const line of ARTICLE_LINES) expect(zone).toContain(line);
});
