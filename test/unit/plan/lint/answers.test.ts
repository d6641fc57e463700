import { describe, expect, test } from "vitest";
import { type SrvAnswer, srvAnswers } from "../../../../plan/lint/answers.ts";
import { listText } from "../../../../plan/lint/context.ts";
import { planTree } from "../../../../plan/plan.ts";
import { render } from "../../../../plan/render.ts";
import { inventoryOf, nodeAt } from "../../../support/inventories.ts";
import { PAIRS, type Plan, WIDE } from "./lintOf.ts";

function answers({ nodes, environment, policy, backends = ["static"] }: Plan): SrvAnswer[] {
  const sketch = { nodes, ...(environment && { environment }), ...(policy && { policy }) };
  const tree = planTree(inventoryOf(sketch));
  return srvAnswers(backends.map((backend) => render(tree, backend)));
}

/** `pop fra: fra1 fra2`. */
function text({ cause, records }: SrvAnswer): string {
  return `${cause.tier} ${cause.key}: ${records.map(({ target }) => target.split(".")[0]).join(" ")}`;
}

describe("the sets that callers get", () => {
  test("stand once for all transports, with the longest name under which they are asked for", () => {
    const all = answers(PAIRS);
    expect(all.map(text)).toEqual([
      "global global: fra1 fra2 lhr1 lhr2",
      "pop fra: fra1 fra2",
      "pop lhr: lhr1 lhr2",
      "region euro: fra1 fra2 lhr1 lhr2",
    ]);
    expect(all.map(({ owner }) => owner)).toEqual([
      "_sips._tcp.sip.example.net",
      "_sips._tcp.fra.sip.example.net",
      "_sips._tcp.lhr.sip.example.net",
      "_sips._tcp.euro.sip.example.net",
    ]);
  });

  test("stand once for all platforms that serve them alike", () => {
    const global = answers(WIDE).filter(({ cause }) => cause.tier === "global");
    expect(global.map((answer) => [text(answer), answer.backends])).toEqual([
      ["global global: fra1 iad1 iad2 lax1 lax2 lhr1", ["route53"]],
      ["global global: geo-a geo-b fra1 iad1 lax1 lhr1", ["cloudflare"]],
    ]);
    const pop = answers(WIDE).find(({ cause }) => cause.key === "iad");
    expect(pop?.backends).toEqual(["cloudflare", "route53"]);
  });

  test("are asked for at Route 53 under every name that is steered to them", () => {
    const wide = answers({
      ...WIDE,
      nodes: WIDE.nodes.map((node) => (node.region === "noam" ? nodeAt("northamerica", node.slot) : node)),
      policy: {
        ...WIDE.policy,
        defaultRegion: "northamerica",
        regions: {
          euro: { serves: { continents: ["EU"] }, fallback: ["northamerica"] },
          northamerica: { serves: { continents: ["NA"] }, geo: true },
        },
      },
      backends: ["route53"],
    });
    const owners = new Map(wide.map((answer) => [`${answer.cause.tier} ${answer.cause.key}`, answer.owner]));
    expect(owners.get("pop iad")).toBe("_sips._tcp.northamerica.sip.example.net");
    expect(owners.get("pop fra")).toBe("_sips._tcp.fra.sip.example.net");
    expect(owners.get("region euro")).toBe("_sips._tcp.euro.sip.example.net");
  });
});

test("a list in words names eight at most, and how many follow", () => {
  const words = [..."abcdefghi"];
  expect(listText([])).toBe("");
  expect(listText(["a"])).toBe("a");
  expect(listText(words.slice(0, 8))).toBe("a, b, c, d, e, f, g and h");
  expect(listText(words)).toBe("a, b, c, d, e, f, g, h and 1 more");
});
