/** `dialtree cert fetch`: a node's certificates as files, put in place whole or not at all, and a hook when they change. */
import path from "node:path";
import { withLock } from "../engine/lock.ts";
import { runProcess, StartError } from "../engine/process.ts";
import { CERTIFICATE_PROFILES, type CertificateProfile } from "../inventory/certificateKinds.ts";
import { type Problem, Refusal } from "../inventory/problem.ts";
import {
  type Delivery,
  type DeliveryTerms,
  decideDelivery,
  publicKeyIn,
} from "../plan/certificates/delivery.ts";
import { type NodeOutputs, nodeOutputs } from "../plan/certificates/nodeOutputs.ts";
import {
  hookDone,
  installing,
  isHookDue,
  oweHook,
  prepareFolder,
  readInstalled,
} from "./certificateFolder.ts";
import { readInput } from "./inputDocument.ts";
import { isUrl, readStackOutputs } from "./stackOutputs.ts";
import { EXIT, type Terminal, UsageError } from "./usage.ts";

/** Options as the user wrote them. */
export interface FetchArguments {
  /** Slot. */
  readonly node: string;
  /** Folder that the certificates are put into. */
  readonly out: string;
  /** One profile; all that the node has when absent. */
  readonly profile?: string;
  /** File, `-` or https URL that holds the stack's outputs; the engine is asked when absent. */
  readonly outputs?: string;
  /** Stack whose outputs the engine is asked for; default prod. */
  readonly stack?: string;
  /** File of the node's own key, private or public half: the certificate has to be for it. */
  readonly key?: string;
  /** Deliver the key that the provider has made. */
  readonly withKey?: boolean;
  /** Deliver also what is older than the certificate in place. */
  readonly force?: boolean;
  /** Executable to run once a certificate has changed; its arguments are in `hookArguments`. */
  readonly hook?: string;
  readonly hookArguments: readonly string[];
  readonly json?: boolean;
}

/** Exit code when a certificate was put in place. */
export const EXIT_CHANGED = 3;

const DEFAULT_STACK = "prod";
const HOOK_SECONDS = 300;
const MILLISECONDS_PER_DAY = 86_400_000;

/**
 * Exit code: 0 nothing changed, 3 changed, 1 refused or the hook failed. The hook's success alters neither.
 * @throws UsageError for contradictory options; Refusal with every problem at once, and then nothing is changed
 */
export async function certFetchCommand(args: FetchArguments, io: Terminal): Promise<number> {
  refuseContradictions(args);
  const now = new Date();
  const source =
    args.outputs === undefined
      ? { stack: args.stack ?? DEFAULT_STACK, showSecrets: args.withKey === true }
      : { file: args.outputs };
  const { outputs, place } = await readStackOutputs(source, io);
  const node = nodeOutputs(outputs, args.node, place);
  const terms = {
    now,
    withKey: args.withKey === true,
    force: args.force === true,
    ...(args.key === undefined ? {} : { keyPem: await readKey(args.key) }),
  };
  const asked = askedProfiles(args, node);
  const before = decide(args.out, node, asked, terms);
  const owed = args.hook !== undefined && isHookDue(args.out);
  // Without a change nothing is written, not even a lock.
  const deliveries = before.some(({ changed }) => changed)
    ? await install(args, io, () => decide(args.out, node, asked, terms))
    : before;
  const changed = deliveries.some((delivery) => delivery.changed);
  const hook = args.hook !== undefined && (changed || owed) ? await runHook(args.hook, args, io) : undefined;
  io.stdout.write(
    args.json === true
      ? `${JSON.stringify(document(args, deliveries, hook, now), undefined, 2)}\n`
      : text(args, deliveries, now),
  );
  if (hook !== undefined && hook.fault !== undefined) {
    const written = changed ? "the files above are in place" : "no file was changed";
    io.stderr.write(`${args.hook}: ${hook.fault}; ${written}, and the next run with --hook calls it again\n`);
    return EXIT.refused;
  }
  return changed ? EXIT_CHANGED : EXIT.fine;
}

function refuseContradictions(args: FetchArguments): void {
  const contradictions = [
    [args.outputs !== undefined && args.stack !== undefined, "give --outputs or --stack, not both"],
    [
      args.withKey === true && args.key !== undefined,
      "give --key or --with-key: a node's own key is not delivered",
    ],
    [
      args.withKey === true && isUrl(args.outputs ?? ""),
      "--with-key takes --stack or a file: keys are not for a web server",
    ],
    [
      args.hook === undefined && args.hookArguments.length > 0,
      "arguments without an option belong to --hook",
    ],
    [
      args.profile !== undefined && !isProfile(args.profile),
      `--profile: choose one of ${CERTIFICATE_PROFILES.join(", ")}`,
    ],
  ] as const;
  for (const [found, message] of contradictions) if (found) throw new UsageError(message);
}

function isProfile(text: string): text is CertificateProfile {
  return (CERTIFICATE_PROFILES as readonly string[]).includes(text);
}

