/** Times and durations as people read them in an incident: UTC, never rounded down. */

/** `2026-11-23 17:13 UTC`; a started minute counts as over. */
export function momentText(moment: Date): string {
  const minute = new Date(Math.ceil(moment.getTime() / 60_000) * 60_000);
  return `${minute.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** `5 h 13 min`, `2 d 1 h`, `40 s`; a started unit counts as over. */
export function durationText(seconds: number): string {
  if (seconds < 120) return `${Math.ceil(Math.max(seconds, 0))} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  if (minutes < 48 * 60) return joined(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.ceil(minutes / 60);
  return joined(Math.floor(hours / 24), "d", hours % 24, "h");
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** `2026-11-23 17:13 UTC, in 5 h 13 min`. */
export function dueText(moment: Date, now: Date): string {
  return `${momentText(moment)}, in ${durationText((moment.getTime() - now.getTime()) / 1000)}`;
}

/** RFC 3339 in whole seconds, as an entry has it. */
export function timestamp(moment: Date): string {
  return moment.toISOString().replace(/\.\d+Z$/, "Z");
}

export function after(moment: Date, seconds: number): Date {
  return new Date(moment.getTime() + seconds * 1000);
}
