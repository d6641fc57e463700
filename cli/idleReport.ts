/** What a node or a metrics endpoint reports of itself, from a file or a web server. */
import { readFileSync, statSync } from "node:fs";
import { Refusal } from "../inventory/problem.ts";
import { timestamp } from "../plan/operations/moment.ts";
import { idleFault, type Observation, readObservation } from "../plan/operations/observation.ts";

const TIMEOUT_MILLISECONDS = 10_000;

/** Metrics of a node are some 100 KB. */
const MAX_CHARACTERS = 8 * 1024 * 1024;

/**
 * Reads the report and makes sure that nothing is registered and no dialog is left.
 * @param now the run's time, to which a time in the report is compared
 * @returns when and where that was seen, in words
 * @throws Refusal when it cannot be read, does not tell, is too old, or the node is still needed
 */
export async function idleReport(source: string, now: Date): Promise<string> {
  const isWeb = /^https?:\/\//i.test(source);
  const { text, at } = isWeb ? { text: await download(source), at: undefined } : readReport(source);
  const observation = readObservation(text);
  if ("fault" in observation) throw refusal(source, observation.fault);
  const dated: Observation =
    observation.at === undefined && at !== undefined ? { ...observation, at } : observation;
  const fault = idleFault(dated, now);
  if (fault !== undefined) throw refusal(source, fault);
  return `0 registrations and 0 dialogs, seen ${timestamp(dated.at ?? now)} at ${shown(source)}`;
}

/** A report without a time of its own is as old as its file. */
function readReport(file: string): { text: string; at: Date } {
  try {
    return { text: readFileSync(file, "utf8"), at: statSync(file).mtime };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw refusal(file, code === "ENOENT" ? "does not exist" : `cannot be read (${code})`);
  }
}

async function download(url: string): Promise<string> {
  if (!URL.canParse(url)) throw refusal(url, "is no address of the web");
  const address = new URL(url);
  const { username, password } = address;
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString(
    "base64",
  );
  const headers = username === "" && password === "" ? {} : { authorization: `Basic ${login}` };
  address.username = "";
  address.password = "";
  try {
    const answer = await fetch(address, { headers, signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) });
    if (!answer.ok) throw refusal(url, `cannot be read: it answers ${answer.status}`);
    const text = await answer.text();
    if (text.length > MAX_CHARACTERS) throw refusal(url, `has more than ${MAX_CHARACTERS} characters`);
    return text;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw refusal(url, `cannot be read: ${downloadFault(error)}`);
  }
}

/** The library's own words may quote the address with what is secret in it. */
function downloadFault(error: unknown): string {
  if (error instanceof Error && error.name === "TimeoutError") {
    return `no answer within ${TIMEOUT_MILLISECONDS / 1000} s`;
  }
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause ? String(cause.code) : "the connection failed";
}

/** What stands before the host may be a password, and what stands behind the path a key. */
function shown(source: string): string {
  if (!URL.canParse(source)) return source;
  const { host, protocol, pathname } = new URL(source);
  return host === "" ? source : `${protocol}//${host}${pathname}`;
}

function refusal(source: string, message: string): Refusal {
  const remedy = 'give what the node reports now: {"registrations": 0, "dialogs": 0}, or its metrics';
  return new Refusal([
    { place: "--observed", key: "", value: shown(source), rule: "idle-report", message, remedy },
  ]);
}
