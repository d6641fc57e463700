/** What the recovery model reckons with: every figure by name, with its unit, its default and where that is from. */
import type { Policy } from "../../inventory/treeSchema.ts";

export interface InputFacts {
  readonly meaning: string;
  /** The default: a figure, the policy's value, or `client`: each client's own, else the figure beside it. */
  readonly from:
    | { readonly kind: "figure"; readonly value: number; readonly source: string }
    | { readonly kind: "policy"; readonly key: string; readonly read: (policy: Policy) => number }
    | { readonly kind: "client"; readonly otherwise: number; readonly source: string }
    | { readonly kind: "derived"; readonly source: string };
  readonly minimum: number;
  readonly whole?: true;
}

const policyTtl = (of: keyof Policy["ttlSeconds"]) =>
  ({
    kind: "policy",
    key: `policy.ttlSeconds.${of}`,
    read: ({ ttlSeconds }: Policy) => ttlSeconds[of],
  }) as const;

const policyProbe = (of: "intervalSeconds" | "timeoutSeconds" | "retries" | "failureThreshold") =>
  ({ kind: "policy", key: `policy.probe.${of}`, read: ({ probe }: Policy) => probe[of] }) as const;

const figure = (value: number, source: string) => ({ kind: "figure", value, source }) as const;

const client = (otherwise: number, source: string) => ({ kind: "client", otherwise, source }) as const;

const derived = (source: string) => ({ kind: "derived", source }) as const;

export const INPUTS = {
  srvTtlSeconds: { meaning: "TTL of SRV sets", from: policyTtl("srv"), minimum: 0 },
  addressTtlSeconds: {
    meaning: "TTL of addresses at POP, region and global names",
    from: policyTtl("address"),
    minimum: 0,
  },
  geoTtlSeconds: { meaning: "TTL of load-balanced host names", from: policyTtl("geo"), minimum: 0 },
  ttlStretch: {
    meaning: "factor by which resolvers lengthen TTLs; 2 for caution",
    from: figure(1, "8.74 % of 8,524 resolvers do (PAM 2023, TTL violation study)"),
    minimum: 1,
  },
  noticeSeconds: {
    meaning: "from the node's death until somebody starts the change",
    from: figure(60, "assumed: monitoring that acts by itself; a person takes minutes more"),
    minimum: 0,
  },
  applySeconds: { meaning: "run of the change", from: figure(30, "assumed"), minimum: 0 },
  publicationSeconds: {
    meaning: "from the platform's yes until its name servers answer by it",
    from: figure(60, "Route 53 tells 60 s (documentation); of Cloudflare nothing certain is known"),
    minimum: 0,
  },
  probeIntervalSeconds: {
    meaning: "time between two probes",
    from: policyProbe("intervalSeconds"),
    minimum: 1,
  },
  probeTimeoutSeconds: { meaning: "wait of one probe", from: policyProbe("timeoutSeconds"), minimum: 0 },
  probeRetries: {
    meaning: "further tries inside a probe (Cloudflare)",
    from: policyProbe("retries"),
    minimum: 0,
    whole: true,
  },
  probeFailureThreshold: {
    meaning: "failed probes in a row (Route 53)",
    from: policyProbe("failureThreshold"),
    minimum: 1,
    whole: true,
  },
  steeringSeconds: {
    meaning: "from the probes' verdict until the name servers answer by it",
    from: figure(0, "not published by either platform (unverified)"),
    minimum: 0,
  },
  deadTargetSeconds: {
    meaning: "what one dead target costs a call",
    from: derived("client and failure"),
    minimum: 0,
  },
  deadTargetsAhead: {
    meaning: "dead targets tried before one that answers",
    from: derived("name: 1 where one node is dead and no two targets are the same node"),
    minimum: 1,
    whole: true,
  },
  patienceSeconds: {
    meaning: "how long a caller waits before hanging up: a call set up later counts as lost",
    from: figure(20, "assumed: callers often hang up before 32 s"),
    minimum: 0,
  },
  callsPerMinute: {
    meaning: "new calls of one client: decides what a memory of dead targets spares it",
    from: figure(1, "assumed"),
    minimum: 0.001,
  },
  connectionIdleSeconds: {
    meaning: "how long an idle connection to a node stays open",
    from: figure(3600, "assumed: as long as a registration"),
    minimum: 0,
  },
  expiresSeconds: {
    meaning: "longest registration",
    from: client(3600, "default of Asterisk, FreeSWITCH, Poly and baresip"),
    minimum: 1,
  },
  keepaliveSeconds: {
    meaning: "interval of OPTIONS or CRLF keepalives; 0: none",
    from: figure(0, "off in most clients; the founding article asks for 30 to 60 s"),
    minimum: 0,
  },
  keepaliveWaitSeconds: {
    meaning: "wait for the answer to a keepalive",
    from: figure(32, "RFC 3261 timer F; Asterisk's qualify waits 3 s, CRLF 10 s (RFC 5626 section 4.4.1)"),
    minimum: 0,
  },
  registrationRetrySeconds: {
    meaning: "wait after a registration that failed",
    from: client(60, "RFC 5626 section 4.5: 30 s, doubled at the first failure"),
    minimum: 0,
  },
  holdDownSeconds: {
    meaning: "how long a node has to be well before it is listed again",
    from: figure(600, "a node that flaps faster is worse than one kept down"),
    minimum: 0,
  },
  reResolutionSeconds: {
    meaning: "the founding article's re-resolution interval",
    from: figure(0, "every client that was run looks up, or reads its cache, on each call"),
    minimum: 0,
  },
  dnsCacheSeconds: {
    meaning: "the founding article's DNS cache",
    from: derived("srvTtlSeconds: the cache is the TTL"),
    minimum: 0,
  },
  drainTtlStretch: {
    meaning: "ttlStretch for a drain, which has time",
    from: figure(2, "caution"),
    minimum: 1,
  },
  keptSetSeconds: {
    meaning: "how long a client keeps a set of which a target failed",
    from: figure(600, "measured: Sofia-SIP (FreeSWITCH) asks again after 600 s"),
    minimum: 0,
  },
  callSeconds: {
    meaning: "longest call that is waited for (99.9 %)",
    from: figure(14_400, "assumed: 4 h"),
    minimum: 0,
  },
} as const satisfies Record<string, InputFacts>;

