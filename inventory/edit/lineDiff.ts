/** Which lines of a text another one has not, and the other way round. */

export interface LineChange {
  readonly change: "removed" | "added";
  /** Line in the old text for a removed line, in the new one for an added line, counted from 1. */
  readonly line: number;
  readonly text: string;
}

/** The fewest lines to remove and add, in the order of the text (Myers, An O(ND) Difference Algorithm, 1986). */
export function lineDiff(before: string, after: string): LineChange[] {
  const old = linesOf(before);
  const now = linesOf(after);
  const trail = searched(old, now);
  const changes: LineChange[] = [];
  let x = old.length;
  let y = now.length;
  for (let edits = trail.length - 1; edits > 0; edits--) {
    const reached = trail[edits - 1] ?? new Map<number, number>();
    const k = x - y;
    const down = isDown(reached, k, edits);
    const fromK = down ? k + 1 : k - 1;
    const fromX = reached.get(fromK) ?? 0;
    const fromY = fromX - fromK;
    if (down) changes.push({ change: "added", line: fromY + 1, text: now[fromY] ?? "" });
    else changes.push({ change: "removed", line: fromX + 1, text: old[fromX] ?? "" });
    x = fromX;
    y = fromY;
  }
  return removedFirst(changes.reverse());
}

function linesOf(text: string): string[] {
  return text.split(/\r\n|\n|\r/);
}

/** For each number of edits, how far down the old text each diagonal comes; the last one reaches the end of both. */
function searched(old: readonly string[], now: readonly string[]): ReadonlyMap<number, number>[] {
  const trail: Map<number, number>[] = [];
  for (let edits = 0; edits <= old.length + now.length; edits++) {
    const reached = new Map<number, number>();
    const before = trail.at(-1) ?? new Map([[1, 0]]);
    for (let k = -edits; k <= edits; k += 2) {
      let x = isDown(before, k, edits) ? (before.get(k + 1) ?? 0) : (before.get(k - 1) ?? 0) + 1;
      while (x < old.length && x - k < now.length && old[x] === now[x - k]) x++;
      reached.set(k, x);
      if (x >= old.length && x - k >= now.length) return [...trail, reached];
    }
    trail.push(reached);
  }
  return trail;
}

/** Whether the diagonal is reached by adding a line rather than by removing one. */
function isDown(before: ReadonlyMap<number, number>, k: number, edits: number): boolean {
  return k === -edits || (k !== edits && (before.get(k - 1) ?? 0) < (before.get(k + 1) ?? 0));
}

/** Inside a run of changes that nothing unchanged divides, the removed lines first, as people read it. */
function removedFirst(changes: readonly LineChange[]): LineChange[] {
  const runs: LineChange[][] = [];
  let offset = 0;
  let next = Number.NaN;
  for (const each of changes) {
    const place = each.change === "removed" ? each.line + offset : each.line;
    if (place === next) runs.at(-1)?.push(each);
    else runs.push([each]);
    offset += each.change === "added" ? 1 : -1;
    next = each.change === "added" ? place + 1 : place;
  }
  return runs.flatMap((run) =>
    run.toSorted((a, b) => Number(a.change === "added") - Number(b.change === "added")),
  );
}
