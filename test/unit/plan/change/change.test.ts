import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NodeEntry } from "../../../../inventory/edit/entries.ts";
import type { Choices } from "../../../../plan/change/answers.ts";
import { type Change, changeBetween, plannedState } from "../../../../plan/change/change.ts";
import type { RowChange } from "../../../../plan/change/rows.ts";
import { planDocument } from "../../../../plan/planDocument.ts";
import { render } from "../../../../plan/render.ts";
import { BACKENDS, type Backend } from "../../../../plan/rendering.ts";
import { arbitrarySketch } from "../../../support/arbitraryInventory.ts";
import {
  type InventorySketch,
  inventoryIfValid,
  inventoryOf,
  nodeAt,
  STEERED_WORLD,
  withNode,
} from "../../../support/inventories.ts";

const BOTH: readonly Backend[] = ["cloudflare", "route53"];

function changeOf(
  before: InventorySketch,
  after: InventorySketch,
  backends: readonly Backend[] = BOTH,
): Change {
  const [old, now] = [before, after].map((sketch) => plannedState(inventoryOf(sketch), backends));
  if (old === undefined || now === undefined) throw new Error("nothing planned");
  return changeBetween(old, now);
}

const text = (choices: Choices | undefined) =>
  choices?.map((shares) => shares.map(({ slot, part }) => `${slot} ${Math.round(part * 100)}`).join(" ")) ??
  null;

/** `name [platforms] [place]: before → after`, as lists. */
const answers = ({ names }: Change) =>
  names.flatMap((each) =>
    each.answers.map(({ backends, site, before, after }) => [
      each.key,
      backends.join(),
      site ?? "",
      text(before),
      text(after),
    ]),
  );

describe("a drain", () => {
  const change = changeOf(STEERED_WORLD, withNode(STEERED_WORLD, "fra2", { status: "draining" }));

  test("changes the answers of the names above the node, the parts of those that stay grow", () => {
    expect(answers(change)).toEqual([
      [
        "global",
        "cloudflare",
        "euro",
        ["fra1 25 lhr1 25 fra2 50", expect.anything()],
        ["fra1 50 lhr1 50", expect.anything()],
      ],
      ["global", "route53", "euro", ["fra1 33 fra2 33 lhr1 33", "ams1 100"], ["fra1 50 lhr1 50", "ams1 100"]],
      [
        "euro",
        "cloudflare,route53",
        "",
        ["fra1 33 fra2 33 lhr1 33", "ams1 100"],
        ["fra1 50 lhr1 50", "ams1 100"],
      ],
      ["fra", "cloudflare,route53", "", ["fra1 50 fra2 50"], ["fra1 100"]],
    ]);
    expect(change.nodes).toEqual([]);
  });

  test("removes the node's rows at each platform, with the cause, and orders no certificate anew", () => {
    for (const { backend, changes } of change.rows) {
      const records = changes.filter(({ row }) => row.kind === "record");
      expect(new Set(records.map((each) => each.change))).toEqual(new Set(["removed"]));
      expect(records.every(({ row }) => row.why.endsWith("lists fra2"))).toBe(true);
      expect(records.some(({ row }) => row.title === "_sips._tcp.euro.sip.example.net SRV")).toBe(true);
      expect(changes.some(({ row }) => row.kind === (backend === "route53" ? "health check" : "pool"))).toBe(
        true,
      );
    }
    expect(change.certificates).toEqual([]);
  });

  test("has in lint's eyes what it makes worse and what it mends", () => {
    expect(change.findings.added.map(({ rule, about }) => [rule, about])).toContainEqual([
      "single-node-pop",
      "POP fra",
    ]);
    const back = changeOf(withNode(STEERED_WORLD, "fra2", { status: "draining" }), STEERED_WORLD);
    expect(back.findings.gone.map(({ rule, about }) => [rule, about])).toContainEqual([
      "single-node-pop",
      "POP fra",
    ]);
  });
});

describe("a new address", () => {
  const change = changeOf(STEERED_WORLD, withNode(STEERED_WORLD, "lhr1", { ip: "127.9.9.9" }));

  test("changes the node's own name and the rows that hold it, in place, and no answer by name", () => {
    expect(change.names).toEqual([]);
    expect(change.nodes.map(({ slot, after }) => [slot, after])).toEqual([["lhr1", ["127.9.9.9"]]]);
    for (const { changes } of change.rows) {
      expect(new Set(changes.map((each) => each.change))).toEqual(new Set(["changed"]));
      const [record] = changes.filter(({ row }) => row.title === "lhr1.sip.example.net A");
      expect(record).toMatchObject({ fields: [{ field: "data", after: "127.9.9.9" }] });
    }
  });
});

describe("a region that goes live", () => {
  const planned: InventorySketch = {
    ...STEERED_WORLD,
    nodes: [...STEERED_WORLD.nodes, nodeAt("latm", "gru1", { status: "planned" })],
  };
  const change = changeOf(planned, withNode(planned, "gru1", { status: "active" }), ["route53"]);

  test("answers by its own node where its stand-in did", () => {
    const latm = change.names.find(({ key }) => key === "latm");
    expect(latm?.standIn).toEqual({ before: "noam" });
    expect(text(latm?.answers[0]?.after)).toEqual(["gru1 100"]);
    const pop = change.names.find(({ key }) => key === "gru");
    expect(pop).toMatchObject({ kind: "pop", standIn: { before: "noam" } });
  });

  test("is a place of the global name that was none before", () => {
    const global = change.names.find(({ kind }) => kind === "global");
    const own = global?.answers.find(({ site }) => site === "latm");
    expect([own?.before, text(own?.after)]).toEqual([undefined, ["gru1 100"]]);
  });
});