export type InputName = keyof typeof INPUTS;

/** Inputs that have no value of their own unless somebody sets one. */
type DerivedInput = {
  [K in InputName]: (typeof INPUTS)[K]["from"]["kind"] extends "derived" ? K : never;
}[InputName];

export type Inputs = { readonly [K in Exclude<InputName, DerivedInput>]: number } & {
  readonly [K in DerivedInput]?: number;
} & {
  /** What was set by hand, which counts more than what a client is known to do. */
  readonly set: ReadonlySet<InputName>;
};

/** Highest value of an input: three years in seconds. */
const MAXIMUM = 1e8;

/** Why the value cannot be the input's, or undefined where it can. */
export function inputFault(name: InputName, value: number): string | undefined {
  const { minimum, whole }: InputFacts = INPUTS[name];
  if (!(value >= minimum && value <= MAXIMUM)) return `is outside ${minimum} to ${MAXIMUM}`;
  return whole && !Number.isInteger(value) ? "is no whole number" : undefined;
}

export function isInputName(name: string): name is InputName {
  return Object.hasOwn(INPUTS, name);
}

/**
 * The inputs for a policy, with some set by hand.
 * @throws RangeError when a value is outside its input's range
 */
export function resolveInputs(policy: Policy, set: Partial<Record<InputName, number>> = {}): Inputs {
  const values: Partial<Record<InputName, number>> = {};
  const overridden = new Set<InputName>();
  for (const [name, { from }] of Object.entries(INPUTS) as [InputName, InputFacts][]) {
    const own = set[name];
    const fault = own === undefined ? undefined : inputFault(name, own);
    if (fault !== undefined) throw new RangeError(`${name} ${own} ${fault}`);
    if (own !== undefined) overridden.add(name);
    const value = own ?? defaultValue(from, policy);
    if (value !== undefined) values[name] = value;
  }
  return { ...(values as Omit<Inputs, "set">), set: overridden };
}

function defaultValue(from: InputFacts["from"], policy: Policy): number | undefined {
  switch (from.kind) {
    case "figure":
      return from.value;
    case "policy":
      return from.read(policy);
    case "client":
      return from.otherwise;
    case "derived":
      return undefined;
  }
}

/** What was set by hand, else what the client is known to do, else the default. */
export function clientInput(
  inputs: Inputs,
  name: "expiresSeconds" | "registrationRetrySeconds",
  own: number | undefined,
): number {
  return inputs.set.has(name) ? inputs[name] : (own ?? inputs[name]);
}

/** One row of the table of inputs. */
export interface InputRow {
  readonly name: InputName;
  /** null: told apart by client or name. */
  readonly value: number | null;
  readonly source: string;
  readonly meaning: string;
}

export function inputRows(inputs: Inputs): InputRow[] {
  return (Object.entries(INPUTS) as [InputName, InputFacts][]).map(([name, { meaning, from }]) => ({
    name,
    value: inputs[name] ?? null,
    source: inputs.set.has(name) ? "set" : sourceText(from),
    meaning,
  }));
}

/** Where a default is from, in words. */
export function sourceText(from: InputFacts["from"]): string {
  switch (from.kind) {
    case "policy":
      return `tree.json ${from.key}`;
    case "client":
      return `the client's own, else ${from.source}`;
    case "derived":
      return `by ${from.source}`;
    case "figure":
      return from.source;
  }
}
