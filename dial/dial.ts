/** One dial as a SIP client does it: names to addresses, a connection, an OPTIONS request; each step kept. */
import { type Hop, type Lookup, type QueryStep, resolveTargets } from "../dns/rfc3263.ts";
import type { Wire } from "../dns/services.ts";
import { connectTcp, openDatagramChannel, type SipChannel, streamChannel } from "./channel.ts";
import { type IdentityRule, identityFault } from "./identity.ts";
import { lookupThrough } from "./lookup.ts";
import { askOptions } from "./options.ts";
import { createResolver } from "./resolver.ts";
import { onlyHeader } from "./sipMessage.ts";
import { connectTls, type PeerCertificate } from "./tls.ts";

/** Most addresses tried in one dial; a bound against endless answers, above what SIP stacks try. */
export const MAX_HOPS_TRIED = 32;

interface At {
  readonly target: string;
  readonly address: string;
  readonly port: number;
  readonly seconds: number;
}

export type DialStep =
  | ({ readonly kind: "query" } & QueryStep)
  /** A connection that could not be opened; an opened one shows by the step after it. */
  | ({ readonly kind: "connect"; readonly transport: Wire; readonly fault: string } & At)
  /** A completed handshake; `accepted` tells whether a client would go on. */
  | ({
      readonly kind: "tls";
      readonly protocol: string;
      readonly certificate: PeerCertificate;
      /** Whole days from the dial to the end of the certificate's validity; below 0 when that is past. */
      readonly daysLeft: number;
      readonly accepted: boolean;
    } & At)
  | ({
      readonly kind: "options";
      readonly status: number;
      readonly reason: string;
      readonly retryAfter?: string;
    } & At)
  | ({ readonly kind: "silence"; readonly fault: string } & At);

export interface DialReport {
  readonly name: string;
  readonly transport: Wire;
  /** The name server asked, `IP:PORT`; absent where the address was given. */
  readonly server?: string;
  readonly steps: readonly DialStep[];
  /** The final answer that ended the dial, whatever its status; absent when no address gave one. */
  readonly answered?: At & { readonly status: number };
  /** A 2xx answer, over TLS only behind a trusted certificate that speaks for the name by the rule asked. */
  readonly ok: boolean;
  /** Why it is not ok: one clause. */
  readonly fault?: string;
}

/** What every dial needs, however its addresses are found. */
export interface DialSettings {
  /** Canonical host name, or an IP address. */
  readonly name: string;
  /** Authorities to trust, PEM; the well-known ones when absent. */
  readonly caPem?: string;
  /** Default `tls`. */
  readonly transport?: Wire;
  /** What a certificate has to satisfy. Default `any`. */
  readonly identity?: IdentityRule;
  /** Whether the name is sent as server name (SNI). Default true. */
  readonly serverName?: boolean;
  /** Bound of each single wait: connection, handshake, answer. */
  readonly timeoutMilliseconds: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** A clock in milliseconds that never runs backwards. */
  readonly now: () => number;
  /** The time against which the validity of certificates is told. */
  readonly date: Date;
  /** Called with each step as soon as it is known. */
  readonly onStep?: (step: DialStep) => void;
}

export interface DialOptions extends DialSettings {
  /** Explicit port: addresses only, no SRV (RFC 3263 section 4.2). */
  readonly port?: number;
  /** The name server to ask, `IPv4:PORT` or `[IPv6]:PORT`. */
  readonly server: string;
}

/** Where a request is sent to: `target` is the host name that holds the address. */
export type Target = Pick<Hop, "target" | "address" | "port">;

type Outcome =
  | { readonly kind: "answered"; readonly status: number; readonly at: At }
  /** The client goes on with the next address (RFC 3263 section 4.3). */
  | { readonly kind: "next"; readonly fault: string };

/**
 * Dials once, asking the name server given: the addresses in RFC 3263 order until one gives a final answer
 * other than 503. What the network does is in the report.
 * @throws ResolverError when `server` is no address with port
 */
export async function dialName(options: DialOptions): Promise<DialReport> {
  const { server, timeoutMilliseconds } = options;
  const resolver = createResolver({ address: server, timeoutMilliseconds });
  return dialThrough(
    lookupThrough((name, type) => resolver.query(name, type)),
    options,
  );
}

