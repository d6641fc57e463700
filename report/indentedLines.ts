/** Lines of a terminal: names indented below names by box characters, each with cells to its right. */

/** A colour or weight put around a text. It must not change the characters that are seen. */
export type Paint = (text: string) => string;

export interface Cell {
  readonly text: string;
  readonly paint: Paint;
  /** Characters to fill up to where another cell follows: what makes a column of one kind of cells. */
  readonly width?: number;
}

export interface Entry {
  /** Depth below the first entry, which is alone at 0. */
  readonly depth: number;
  /** Sign and name. */
  readonly head: readonly Cell[];
  readonly cells: readonly Cell[];
}

const GAP = "  ";

/** Least room for cells, in characters: narrower terminals get lines that are too long. */
const LEAST_ROOM = 16;

/** Room that the widest head leaves for cells. */
export function cellRoom(entries: readonly Entry[], columns: number): number {
  return columns - headColumn(entries) - GAP.length;
}

/** The entries as lines of at most `columns` characters; cells that do not fit go on further lines. */
export function indentedLines(entries: readonly Entry[], columns: number): string[] {
  const column = headColumn(entries);
  const room = Math.max(LEAST_ROOM, cellRoom(entries, columns));
  const leads = treeLeads(entries.map(({ depth }) => depth));
  return entries.flatMap(({ head, cells }, i) => {
    const { lead = "", past = "" } = leads[i] ?? {};
    const [first = [], ...further] = flow(cells, room);
    const beginning = `${lead}${paintCells(head, "")}`;
    const used = lead.length + headLength(head);
    return [
      first.length === 0 ? beginning : beginning + " ".repeat(column - used) + GAP + paintCells(first, GAP),
      ...further.map((line) => past.padEnd(column) + GAP + paintCells(line, GAP)),
    ];
  });
}

function headColumn(entries: readonly Entry[]): number {
  return Math.max(...entries.map(({ depth, head }) => leadLength(depth) + headLength(head)));
}

function headLength(head: readonly Cell[]): number {
  return head.reduce((sum, { text }) => sum + text.length, 0);
}

const STEP = { branch: "├─ ", last: "└─ ", along: "│  ", nothing: "   " };

function leadLength(depth: number): number {
  return depth * STEP.branch.length;
}

interface Lead {
  /** What stands before the head. */
  readonly lead: string;
  /** What stands there on the entry's further lines. */
  readonly past: string;
}

function treeLeads(depths: readonly number[]): Lead[] {
  // From the end, because a line goes on as long as a sibling follows before anything higher does.
  const open: boolean[] = [];
  return depths
    .map((depth, i) => ({ depth, isParent: (depths[i + 1] ?? 0) > depth }))
    .toReversed()
    .map(({ depth, isParent }) => {
      const along = Array.from({ length: depth }, (_, level) =>
        open[level + 1] ? STEP.along : STEP.nothing,
      );
      const before = along.slice(0, -1).join("");
      const own = depth === 0 ? "" : open[depth] ? STEP.branch : STEP.last;
      open.length = depth;
      open[depth] = true;
      return { lead: before + own, past: along.join("") + (isParent ? STEP.along : "") };
    })
    .toReversed();
}

function flow(cells: readonly Cell[], room: number): Cell[][] {
  const lines: Cell[][] = [];
  let used = 0;
  for (const cell of cells.flatMap((whole) => splitCell(whole, room))) {
    const needed = GAP.length + cell.text.length;
    if (lines.length === 0 || used + needed > room) {
      lines.push([cell]);
      used = paddedLength(cell);
    } else {
      lines.at(-1)?.push(cell);
      used += GAP.length + paddedLength(cell);
    }
  }
  return lines;
}

function paddedLength({ text, width = 0 }: Cell): number {
  return Math.max(text.length, width);
}

/** The cell as pieces that fit, broken after punctuation and, where that is not enough, between words. */
function splitCell(cell: Cell, room: number): Cell[] {
  if (cell.text.length <= room) return [cell];
  const pieces: string[] = [];
  const parts = cell.text
    .split(/(?<=[,;]) /)
    .flatMap((phrase) => (phrase.length <= room ? [phrase] : phrase.split(" ")));
  for (const part of parts) {
    const last = pieces.at(-1);
    if (last !== undefined && last.length + 1 + part.length <= room)
      pieces[pieces.length - 1] = `${last} ${part}`;
    else pieces.push(part);
  }
  return pieces.map((text) => ({ ...cell, text }));
}

function paintCells(cells: readonly Cell[], gap: string): string {
  return cells
    .map((cell, i) => {
      const fill = i === cells.length - 1 ? 0 : paddedLength(cell) - cell.text.length;
      return cell.paint(cell.text) + " ".repeat(fill);
    })
    .join(gap);
}