async function readKey(file: string): Promise<string> {
  const rule = "certificate-key";
  const remedy = "give a key in PEM without a passphrase, or its public half";
  const pem = await readInput({ file, option: "--key", rule, remedy });
  if (publicKeyIn(pem) !== undefined) return pem;
  throw new Refusal([
    { place: "--key", key: "", value: file, rule, message: "holds no key that can be read", remedy },
  ]);
}

/** @throws Refusal when the node has no such certificate, or has two and one key is given for them */
function askedProfiles(args: FetchArguments, node: NodeOutputs): readonly CertificateProfile[] {
  const there = node.certificates.map(({ profile }) => profile);
  const asked = args.profile === undefined ? there : there.filter((profile) => profile === args.profile);
  const refuse = (place: string, value: string, message: string, remedy: string): Problem[] => [
    { place, key: "", value, rule: "no-certificate", message, remedy },
  ];
  if (there.length === 0) {
    const remedy = "deploy the stack; `npx dialtree cert plan` says when it is due";
    throw new Refusal(refuse("--node", args.node, "has no certificate yet", remedy));
  }
  if (asked.length === 0) {
    const message = `is no certificate of ${args.node}`;
    throw new Refusal(refuse("--profile", args.profile ?? "", message, `choose one of ${there.join(", ")}`));
  }
  if (asked.length > 1 && args.key !== undefined) {
    const message = `is one key, and ${args.node} has a certificate for each of ${asked.join(", ")}`;
    throw new Refusal(
      refuse("--key", args.key, message, "name one with --profile: each has a key of its own"),
    );
  }
  return asked;
}

/** @throws Refusal with what is against any of them */
function decide(
  out: string,
  node: NodeOutputs,
  asked: readonly CertificateProfile[],
  terms: DeliveryTerms,
): readonly Delivery[] {
  const decisions = node.certificates
    .filter(({ profile }) => asked.includes(profile))
    .map((published) => decideDelivery(node, published, readInstalled(out, published.profile), terms));
  const problems = decisions.flatMap((decision) => (decision.ok ? [] : decision.problems));
  if (problems.length > 0) throw new Refusal(problems);
  return decisions.flatMap((decision) => (decision.ok ? [decision.delivery] : []));
}

/** Decides again once no other run can change the folder. */
async function install(
  { out, hook }: FetchArguments,
  io: Terminal,
  decideAgain: () => readonly Delivery[],
): Promise<readonly Delivery[]> {
  prepareFolder(out);
  const onWait = () => void io.stderr.write(`another run is changing ${out}; waiting for it\n`);
  return withLock(path.join(out, ".fetch"), { onWait }, async () => {
    const deliveries = decideAgain();
    const changed = deliveries.filter((delivery) => delivery.changed);
    if (hook !== undefined && changed.length > 0) oweHook(out);
    for (const { profile, files } of changed) for (const _ of installing(out, profile, files));
    return deliveries;
  });
}

interface HookRun {
  /** Why it did not go well; absent when it did. */
  readonly fault?: string;
}

async function runHook(hook: string, { out, hookArguments }: FetchArguments, io: Terminal): Promise<HookRun> {
  try {
    const { code, stopped } = await runProcess(hook, hookArguments, {
      env: process.env,
      timeoutSeconds: HOOK_SECONDS,
      onLine: (line) => void io.stderr.write(`${line}\n`),
    });
    if (stopped !== undefined) return { fault: `the hook did not end within ${HOOK_SECONDS} s` };
    if (code !== 0) return { fault: `the hook ended with ${code}` };
    hookDone(out);
    return {};
  } catch (error) {
    if (error instanceof StartError) return { fault: `the hook ${error.message.slice(hook.length + 1)}` };
    throw error;
  }
}

function daysLeft(notAfter: Date, now: Date): number {
  return Math.floor((notAfter.getTime() - now.getTime()) / MILLISECONDS_PER_DAY);
}

function text({ out }: FetchArguments, deliveries: readonly Delivery[], now: Date): string {
  return deliveries
    .map(({ profile, notAfter, changed }) => {
      const where = path.join(out, profile);
      const days = `valid to ${notAfter.toISOString()} (${daysLeft(notAfter, now)} days left)`;
      return `${profile}: ${changed ? `written to ${where}` : `unchanged in ${where}`}, ${days}\n`;
    })
    .join("");
}

function document(
  { node, out }: FetchArguments,
  deliveries: readonly Delivery[],
  hook: HookRun | undefined,
  now: Date,
): object {
  return {
    version: 1,
    node,
    certificates: deliveries.map(({ profile, notAfter, changed }) => ({
      profile,
      folder: path.join(out, profile),
      changed,
      notAfter: notAfter.toISOString(),
      daysLeft: daysLeft(notAfter, now),
    })),
    ...(hook === undefined ? {} : { hook: { ok: hook.fault === undefined, ...hook } }),
  };
}