/** As {@link dialName}, over any lookup. */
export async function dialThrough(lookup: Lookup, options: DialOptions): Promise<DialReport> {
  const { name, server, transport = "tls", random, port } = options;
  const { queries, hops, fault } = await resolveTargets(name, {
    transport,
    random,
    lookup,
    ...(port === undefined ? {} : { port }),
  });
  const steps = queries.map((query) => ({ kind: "query" as const, ...query }));
  for (const step of steps) options.onStep?.(step);
  const report =
    fault === undefined
      ? await dialTargets(hops, options)
      : { name, transport, steps: [], ok: false, fault: fault.reason };
  return { ...report, server, steps: [...steps, ...report.steps] };
}

/** Dials addresses that are known already, in the name given; no name server is asked. */
export async function dialTargets(targets: readonly Target[], options: DialSettings): Promise<DialReport> {
  const { name, transport = "tls" } = options;
  const steps: DialStep[] = [];
  const note = (step: DialStep) => {
    steps.push(step);
    options.onStep?.(step);
  };
  const faults: string[] = [];
  for (const target of targets.slice(0, MAX_HOPS_TRIED)) {
    const outcome = await tryTarget(target, { ...options, transport, note });
    if (outcome.kind === "answered") {
      const ok = outcome.status >= 200 && outcome.status < 300;
      const answered = { ...outcome.at, status: outcome.status };
      const fault = `${target.target} answered ${outcome.status}`;
      return { name, transport, steps, answered, ok, ...(ok ? {} : { fault }) };
    }
    faults.push(`${target.target}: ${outcome.fault}`);
  }
  return { name, transport, steps, ok: false, fault: `no address answered (${faults.join("; ")})` };
}

interface Try extends DialSettings {
  readonly transport: Wire;
  readonly note: (step: DialStep) => void;
}

async function tryTarget(hop: Target, options: Try): Promise<Outcome> {
  const { note, now, random, timeoutMilliseconds } = options;
  const began = now();
  const at = (since: number): At => ({
    target: hop.target,
    address: hop.address,
    port: hop.port,
    seconds: (now() - since) / 1000,
  });
  const opened = await openChannel(hop, options, () => at(began));
  if (!opened.ok) return { kind: "next", fault: opened.fault };
  const { channel } = opened;
  const asked = now();
  try {
    const answer = await askOptions(channel, { name: options.name, random, timeoutMilliseconds });
    if (answer.kind === "none") {
      note({ kind: "silence", fault: answer.reason, ...at(asked) });
      return { kind: "next", fault: answer.reason };
    }
    const { status, reason } = answer.response;
    const retryAfter = onlyHeader(answer.response, "retry-after");
    note({
      kind: "options",
      status,
      reason,
      ...(retryAfter === undefined ? {} : { retryAfter }),
      ...at(asked),
    });
    if (status === 503) return { kind: "next", fault: "503" };
    return { kind: "answered", status, at: at(began) };
  } finally {
    channel.close();
  }
}

type Opened =
  | { readonly ok: true; readonly channel: SipChannel }
  | { readonly ok: false; readonly fault: string };

async function openChannel(hop: Target, options: Try, at: () => At): Promise<Opened> {
  const { transport, note, name, caPem, date, serverName = true, timeoutMilliseconds } = options;
  const endpoint = { address: hop.address, port: hop.port, timeoutMilliseconds };
  try {
    if (transport === "udp") return { ok: true, channel: await openDatagramChannel(endpoint) };
    if (transport === "tcp") return { ok: true, channel: streamChannel(await connectTcp(endpoint), "tcp") };
    const { socket, certificate, protocol } = await connectTls({
      ...endpoint,
      dialedName: name,
      serverName,
      ...(caPem === undefined ? {} : { caPem }),
    });
    const mismatch = identityFault(certificate.identity, options.identity ?? "any");
    const accepted = certificate.trusted && mismatch === undefined;
    const daysLeft = wholeDays(date, new Date(certificate.notAfter));
    note({ kind: "tls", protocol, certificate, daysLeft, accepted, ...at() });
    if (accepted) return { ok: true, channel: streamChannel(socket, "tls") };
    socket.destroy();
    return { ok: false, fault: mismatch ?? `certificate not trusted: ${certificate.trustFault}` };
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    note({ kind: "connect", transport, fault, ...at() });
    return { ok: false, fault };
  }
}

const MILLISECONDS_PER_DAY = 86_400_000;

function wholeDays(from: Date, to: Date): number {
  return Math.floor((to.getTime() - from.getTime()) / MILLISECONDS_PER_DAY);
}
