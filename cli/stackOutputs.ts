/** The outputs of a stack: from a file, a web server or standard input, or from the engine that knows the stack. */
import { fileURLToPath } from "node:url";
import { ensureEngine } from "../engine/engine.ts";
import { runPulumi } from "../engine/run.ts";
import { Refusal } from "../inventory/problem.ts";
import { inputPlace, readInput } from "./inputDocument.ts";
import { progressPrinter } from "./progress.ts";
import type { Terminal } from "./usage.ts";

export type OutputsSource =
  /** Name of a stack of this project; the engine asks its state, with the caller's credentials. */
  | { readonly stack: string; readonly showSecrets?: boolean }
  /** What `pulumi stack output --json` printed: a file, `-` for standard input, or an https URL. */
  | { readonly file: string };

export interface StackOutputs {
  /** As the engine prints them: not checked yet. */
  readonly outputs: unknown;
  /** Where they are from, for messages. */
  readonly place: string;
}

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
const ENGINE_SECONDS = 120;
const DOWNLOAD_MILLISECONDS = 30_000;
/** A certificate with its chain is some 5 KB. */
const MAX_DOWNLOAD_OCTETS = 64 * 1024 * 1024;

/** @throws Refusal when they cannot be had, or are no JSON */
export async function readStackOutputs(
  source: OutputsSource,
  io: Pick<Terminal, "stderr">,
): Promise<StackOutputs> {
  if ("file" in source) return isUrl(source.file) ? download(source.file) : readOutputsFile(source.file);
  const place = `stack ${source.stack}`;
  return parseStackOutputs(await askEngine(source.stack, source.showSecrets === true, place, io), place);
}

/** @throws Refusal when the text is no JSON */
export function parseStackOutputs(text: string, place: string): StackOutputs {
  try {
    return { outputs: JSON.parse(text) as unknown, place };
  } catch {
    // The parser's own words quote the text, and the text may hold keys.
    throw refusal(place, "is no JSON, or only a part of it", "give what `pulumi stack output --json` prints");
  }
}

async function readOutputsFile(file: string): Promise<StackOutputs> {
  const remedy = "write it with `pulumi stack output --json --stack <stack> > FILE`";
  const text = await readInput({ file, option: "--outputs", rule: "stack-outputs", remedy });
  return parseStackOutputs(text, inputPlace(file));
}

/** Whether the text names a document on the web rather than a file. */
export function isUrl(file: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(file);
}

async function download(url: string): Promise<StackOutputs> {
  const remedy = "give an https URL, or a file";
  if (!URL.canParse(url) || new URL(url).protocol !== "https:") {
    throw refusal("--outputs", `${url} is no https URL`, remedy);
  }
  // What stands before the path may be a password, and what stands behind it a signature.
  const { origin, pathname } = new URL(url);
  const place = `${origin}${pathname}`;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_MILLISECONDS) });
    if (!answer.url.startsWith("https:")) throw new Error("it leads away from https");
    if (!answer.ok) throw new Error(`it answers ${answer.status}`);
    return parseStackOutputs(await bodyOf(answer), place);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw refusal(place, `cannot be read: ${downloadFault(error)}`, remedy);
  }
}

async function bodyOf(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let octets = 0;
  for await (const chunk of answer.body ?? []) {
    octets += chunk.byteLength;
    if (octets > MAX_DOWNLOAD_OCTETS) throw new Error(`it has more than ${MAX_DOWNLOAD_OCTETS} octets`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** `fetch` hides the reason of a failed connection in the cause. */
function downloadFault(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error) return "code" in cause ? String(cause.code) : cause.message;
  return error.name === "TimeoutError" ? `no answer within ${DOWNLOAD_MILLISECONDS / 1000} s` : error.message;
}

async function askEngine(
  stack: string,
  showSecrets: boolean,
  place: string,
  { stderr }: Pick<Terminal, "stderr">,
): Promise<string> {
  const engine = await ensureEngine(progressPrinter(stderr));
  const {
    code,
    stdout,
    stderr: said,
  } = await runPulumi(engine, {
    cwd: PROJECT,
    args: [
      ...["stack", "output", "--json", "--stack", stack, "--non-interactive", "--color", "never"],
      ...(showSecrets ? ["--show-secrets"] : []),
    ],
    // Where the state is and who may read it, stands in the caller's environment.
    env: callersVariables(),
    timeoutSeconds: ENGINE_SECONDS,
  });
  if (code === 0) return stdout;
  const reason = said.trim().split("\n").at(-1) || `the engine ended with ${code}`;
  throw refusal(
    place,
    `has no outputs to read: ${reason}`,
    "log in to the state that holds it, or give --outputs",
  );
}

function callersVariables(): Record<string, string> {
  const variables = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || name === "PATH" ? [] : [[name, value] as const],
  );
  return Object.fromEntries(variables);
}

function refusal(place: string, message: string, remedy: string): Refusal {
  return new Refusal([{ place, key: "", rule: "stack-outputs", message, remedy }]);
}
