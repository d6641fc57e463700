import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planTree } from "../../../plan/plan.ts";
import type { Tree } from "../../../plan/tree.ts";
import { MAX_WIDTH } from "../../../report/pictureColumns.ts";
import type { Box, Point } from "../../../report/pictureParts.ts";
import { type TreeLayout, treeLayout } from "../../../report/treeLayout.ts";
import { arbitrarySketch } from "../../support/arbitraryInventory.ts";
import { inventoryOf, nodeAt, STEERED_WORLD } from "../../support/inventories.ts";

const domains = [
  "s.test",
  "sip.example.net",
  `${"long-label-".repeat(5)}x.${"another-one-".repeat(4)}y.example.com`,
];

const arbitraryTree: fc.Arbitrary<Tree> = fc
  .record({ sketch: arbitrarySketch, domain: fc.constantFrom(...domains) })
  .map(({ sketch, domain }) =>
    planTree(inventoryOf({ ...sketch, environment: { ...sketch.environment, domain } })),
  );

const runs = { numRuns: 150 };

/** The square that a sign takes around its centre. */
function signBox({ x, y }: Point, halfWidth: number): Box {
  return { x: x - halfWidth, y: y - halfWidth, width: 2 * halfWidth, height: 2 * halfWidth };
}

function holds(outer: Box, inner: Box): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

function overlaps(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function overlappingPairs<T extends Box>(boxes: readonly T[]): [T, T][] {
  return boxes.flatMap((a, i) =>
    boxes.slice(i + 1).flatMap((b): [T, T][] => (overlaps(a, b) ? [[a, b]] : [])),
  );
}

/** Whatever a person reads: texts and signs. */
function readableBoxes({ headings, cards, rows, legend }: TreeLayout): Box[] {
  return [
    ...headings,
    ...cards.flatMap(({ labels, globe }) => [...labels, ...(globe === undefined ? [] : [signBox(globe, 8)])]),
    ...rows.flatMap(({ labels, mark }) => [...labels, signBox(mark, 6)]),
    ...legend.flatMap(({ label, mark }) => [label, signBox(mark, 10)]),
  ];
}

describe("the picture of any tree", () => {
  it("has no text or sign over another", () => {
    fc.assert(
      fc.property(arbitraryTree, (tree) => {
        expect(overlappingPairs(readableBoxes(treeLayout(tree)))).toEqual([]);
      }),
      runs,
    );
  });

  it("has no card or row over another, and every text inside its own", () => {
    fc.assert(
      fc.property(arbitraryTree, (tree) => {
        const { cards, rows } = treeLayout(tree);
        const frames = [...cards, ...rows];
        expect(overlappingPairs(frames)).toEqual([]);
        for (const frame of frames) {
          expect(frame.labels.filter((label) => !holds(frame, label))).toEqual([]);
        }
      }),
      runs,
    );
  });

  it("stays inside its own edges and the widest width", () => {
    fc.assert(
      fc.property(arbitraryTree, (tree) => {
        const layout = treeLayout(tree);
        const canvas = { x: 0, y: 0, width: layout.width, height: layout.height };
        const boxes = [...readableBoxes(layout), ...layout.cards, ...layout.rows];
        expect(boxes.filter((box) => !holds(canvas, box))).toEqual([]);
        expect(layout.width).toBeLessThanOrEqual(MAX_WIDTH);
      }),
      runs,
    );
  });

  it("shows every name once and links it to a name above or to its stand-in", () => {
    fc.assert(
      fc.property(arbitraryTree, (tree) => {
        const { cards, rows, links, standIns } = treeLayout(tree);
        const tiers = [tree.global, ...tree.regions, ...tree.pops];
        expect(cards.map(({ name }) => name).toSorted()).toEqual(tiers.map(({ name }) => name).toSorted());
        expect(rows.map(({ node }) => node.slot).toSorted()).toEqual(
          tree.nodes.map(({ slot }) => slot).toSorted(),
        );
        const leftEdge = ({ x, y, height }: Box) => `${x} ${y + height / 2}`;
        const below = [...cards.filter(({ kind }) => kind !== "global"), ...rows];
        const reached = [...links.map(({ to }) => to), ...standIns.map(({ from }) => from)];
        expect(reached.map(({ x, y }) => `${x} ${y}`).toSorted()).toEqual(below.map(leftEdge).toSorted());
      }),
      runs,
    );
  });
});

describe("the picture of a steered tree", () => {
  const tree = planTree(
    inventoryOf({
      ...STEERED_WORLD,
      nodes: [...STEERED_WORLD.nodes, nodeAt("euro", "lhr2", { status: "draining" })],
    }),
  );
  const layout = treeLayout(tree);
  const card = (key: string) => layout.cards.find(({ name }) => name.startsWith(`${key}.`));

  it("puts the arrow of a region without nodes below the region that answers", () => {
    const answering = card("noam");
    expect(layout.standIns).toHaveLength(1);
    expect(layout.standIns[0]?.to.y).toBe((answering?.y ?? 0) + (answering?.height ?? 0));
    expect(card("latm")).toMatchObject({ standIn: true });
    expect(card("latm")?.y).toBeGreaterThan(answering?.y ?? Number.POSITIVE_INFINITY);
  });

  it("marks the steered names and no other", () => {
    const marked = layout.cards.filter(({ globe }) => globe !== undefined).map(({ name }) => name);
    expect(marked).toEqual([tree.domain, "noam.sip.example.net"]);
  });

  it("tells by its links what is steered, shared, held back and out of use", () => {
    const kinds = Object.groupBy(layout.links, ({ kind }) => kind);
    const counts = Object.entries(kinds).map(([kind, links]) => [kind, links.length]);
    // Steered: 2 regions, 2 POPs of noam. Standby: POP ams and its node. Idle: lhr2.
    expect(Object.fromEntries(counts)).toEqual({ steered: 4, standby: 2, idle: 1, shared: 2 + 6 });
  });

  it("shows weights only where they differ", () => {
    const states = (sketchTree: Tree) =>
      treeLayout(sketchTree).rows.map(({ labels }) => labels.at(-1)?.text ?? "");
    const uneven = planTree(
      inventoryOf({ nodes: [nodeAt("euro", "fra1"), nodeAt("euro", "fra2", { weight: 50 })] }),
    );
    expect(states(uneven)).toEqual(["active ×100", "active ×50"]);
    expect(new Set(states(tree))).toEqual(new Set(["active", "standby", "draining"]));
  });
});