test("steering that is switched on stands each place's answer against that for all", () => {
  const plain = { ...STEERED_WORLD, policy: { ...STEERED_WORLD.policy, globalGeo: false } };
  const change = changeOf(plain, STEERED_WORLD, ["route53"]);
  const global = change.names.find(({ kind }) => kind === "global");
  expect(global?.answers.map(({ site }) => site)).toEqual(["euro", "noam"]);
  const all = text(global?.answers[0]?.before);
  expect(all?.[0]).toContain("iad1");
  expect(text(global?.answers[1]?.before)).toEqual(all);
});

test("states that are planned for other platforms are not compared", () => {
  const inventory = inventoryOf(STEERED_WORLD);
  expect(() => changeBetween(plannedState(inventory, ["static"]), plannedState(inventory, BOTH))).toThrow(
    "other platforms",
  );
});

/** Two fleets of which the second has one node otherwise. */
const pairs = fc
  .record({
    before: arbitrarySketch,
    which: fc.nat(),
    change: fc.constantFrom<Partial<NodeEntry> | undefined>(
      { status: "draining" },
      { status: "active" },
      { status: "retired" },
      { weight: 7 },
      { ip: "127.99.0.1" },
      { role: "standby" },
      undefined,
    ),
  })
  .map(({ before, which, change }) => {
    const slot = before.nodes[which % before.nodes.length]?.slot ?? "";
    return { before, after: withNode(before, slot, change) };
  })
  .filter(({ after }) => inventoryIfValid(after) !== undefined);

const runs = { numRuns: 60 };

describe("for any fleet and change of a node", () => {
  test("a state compared with itself differs in nothing", () => {
    fc.assert(
      fc.property(arbitrarySketch, (sketch) => {
        const state = plannedState(inventoryOf(sketch), [...BACKENDS]);
        const change = changeBetween(state, state);
        expect(change).toMatchObject({
          names: [],
          nodes: [],
          certificates: [],
          findings: { added: [], gone: [] },
        });
        expect(change.rows.map(({ changes }) => changes)).toEqual([[], [], []]);
      }),
      { numRuns: 20 },
    );
  });

  test("the old records with the changes are the new ones", () => {
    fc.assert(
      fc.property(pairs, fc.constantFrom(...BACKENDS), ({ before, after }, backend) => {
        const [old, now] = [before, after].map((sketch) => {
          const { records } = planDocument(
            render(plannedState(inventoryOf(sketch), [backend]).tree, backend),
          );
          return records.map(({ name, type, ttl, data }) => `${name} ${type} ${ttl} ${data}`);
        });
        const [rows] = changeOf(before, after, [backend]).rows;
        const records = rows?.changes.filter(({ row }) => row.kind === "record") ?? [];
        const gone = records.flatMap((each) => (each.change === "added" ? [] : [line(each, "before")]));
        const come = records.flatMap((each) => (each.change === "removed" ? [] : [line(each, "after")]));
        expect(
          (old ?? [])
            .filter((each) => !gone.includes(each))
            .concat(come)
            .sort(),
        ).toEqual((now ?? []).sort());
      }),
      runs,
    );
  });

  test("the parts of each priority make one, and no name is left without an answer", () => {
    fc.assert(
      fc.property(pairs, ({ before, after }) => {
        for (const { answers: changes } of changeOf(before, after, [...BACKENDS]).names) {
          expect(changes.length).toBeGreaterThan(0);
          for (const side of changes.flatMap((each) => [each.before ?? [], each.after ?? []])) {
            for (const shares of side) {
              expect(shares.reduce((sum, { part }) => sum + part, 0)).toBeCloseTo(1, 9);
            }
          }
        }
      }),
      runs,
    );
  });

  test("the way back is the same change in the mirror", () => {
    fc.assert(
      fc.property(pairs, ({ before, after }) => {
        const [there, back] = [changeOf(before, after), changeOf(after, before)];
        const mirrored = { added: "removed", changed: "changed", removed: "added" };
        const keys = ({ rows }: Change, turn: (kind: RowChange["change"]) => string) =>
          rows.map(({ changes }) => changes.map(({ change, row }) => `${turn(change)} ${row.key}`).sort());
        expect(keys(back, (kind) => kind)).toEqual(keys(there, (kind) => mirrored[kind]));
        expect(
          answers(back)
            .map(([key, at, site, was, is]) => [key, at, site, is, was])
            .sort(),
        ).toEqual(answers(there).sort());
      }),
      runs,
    );
  });
});

/** The record of a changed row on one side. */
function line(change: RowChange, side: "before" | "after"): string {
  const { title, fields } = change.row;
  const value = (field: "ttl" | "data") => {
    const changed =
      change.change === "changed" ? change.fields.find((each) => each.field === field) : undefined;
    return changed?.[side] ?? fields[field];
  };
  return `${title} ${value("ttl")} ${value("data")}`;
}
