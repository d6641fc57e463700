/**
 * The tree as one SVG file: no script, no font or other file from elsewhere, the same bytes for the same tree.
 * It brings its own light background, so that it reads alike on light and dark pages.
 */
import type { Tree } from "../plan/tree.ts";
import type { NodeState } from "./outline.ts";
import type { LegendItem } from "./pictureLegend.ts";
import {
  type Box,
  type Card,
  LABEL_FONTS,
  type Label,
  type LabelStyle,
  type NodeRow,
  type Point,
} from "./pictureParts.ts";
import { FONT_FAMILIES } from "./textFit.ts";
import { treeDescription } from "./treeDescription.ts";
import { type Link, type StandIn, treeLayout } from "./treeLayout.ts";
import { type Attributes, decimal, element, escapeXml } from "./xml.ts";

const INK = "#1f2328";
const MUTED = "#59636e";
const STEERED = "#6f42c1";
const STAND_IN = "#bc4c00";
const LINE = "#9aa4af";

/** Every colour reaches a contrast of 4.5 to 1 on white (WCAG 2.2, 1.4.3). */
const STATE_COLOURS: Record<NodeState, string> = {
  active: "#1a7f37",
  standby: "#0860c4",
  draining: "#8a5a00",
  planned: "#57606a",
  down: "#c21c2c",
};

const CARD_LOOKS: Record<Card["kind"], { readonly fill: string; readonly stroke: string }> = {
  global: { fill: "#1b2a41", stroke: "#1b2a41" },
  region: { fill: "#e8eef8", stroke: "#a9bcdb" },
  pop: { fill: "#f4f6f8", stroke: "#cdd5de" },
};

const LINK_LOOKS: Record<Link["kind"], Attributes> = {
  steered: { stroke: STEERED, "stroke-width": 2 },
  shared: { stroke: LINE, "stroke-width": 1.5 },
  standby: { stroke: STATE_COLOURS.standby, "stroke-width": 1.5, "stroke-dasharray": "5 4" },
  idle: { stroke: LINE, "stroke-width": 1.25, "stroke-dasharray": "1 4", "stroke-linecap": "round" },
};

const LABEL_COLOURS: Partial<Record<LabelStyle, string>> = { title: INK, column: INK };

/** An SVG 1.1 document that ends in a newline. */
export function treeSvg(tree: Tree): string {
  const layout = treeLayout(tree);
  const { width, height } = layout;
  const lines = [
    element("title", { id: "dialtree-title" }, escapeXml(`Tree of names at ${tree.domain}`)),
    element("desc", { id: "dialtree-description" }, escapeXml(treeDescription(tree))),
    element("rect", {
      x: 0.5,
      y: 0.5,
      width: width - 1,
      height: height - 1,
      rx: 12,
      fill: "#ffffff",
      stroke: "#d0d7de",
    }),
    ...layout.links.map(drawLink),
    ...layout.standIns.map(drawStandIn),
    ...layout.cards.map(drawCard),
    ...layout.rows.map(drawRow),
    ...layout.headings.map((heading) => drawLabel(heading)),
    ...layout.legend.map(drawLegendItem),
  ];
  const root = {
    xmlns: "http://www.w3.org/2000/svg",
    width,
    height,
    viewBox: `0 0 ${decimal(width)} ${decimal(height)}`,
    role: "img",
    "aria-labelledby": "dialtree-title dialtree-description",
  };
  return `${element("svg", root, "\n", ...lines.map((line) => `${line}\n`))}\n`;
}

function drawLabel(
  { style, text, strong, x, baseline }: Label,
  colours: { readonly strong: string; readonly rest: string } = {
    strong: INK,
    rest: LABEL_COLOURS[style] ?? MUTED,
  },
): string {
  const { family, size, bold } = LABEL_FONTS[style];
  const attributes = {
    x,
    y: baseline,
    "font-family": FONT_FAMILIES[family],
    "font-size": size,
    "font-weight": bold ? 600 : undefined,
    fill: colours.rest,
  };
  if (strong === 0) return element("text", attributes, escapeXml(text));
  const key = element(
    "tspan",
    { "font-weight": 700, fill: colours.strong },
    escapeXml(text.slice(0, strong)),
  );
  return element("text", attributes, key, escapeXml(text.slice(strong)));
}

function drawCard(card: Card): string {
  const { fill, stroke } = CARD_LOOKS[card.kind];
  const onDark = card.kind === "global";
  const frame = element("rect", {
    ...box(card),
    rx: 8,
    fill: card.standIn ? "#ffffff" : fill,
    stroke: card.standIn ? STAND_IN : stroke,
    "stroke-dasharray": card.standIn ? "5 4" : undefined,
  });
  const colours = onDark ? { strong: "#ffffff", rest: "#d5deea" } : undefined;
  return element(
    "g",
    {},
    element("title", {}, escapeXml(card.name)),
    frame,
    ...(card.globe === undefined ? [] : [drawGlobe(card.globe, onDark ? "#d2bdff" : STEERED)]),
    ...card.labels.map((label) => drawLabel(label, colours)),
  );
}

