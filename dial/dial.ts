/** One dial as a SIP client does it: names to addresses, a connection, an OPTIONS request; each step kept. */
import { type Hop, type Lookup, type QueryStep, resolveTargets } from "../dns/rfc3263.ts";
import type { Wire } from "../dns/services.ts";
import { connectTcp, openDatagramChannel, type SipChannel, streamChannel } from "./channel.ts";
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
  /** The name server asked, `IP:PORT`. */
  readonly server: string;
  readonly steps: readonly DialStep[];
  /** The final answer that ended the dial, whatever its status; absent when no address gave one. */
  readonly answered?: At & { readonly status: number };
  /** A 2xx answer, over TLS only behind a trusted certificate that matches strictly or by wildcard. */
  readonly ok: boolean;
  /** Why it is not ok: one clause. */
  readonly fault?: string;
}

export interface DialOptions {
  /** Canonical host name, or an IP address. */
  readonly name: string;
  /** Explicit port: addresses only, no SRV (RFC 3263 section 4.2). */
  readonly port?: number;
  /** The name server to ask, `IPv4:PORT` or `[IPv6]:PORT`. */
  readonly server: string;
  /** Authorities to trust, PEM; the well-known ones when absent. */
  readonly caPem?: string;
  /** Default `tls`. */
  readonly transport?: Wire;
  /** Bound of each single wait: connection, handshake, answer. */
  readonly timeoutMilliseconds: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** A clock in milliseconds that never runs backwards. */
  readonly now: () => number;
  /** Called with each step as soon as it is known. */
  readonly onStep?: (step: DialStep) => void;
}

type HopOutcome =
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
  const steps: DialStep[] = [];
  const note = (step: DialStep) => {
    steps.push(step);
    options.onStep?.(step);
  };
  const failed = (fault: string): DialReport => ({ name, transport, server, steps, ok: false, fault });

  const resolution = await resolveTargets(name, {
    transport,
    random,
    lookup,
    ...(port === undefined ? {} : { port }),
  });
  for (const query of resolution.queries) note({ kind: "query", ...query });
  if (resolution.fault !== undefined) return failed(resolution.fault.reason);

  const faults: string[] = [];
  for (const hop of resolution.hops.slice(0, MAX_HOPS_TRIED)) {
    const outcome = await tryHop(hop, { ...options, transport, note });
    if (outcome.kind === "answered") {
      const ok = outcome.status >= 200 && outcome.status < 300;
      const answered = { ...outcome.at, status: outcome.status };
      if (ok) return { name, transport, server, steps, answered, ok };
      return { ...failed(`${hop.target} answered ${outcome.status}`), answered };
    }
    faults.push(`${hop.target}: ${outcome.fault}`);
  }
  return failed(`no address answered (${faults.join("; ")})`);
}

interface Try extends DialOptions {
  readonly transport: Wire;
  readonly note: (step: DialStep) => void;
}

async function tryHop(hop: Hop, options: Try): Promise<HopOutcome> {
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

async function openChannel(hop: Hop, options: Try, at: () => At): Promise<Opened> {
  const { transport, note, name, caPem, timeoutMilliseconds } = options;
  const endpoint = { address: hop.address, port: hop.port, timeoutMilliseconds };
  try {
    if (transport === "udp") return { ok: true, channel: await openDatagramChannel(endpoint) };
    if (transport === "tcp") return { ok: true, channel: streamChannel(await connectTcp(endpoint), "tcp") };
    const { socket, certificate, protocol } = await connectTls({
      ...endpoint,
      dialedName: name,
      ...(caPem === undefined ? {} : { caPem }),
    });
    const matches = certificate.identity.strict || certificate.identity.wildcard;
    const accepted = certificate.trusted && matches;
    note({ kind: "tls", protocol, certificate, accepted, ...at() });
    if (accepted) return { ok: true, channel: streamChannel(socket, "tls") };
    socket.destroy();
    return {
      ok: false,
      fault: matches ? `certificate not trusted: ${certificate.trustFault}` : certificate.identity.reason,
    };
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    note({ kind: "connect", transport, fault, ...at() });
    return { ok: false, fault };
  }
}
