/** What a node or a metrics endpoint reports of itself: how many registrations and dialogs it still holds. */

export interface Observation {
  readonly registrations: number;
  readonly dialogs: number;
  /** When it was so, where the report tells. */
  readonly at?: Date;
}

const COUNTS = ["registrations", "dialogs"] as const;

/**
 * Reads `{"registrations": 0, "dialogs": 0, "at": "2026-11-23T12:00:00Z"}`, or metrics as Prometheus scrapes them: every
 * sample whose name is one of the two words, or ends in `_` and the word, is counted (text exposition format 0.0.4).
 * @returns the reason where the report does not tell both.
 */
export function readObservation(text: string): Observation | { readonly fault: string } {
  return text.trimStart().startsWith("{") ? fromJson(text) : fromMetrics(text);
}

function fromJson(text: string): Observation | { readonly fault: string } {
  let report: unknown;
  try {
    report = JSON.parse(text);
  } catch {
    return { fault: "is no JSON" };
  }
  const { registrations, dialogs, at } = Object(report) as Record<string, unknown>;
  if (!isCount(registrations) || !isCount(dialogs)) {
    return { fault: 'tells no whole numbers "registrations" and "dialogs"' };
  }
  if (at === undefined) return { registrations, dialogs };
  const time = typeof at === "string" ? new Date(at) : new Date(Number.NaN);
  if (Number.isNaN(time.getTime())) return { fault: '"at" is no time' };
  return { registrations, dialogs, at: time };
}

function fromMetrics(text: string): Observation | { readonly fault: string } {
  const samples = text.split(/\r?\n/).flatMap((line) => {
    const [, name = "", value = ""] =
      /^([A-Za-z_:][\w:]*)(?:\{.*\})?\s+(\S+)(?:\s+-?\d+)?\s*$/.exec(line) ?? [];
    return name === "" ? [] : [{ name, value: Number(value) }];
  });
  const [registrations, dialogs] = COUNTS.map((word) => {
    const found = samples.filter(({ name }) => name === word || name.endsWith(`_${word}`));
    return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
  });
  if (!isCount(registrations) || !isCount(dialogs)) {
    return { fault: "has no counts of samples that are called registrations and dialogs, or end so" };
  }
  return { registrations, dialogs };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}

/** Age in seconds from which on a report says nothing of the present. */
const OLDEST_SECONDS = 600;

/** Why the report does not show that the node is idle now; undefined where it does. */
export function idleFault({ registrations, dialogs, at }: Observation, now: Date): string | undefined {
  if (at !== undefined && Math.abs(now.getTime() - at.getTime()) > OLDEST_SECONDS * 1000) {
    return `is of ${at.toISOString()}, more than ${OLDEST_SECONDS / 60} minutes from now`;
  }
  if (registrations === 0 && dialogs === 0) return undefined;
  return `tells of ${registrations} registrations and ${dialogs} dialogs: the node is still needed`;
}
