import fc from "fast-check";
import { SaxesParser } from "saxes";
import { describe, expect, it } from "vitest";
import type { Fqdn } from "../../../dns/names.ts";
import { STATUSES } from "../../../inventory/nodeSchema.ts";
import { planTree } from "../../../plan/plan.ts";
import type { Tree } from "../../../plan/tree.ts";
import { treeSvg } from "../../../report/treeSvg.ts";
import { arbitrarySketch, reordered } from "../../support/arbitraryInventory.ts";
import { inventoryOf, nodeAt, STEERED_WORLD } from "../../support/inventories.ts";

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Of the element and all in it. */
  text: string;
}

/** Elements in the order in which they begin. @throws Error where the text is no well-formed XML. */
function parse(xml: string): Element[] {
  const elements: Element[] = [];
  const open: Element[] = [];
  const parser = new SaxesParser({ xmlns: true });
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) => {
    const plain = Object.fromEntries(Object.entries(attributes).map(([key, { value }]) => [key, value]));
    const element = { name, attributes: plain, text: "" };
    elements.push(element);
    open.push(element);
  });
  parser.on("text", (text) => {
    for (const element of open) element.text += text;
  });
  parser.on("closetag", () => void open.pop());
  parser.write(xml).close();
  return elements;
}

const named = (elements: readonly Element[], name: string) =>
  elements.filter((element) => element.name === name);

const steered = planTree(inventoryOf(STEERED_WORLD));

describe("the SVG of a tree", () => {
  it("is well-formed XML that names nothing outside itself and runs nothing", () => {
    const allowed = ["svg", "title", "desc", "rect", "g", "path", "circle", "ellipse", "text", "tspan"];
    fc.assert(
      fc.property(arbitrarySketch, (sketch) => {
        const elements = parse(treeSvg(planTree(inventoryOf(sketch))));
        expect(elements.filter(({ name }) => !allowed.includes(name))).toEqual([]);
        const keys = elements.flatMap(({ attributes }) => Object.keys(attributes));
        expect(keys.filter((key) => /^on|href|^style$/.test(key))).toEqual([]);
        const values = elements.flatMap(({ attributes }) => Object.values(attributes));
        expect(values.filter((value) => /url\(|NaN|undefined|Infinity/.test(value))).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it("is the same text for the same inventory in another order", () => {
    fc.assert(
      fc.property(arbitrarySketch, fc.integer({ min: 1, max: 50 }), (sketch, salt) => {
        const other = treeSvg(planTree(inventoryOf(reordered(sketch, salt))));
        expect(other).toBe(treeSvg(planTree(inventoryOf(sketch))));
      }),
      { numRuns: 50 },
    );
  });

  it("is labelled for those who hear it", () => {
    const [root, ...elements] = parse(treeSvg(steered));
    expect(root?.attributes.role).toBe("img");
    const labels = (root?.attributes["aria-labelledby"] ?? "").split(" ");
    const texts = labels.map((id) => elements.find(({ attributes }) => attributes.id === id)?.text ?? "");
    expect(texts).toEqual([
      "Tree of names at sip.example.net",
      "Global name sip.example.net (by caller's location, else euro). " +
        "Region euro.sip.example.net (for Africa, Europe; falls back to noam): " +
        "POP ams with ams1 standby; POP fra with fra1 active, fra2 active; POP lhr with lhr1 active. " +
        "Region noam.sip.example.net (for N. America; by caller's location, else iad): " +
        "POP iad (for N. America, US-NY) with iad1 active, iad2 active; " +
        "POP lax (for MX, US-CA, US-WA) with lax1 active. " +
        "Region latm.sip.example.net (for S. America; answered by noam).",
    ]);
  });

  it("shows every name whole where there is room", () => {
    const texts = named(parse(treeSvg(steered)), "text").map(({ text }) => text);
    const names = [steered.global, ...steered.regions, ...steered.pops, ...steered.nodes].map(
      ({ name }) => name,
    );
    expect(names.filter((name) => !texts.includes(name))).toEqual([]);
  });

  it("says each node's state in a word and draws it by a shape of its own", () => {
    const nodes = STATUSES.map((status, i) => nodeAt("euro", `fra${i + 1}`, { status }));
    const standby = nodeAt("euro", "lhr1", { role: "standby" });
    const elements = parse(treeSvg(planTree(inventoryOf({ nodes: [...nodes, standby] }))));
    const rows = named(elements, "g").filter(({ text }) => /^(fra|lhr)\d\.[^:]*: /.test(text));
    const stateOf = ({ text }: Element) => /: (\w+),/.exec(text)?.[1];
    expect(rows.map(stateOf)).toEqual(["planned", "active", "draining", "down", "standby"]);
    const shapes = rows.map((row) => {
      const { name, attributes } = elements[elements.indexOf(row) + 3] as Element;
      return `${name} ${attributes.fill === "none" ? "outlined" : "filled"} ${attributes["stroke-dasharray"] ?? ""}`;
    });
    expect(new Set(shapes).size).toBe(5);
  });

  it("keeps text apart from markup, whatever a name holds", () => {
    const hostile = `x]]></text><script>alert("1")</script>&'\u0001\uD800` as Fqdn;
    const tree: Tree = {
      ...steered,
      domain: hostile,
      nodes: steered.nodes.map((node, i) => (i === 0 ? { ...node, name: hostile } : node)),
      global: { ...steered.global, name: hostile },
    };
    const elements = parse(treeSvg(tree));
    expect(named(elements, "script")).toEqual([]);
    const shown = hostile.replace("\u0001", "\uFFFD").replace("\uD800", "\uFFFD");
    expect(named(elements, "title").map(({ text }) => text)).toContain(shown);
  });
});
