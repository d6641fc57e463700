/** `cloudflare.LoadBalancerMonitor`, `LoadBalancerPool`, `LoadBalancer` and the listing of an account's pools. */
import type {
  CloudflareBalancing,
  LoadBalancerRequest,
  MonitorRequest,
  PoolRequest,
} from "../store/cloudflareBalancing.ts";
import { type CloudflareCall, importId, isMissing } from "./cloudflareCall.ts";
import { type CheckFailure, type Invoke, type Properties, pick, type ResourceType } from "./provider.ts";

const STEERING_POLICIES =
  "off geo random dynamic_latency proximity least_outstanding_requests least_connections".split(" ");

const MONITOR_TYPES = ["http", "https", "tcp", "udp_icmp", "icmp_ping", "smtp"];

/** Defaults of the provider's schema, all of them sent. */
const MONITOR_DEFAULTS: Properties = {
  type: "http",
  interval: 60,
  timeout: 5,
  retries: 2,
  allowInsecure: false,
  followRedirects: false,
  description: "",
  expectedBody: "",
  expectedCodes: "",
  probeZone: "",
};

const ORIGIN_DEFAULTS: Properties = { enabled: true, flattenCname: true, weight: 1, port: 0 };

type Row = Properties & { readonly id: string };

/** One kind's requests, by owner id (account or zone). */
interface Requests {
  /** URL path from the owner's kind on, for example `load_balancers/pools`. */
  readonly path: string;
  /** `accounts` or `zones`. */
  readonly ownerPath: string;
  /** Input that holds the owner's id. */
  readonly ownerKey: "accountId" | "zoneId";
  read(id: string): Promise<Row>;
  create(owner: string, inputs: Properties): Promise<Row>;
  update(owner: string, id: string, inputs: Properties): Promise<Row>;
  delete(id: string): Promise<void>;
}

