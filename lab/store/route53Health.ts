/**
 * What Route 53 takes a health check, a set or a group of sets to be (Developer Guide, "How Route 53 chooses records
 * when health checking is configured" and "How health checks work in complex configurations"; read 2026-11).
 */
import type { ProbeTarget } from "../health/healthChecks.ts";
import type { HealthView } from "../health/healthView.ts";
import type { RecordSet } from "./route53Sets.ts";
import type { HealthCheckRow, Route53 } from "./route53Store.ts";

/** The sets of one name and type, in the zone that is asked. */
export type SetsAt = (name: string, type: string) => readonly RecordSet[];

export class Route53Health {
  readonly #route53: Route53;
  readonly #health: HealthView;

  constructor(route53: Route53, health: HealthView) {
    this.#route53 = route53;
    this.#health = health;
  }

  /**
   * A set is healthy by its check and, where an alias evaluates its target, by at least one set there: both have to be.
   * A set without either always is.
   */
  isHealthy(set: RecordSet, setsAt: SetsAt, onPath: readonly string[] = []): boolean {
    if (set.healthCheckId !== undefined && !this.isCheckHealthy(set.healthCheckId)) return false;
    if (!set.alias?.evaluateTargetHealth || onPath.includes(set.alias.name)) return true;
    const targets = setsAt(set.alias.name, set.type);
    const path = [...onPath, set.alias.name];
    return targets.length === 0 || targets.some((target) => this.isHealthy(target, setsAt, path));
  }

  /** New, disabled and vanished checks count as healthy; a calculated one counts its healthy children. */
  isCheckHealthy(id: string, onPath: readonly string[] = []): boolean {
    const check = this.#route53.healthCheck(id);
    if (check === undefined || check.disabled || onPath.includes(id)) return true;
    return this.#measured(check, [...onPath, id]) !== (check.invertHealthcheck ?? false);
  }

  #measured(check: NonNullable<ReturnType<Route53["healthCheck"]>>, onPath: readonly string[]): boolean {
    if (check.type === "CALCULATED") {
      const children = check.childHealthchecks ?? [];
      const healthy = children.filter((child) => this.isCheckHealthy(child, onPath)).length;
      return healthy >= (check.childHealthThreshold ?? children.length);
    }
    const { address, port, http } = checkProbe(check);
    return this.#health.isUp(address, port, http) ?? true;
  }
}

/** How a check of an address probes it; of an HTTP answer 200 to 399 is healthy. */
export function checkProbe({ type, ipAddress, port, resourcePath }: HealthCheckRow): ProbeTarget {
  const target = { address: String(ipAddress), port: Number(port) };
  if (type === "TCP") return target;
  const scheme = type === "HTTPS" ? "https" : "http";
  return { ...target, http: { scheme, path: String(resourcePath ?? "/"), codes: "2xx,3xx" } };
}