function drawRow({ node, state, mark, labels, ...row }: NodeRow): string {
  const idle = state !== "active" && state !== "standby";
  const addresses = [node.address, ...(node.address6 === undefined ? [] : [node.address6])].join(", ");
  const [name, address, status] = labels;
  return element(
    "g",
    {},
    element("title", {}, escapeXml(`${node.name}: ${state}, ${addresses}, weight ${node.weight}`)),
    element("rect", { ...box(row), rx: 6, fill: idle ? "#f6f8fa" : "#ffffff", stroke: "#dde3ea" }),
    drawMark(state, mark),
    ...(name === undefined ? [] : [drawLabel(name, { strong: idle ? MUTED : INK, rest: MUTED })]),
    ...(address === undefined ? [] : [drawLabel(address)]),
    ...(status === undefined ? [] : [drawLabel(status, sameColour(STATE_COLOURS[state]))]),
  );
}

function sameColour(colour: string): { strong: string; rest: string } {
  return { strong: colour, rest: colour };
}

function box({ x, y, width, height }: Box): Attributes {
  return { x, y, width, height };
}

/** A shape for each state, so that no state is told by its colour alone. */
function drawMark(state: NodeState, { x, y }: Point): string {
  const colour = STATE_COLOURS[state];
  const outlined = { fill: "none", stroke: colour, "stroke-width": 2 };
  switch (state) {
    case "active":
      return element("circle", { cx: x, cy: y, r: 5, fill: colour });
    case "standby":
      return element("circle", { cx: x, cy: y, r: 4.5, ...outlined });
    case "draining":
      return element("path", { d: path`M${x - 5.5} ${y - 4.5}H${x + 5.5}L${x} ${y + 5}Z`, fill: colour });
    case "planned":
      return element("rect", {
        x: x - 4.5,
        y: y - 4.5,
        width: 9,
        height: 9,
        ...outlined,
        "stroke-width": 1.5,
        "stroke-dasharray": "2 2",
      });
    case "down":
      return element("path", {
        d: path`M${x - 4} ${y - 4}L${x + 4} ${y + 4}M${x + 4} ${y - 4}L${x - 4} ${y + 4}`,
        ...outlined,
        "stroke-width": 2.5,
      });
  }
}

function drawGlobe({ x, y }: Point, colour: string): string {
  return element(
    "g",
    { fill: "none", stroke: colour, "stroke-width": 1.4 },
    element("circle", { cx: x, cy: y, r: 7 }),
    element("ellipse", { cx: x, cy: y, rx: 3, ry: 7 }),
    element("path", { d: path`M${x - 7} ${y}H${x + 7}` }),
  );
}

function drawLink({ kind, from, to }: Link): string {
  const middle = (from.x + to.x) / 2;
  const d = path`M${from.x} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}`;
  return element("path", { d, fill: "none", ...LINK_LOOKS[kind] });
}

const ARROW_HEAD = { length: 8, halfWidth: 4.5 };

function drawStandIn({ from, to }: StandIn): string {
  const { length, halfWidth } = ARROW_HEAD;
  const shaft = path`M${from.x} ${from.y}H${to.x + 6}Q${to.x} ${from.y} ${to.x} ${from.y - 6}V${to.y + length}`;
  const head = path`M${to.x} ${to.y}L${to.x - halfWidth} ${to.y + length}H${to.x + halfWidth}Z`;
  return [
    element("path", {
      d: shaft,
      fill: "none",
      stroke: STAND_IN,
      "stroke-width": 1.75,
      "stroke-dasharray": "5 4",
    }),
    element("path", { d: head, fill: STAND_IN }),
  ].join("");
}

function drawLegendItem({ sign, mark, label }: LegendItem): string {
  return element("g", {}, drawLegendSign(sign, mark), drawLabel(label));
}

function drawLegendSign(sign: LegendItem["sign"], mark: Point): string {
  switch (sign) {
    case "steered":
      return drawGlobe(mark, STEERED);
    case "standIn":
      return drawStandIn({ from: { x: mark.x + 10, y: mark.y + 7 }, to: { x: mark.x, y: mark.y - 9 } });
    default:
      return drawMark(sign, mark);
  }
}

/** Path data with its numbers as the picture writes them. */
function path(texts: TemplateStringsArray, ...numbers: readonly number[]): string {
  return String.raw({ raw: texts }, ...numbers.map(decimal));
}
