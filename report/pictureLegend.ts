/** The line below the picture that says what its signs mean. */
import { NODE_STATES, type NodeState } from "./outline.ts";
import { LABEL_FONTS, type Label, type Point, placeLabel } from "./pictureParts.ts";
import { textWidth } from "./textFit.ts";

export type LegendSign = NodeState | "steered" | "standIn";

export interface LegendItem {
  readonly sign: LegendSign;
  /** Centre of the sign. */
  readonly mark: Point;
  readonly label: Label;
}

const TEXTS: Record<LegendSign, string> = {
  active: "active: takes calls",
  standby: "standby: tried when no active node answers",
  draining: "draining: no new calls",
  planned: "planned: not yet in use",
  down: "down: out of use",
  steered: "steered by the caller's location",
  standIn: "answered by another region",
};

const SIGNS: readonly LegendSign[] = [...NODE_STATES, "steered", "standIn"];

const SIGN_SPACE = 24;
const ITEM_GAP = 20;

export const LEGEND_LINE_HEIGHT = 22;

/** The items from `at` on, on as many lines as `width` asks for. */
export function placeLegend(at: Point, width: number): LegendItem[] {
  let { x, y } = at;
  return SIGNS.map((sign) => {
    const needed = SIGN_SPACE + textWidth(TEXTS[sign], LABEL_FONTS.legend);
    if (x > at.x && x + needed > at.x + width) {
      x = at.x;
      y += LEGEND_LINE_HEIGHT;
    }
    const item = {
      sign,
      mark: { x: x + 8, y: y + LEGEND_LINE_HEIGHT / 2 },
      label: placeLabel("legend", TEXTS[sign], { x: x + SIGN_SPACE, y: y + 4 }),
    };
    x += needed + ITEM_GAP;
    return item;
  });
}