/** The life cycle that the three share: one request each, the row's own values as outputs. */
function lifeCycle(requests: Requests, call: CloudflareCall, outputsOf: (row: Row) => Properties) {
  const { ownerKey, ownerPath, path } = requests;
  const base = (owner: string) => `/${ownerPath}/${owner}/${path}`;
  const outputs = (row: Row) => {
    const { id: _id, ...rest } = outputsOf(row);
    return rest;
  };
  return {
    async create(inputs: Properties) {
      const owner = String(inputs[ownerKey]);
      const row = await call(`POST "${base(owner)}"`, () => requests.create(owner, inputs));
      return { id: row.id, outputs: outputs(row) };
    },
    async read(id: string, known: Properties) {
      const { owner, object } = importId(id, known[ownerKey], `<${ownerKey}>/<id>`);
      try {
        const row = await call(`GET "${base(owner)}/${object}"`, () => requests.read(object));
        return { id: object, outputs: outputs(row) };
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    async update(id: string, known: Properties, inputs: Properties) {
      const owner = String(known[ownerKey]);
      return outputs(await call(`PUT "${base(owner)}/${id}"`, () => requests.update(owner, id, inputs)));
    },
    async delete(id: string, known: Properties) {
      await call(`DELETE "${base(String(known[ownerKey]))}/${id}"`, () => requests.delete(id));
    },
  };
}

export function loadBalancerMonitor(balancing: CloudflareBalancing, call: CloudflareCall): ResourceType {
  const properties: ResourceType["properties"] = {
    accountId: { required: true, replaces: true },
    ...Object.fromEntries(Object.entries(MONITOR_DEFAULTS).map(([key, value]) => [key, { default: value }])),
    port: {},
    method: { computed: true },
    path: { computed: true },
    header: {},
    consecutiveUp: {},
    consecutiveDown: {},
  };
  const sent = (inputs: Properties): MonitorRequest => {
    const typeDefaults =
      inputs.type === "tcp" ? { method: "connection_established" } : { method: "GET", path: "/" };
    return { ...MONITOR_DEFAULTS, ...typeDefaults, ...inputs } as unknown as MonitorRequest;
  };
  return {
    properties,
    check: (inputs) => oneOf("type", inputs.type, MONITOR_TYPES),
    ...lifeCycle(
      {
        path: "load_balancers/monitors",
        ownerPath: "accounts",
        ownerKey: "accountId",
        read: (id) => balancing.readMonitor(id),
        create: (owner, inputs) => balancing.createMonitor(owner, sent(inputs)),
        update: (owner, id, inputs) => balancing.updateMonitor(owner, id, sent(inputs)),
        delete: (id) => balancing.deleteMonitor(id),
      },
      call,
      (row) => row,
    ),
  };
}

export function loadBalancerPool(balancing: CloudflareBalancing, call: CloudflareCall): ResourceType {
  const sent = (inputs: Properties): PoolRequest =>
    ({
      enabled: true,
      minimumOrigins: 1,
      description: "",
      notificationEmail: "",
      ...inputs,
      origins: withOriginDefaults(inputs.origins),
    }) as unknown as PoolRequest;
  return {
    properties: {
      accountId: { required: true, replaces: true },
      name: { required: true },
      // An ordered list: the same origins in another order are a change.
      origins: { required: true, canonical: withOriginDefaults },
      enabled: { default: true },
      minimumOrigins: { default: 1 },
      description: { default: "" },
      notificationEmail: { default: "" },
      monitor: {},
      monitorGroup: {},
      checkRegions: {},
      latitude: {},
      longitude: {},
      healthSources: {},
      loadShedding: { computed: true },
      notificationFilter: { computed: true },
      originSteering: { computed: true },
    },
    ...lifeCycle(
      {
        path: "load_balancers/pools",
        ownerPath: "accounts",
        ownerKey: "accountId",
        read: (id) => balancing.readPool(id),
        create: (owner, inputs) => balancing.createPool(owner, sent(inputs)),
        update: (owner, id, inputs) => balancing.updatePool(owner, id, sent(inputs)),
        delete: (id) => balancing.deletePool(id),
      },
      call,
      (row) => row,
    ),
  };
}

export function loadBalancer(balancing: CloudflareBalancing, call: CloudflareCall): ResourceType {
  const sent = (inputs: Properties): LoadBalancerRequest =>
    ({
      enabled: true,
      proxied: false,
      sessionAffinity: "none",
      steeringPolicy: "",
      ...inputs,
    }) as unknown as LoadBalancerRequest;
  return {
    properties: {
      zoneId: { required: true, replaces: true },
      name: { required: true },
      defaultPools: { required: true },
      fallbackPool: { required: true },
      enabled: { default: true },
      proxied: { default: false },
      ttl: { computed: true },
      steeringPolicy: { default: "" },
      sessionAffinity: { default: "none" },
      description: {},
      regionPools: { computed: true },
      countryPools: { computed: true },
      popPools: { computed: true },
      locationStrategy: { computed: true },
      randomSteering: { computed: true },
      adaptiveRouting: { computed: true },
      sessionAffinityAttributes: { computed: true },
      sessionAffinityTtl: { computed: true },
      networks: { computed: true },
      rules: { computed: true },
    },
    check: (inputs) => oneOf("steeringPolicy", inputs.steeringPolicy, [...STEERING_POLICIES, ""]),
    ...lifeCycle(
      {
        path: "load_balancers",
        ownerPath: "zones",
        ownerKey: "zoneId",
        read: (id) => balancing.readLoadBalancer(id),
        create: (owner, inputs) => balancing.createLoadBalancer(owner, sent(inputs)),
        update: (owner, id, inputs) => balancing.updateLoadBalancer(owner, id, sent(inputs)),
        delete: (id) => balancing.deleteLoadBalancer(id),
      },
      call,
      (row) => row,
    ),
  };
}

/** `cloudflare.getLoadBalancerPools`: every pool of the account, or those that use a monitor. */
export function getLoadBalancerPools(balancing: CloudflareBalancing, call: CloudflareCall): Invoke {
  return async (args) => {
    const accountId = String(args.accountId);
    const rows = await call(`GET "/accounts/${accountId}/load_balancers/pools"`, () =>
      balancing.listPools(accountId),
    );
    const wanted = rows.filter((row) => args.monitor === undefined || row.monitor === args.monitor);
    return { ...args, results: wanted.slice(0, Number(args.maxItems ?? wanted.length)) };
  };
}

function withOriginDefaults(origins: unknown): unknown {
  if (!Array.isArray(origins)) return origins;
  return origins.map((origin: Properties) => ({ ...ORIGIN_DEFAULTS, ...pick(origin, Object.keys(origin)) }));
}

function oneOf(property: string, value: unknown, known: readonly string[]): readonly CheckFailure[] {
  if (typeof value !== "string" || known.includes(value)) return [];
  const list = known.map((choice) => `"${choice}"`).join(" ");
  return [{ property, reason: `Attribute ${property} value must be one of: [${list}], got: "${value}"` }];
}
