/** Route 53's hosted zones and health checks, changed and refused as the service does it. */
import { randomUUID } from "node:crypto";
import type { OperationKind, OperationRequest } from "./operationLog.ts";
import { PlatformError } from "./platformError.ts";
import { checkAmong, checkSet, invalidChangeBatch } from "./route53Rules.ts";
import { type RecordSet, recordSetId } from "./route53Sets.ts";
import type { Store, Table } from "./store.ts";

export interface Route53Zone {
  readonly zoneId: string;
  /** The zone's apex, without trailing dot. */
  readonly zone: string;
}

export interface HealthCheckRequest {
  readonly type: string;
  readonly ipAddress?: string;
  readonly port?: number;
  readonly requestInterval?: number;
  readonly failureThreshold?: number;
  /** Ids of the checks that a CALCULATED check counts. */
  readonly childHealthchecks?: readonly string[];
  readonly childHealthThreshold?: number;
  /** A disabled check counts as healthy. */
  readonly disabled?: boolean;
  readonly invertHealthcheck?: boolean;
  readonly [setting: string]: unknown;
}

export type HealthCheckRow = HealthCheckRequest & { readonly id: string };

const MAX_CHILDREN = 255;

/** Checks of one address that the lab can make. */
const PROBES = ["TCP", "HTTP", "HTTPS"];

/** Of a resource path (API reference, HealthCheckConfig, read 2026-11-23). */
const MAX_PATH_CHARACTERS = 255;

export class Route53 {
  readonly zones: readonly Route53Zone[];
  readonly #store: Store;
  readonly #sets: Table<RecordSet>;
  readonly #checks: Table<HealthCheckRow>;

  constructor(store: Store, zones: readonly Route53Zone[]) {
    this.zones = zones;
    this.#store = store;
    this.#sets = store.table<RecordSet>("route53", "recordSet");
    this.#checks = store.table<HealthCheckRow>("route53", "healthCheck");
  }

  /** Sets of one zone, without a request: for serving and tests. */
  sets(zoneId: string): readonly RecordSet[] {
    return this.#sets.all().filter((set) => set.zoneId === zoneId);
  }

  healthCheck(id: string): HealthCheckRow | undefined {
    return this.#checks.get(id);
  }

  healthChecks(): readonly HealthCheckRow[] {
    return this.#checks.all();
  }

