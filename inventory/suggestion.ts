/** Which word a person probably meant. */

/** Edits (insert, delete, replace, swap of neighbours) from one word to the other. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const cell = (row: number, column: number) => rows[row]?.[column] ?? 0;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let edits = Math.min(cell(i - 1, j) + 1, cell(i, j - 1) + 1, cell(i - 1, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        edits = Math.min(edits, cell(i - 2, j - 2) + 1);
      }
      row.push(edits);
    }
  }
  return cell(a.length, b.length);
}

/** Longest word that is compared: nobody mistypes a longer one into one of ours. */
const MAX_CHARACTERS = 40;

/** The candidate nearest to `word`, or undefined when none is near: at most a third of its letters differ. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > MAX_CHARACTERS) return undefined;
  let best: { candidate: string; edits: number } | undefined;
  for (const candidate of candidates) {
    const edits = distance(word.toLowerCase(), candidate.toLowerCase());
    const bound = Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3));
    if (edits <= bound && (best === undefined || edits < best.edits)) best = { candidate, edits };
  }
  return best?.candidate;
}