  async listSets(zoneId: string): Promise<readonly RecordSet[]> {
    return this.#store.perform(request("recordSet", "read", zoneId, ""), () => {
      this.#zone(zoneId);
      return { answer: this.sets(zoneId) };
    });
  }

  async readSet(id: string): Promise<RecordSet | undefined> {
    return this.#store.perform(request("recordSet", "read", id, this.#sets.get(id)?.name ?? ""), () => ({
      answer: this.#sets.get(id),
    }));
  }

  /** CREATE: refused when the set exists. */
  async createSet(set: RecordSet): Promise<void> {
    return this.#store.perform(request("recordSet", "create", "", set.name), () => {
      const id = recordSetId(set);
      if (this.#sets.get(id) !== undefined) {
        const identifier = set.setIdentifier ? `, set-identifier='${set.setIdentifier}'` : "";
        const what = `name='${set.name}.', type='${set.type}'${identifier}`;
        throw invalidChangeBatch(`Tried to create resource record set [${what}] but it already exists`);
      }
      this.#check(set, id);
      return { answer: undefined, change: { id, after: set } };
    });
  }

  /**
   * UPSERT, or where type or set identifier differ DELETE and CREATE in one batch: all or nothing either way.
   * @param previousId the set as it was before.
   */
  async changeSet(previousId: string, set: RecordSet): Promise<void> {
    const id = recordSetId(set);
    return this.#store.perform(request("recordSet", "update", id, set.name), () => {
      const before = this.#sets.get(previousId);
      if (id !== previousId && before === undefined) throw notFound(previousId);
      this.#check(set, previousId);
      const moved = id === previousId ? {} : { previousId };
      return { answer: undefined, change: { id, ...moved, ...(before && { before }), after: set } };
    });
  }

  /** DELETE. A set that an alias still points to goes all the same: whether the service refuses is not documented. */
  async deleteSet(id: string): Promise<void> {
    return this.#store.perform(request("recordSet", "delete", id, this.#sets.get(id)?.name ?? ""), () => {
      const before = this.#sets.get(id);
      if (before === undefined) throw notFound(id);
      return { answer: undefined, change: { id, before } };
    });
  }

  async readHealthCheck(id: string): Promise<HealthCheckRow> {
    return this.#store.perform(request("healthCheck", "read", id, label(this.#checks.get(id))), () => ({
      answer: this.#existingCheck(id),
    }));
  }

  async createHealthCheck(sent: HealthCheckRequest): Promise<HealthCheckRow> {
    return this.#store.perform(request("healthCheck", "create", "", label(sent)), () => {
      this.#checkHealthCheck(sent);
      const after: HealthCheckRow = { ...sent, id: randomUUID() };
      return { answer: after, change: { id: after.id, after } };
    });
  }

  async updateHealthCheck(id: string, sent: HealthCheckRequest): Promise<HealthCheckRow> {
    return this.#store.perform(request("healthCheck", "update", id, label(sent)), () => {
      const before = this.#existingCheck(id);
      this.#checkHealthCheck(sent);
      const after: HealthCheckRow = { ...sent, id };
      return { answer: after, change: { id, before, after } };
    });
  }

  /** Deleting a check that a set still names is not prevented by the service, and not here. */
  async deleteHealthCheck(id: string): Promise<void> {
    return this.#store.perform(request("healthCheck", "delete", id, label(this.#checks.get(id))), () => {
      const before = this.#existingCheck(id);
      return { answer: undefined, change: { id, before } };
    });
  }

  #zone(zoneId: string): Route53Zone {
    const zone = this.zones.find((candidate) => candidate.zoneId === zoneId);
    if (zone === undefined)
      throw new PlatformError(404, "NoSuchHostedZone", `No hosted zone found with ID: ${zoneId}`);
    return zone;
  }

  #check(set: RecordSet, replacedId: string): void {
    checkSet(set, this.#zone(set.zoneId).zone);
    checkAmong(
      set,
      this.sets(set.zoneId).filter((other) => recordSetId(other) !== replacedId),
    );
    if (set.healthCheckId !== undefined && this.#checks.get(set.healthCheckId) === undefined) {
      throw new PlatformError(
        404,
        "NoSuchHealthCheck",
        `A health check with id ${set.healthCheckId} does not exist.`,
      );
    }
  }

  #existingCheck(id: string): HealthCheckRow {
    const row = this.#checks.get(id);
    if (row === undefined)
      throw new PlatformError(404, "NoSuchHealthCheck", `No health check found with ID: ${id}`);
    return row;
  }

  /** Private and loopback addresses pass: the service refuses them, and the lab has no others. */
  #checkHealthCheck(sent: HealthCheckRequest): void {
    if (sent.type === "CALCULATED") {
      const children = sent.childHealthchecks ?? [];
      if (children.length > MAX_CHILDREN) throw invalidInput(`more than ${MAX_CHILDREN} child health checks`);
      for (const id of children) this.#existingCheck(id);
      return;
    }
    if (!PROBES.includes(sent.type))
      throw invalidInput(`the lab runs ${PROBES.join(", ")} and CALCULATED health checks, not ${sent.type}`);
    if (sent.ipAddress === undefined)
      throw invalidInput(`a ${sent.type} health check needs an IP address in the lab`);
    if (!(Number.isInteger(sent.port) && Number(sent.port) >= 1 && Number(sent.port) <= 65535)) {
      throw invalidInput(`Port must be specified for ${sent.type} health checks`);
    }
    const path = sent.resourcePath;
    if (path === undefined) return;
    if (sent.type === "TCP") throw invalidInput("ResourcePath is not allowed for TCP health checks");
    if (typeof path !== "string" || !path.startsWith("/") || path.length > MAX_PATH_CHARACTERS) {
      throw invalidInput(`ResourcePath must begin with / and have at most ${MAX_PATH_CHARACTERS} characters`);
    }
  }
}

function request(kind: string, operation: OperationKind, id: string, name: string): OperationRequest {
  return { platform: "route53", kind, operation, id, name };
}

/** What a person knows a health check by: what it checks. */
function label(check: HealthCheckRequest | undefined): string {
  if (check === undefined) return "";
  return check.ipAddress === undefined ? check.type : `${check.ipAddress}:${check.port}`;
}

function notFound(id: string): PlatformError {
  return invalidChangeBatch(`Tried to delete resource record set [${id}] but it was not found`);
}

function invalidInput(text: string): PlatformError {
  return new PlatformError(400, "InvalidInput", text);
}
