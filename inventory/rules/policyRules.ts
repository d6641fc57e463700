/** Rules of policy values that only make sense together. */
import { SERVICES, TRANSPORTS, type Transport } from "../../dns/services.ts";
import type { Draft } from "../draft.ts";
import { type JsonPath, valueText } from "../jsonc.ts";
import { type Finding, finding, type SourceName } from "./finding.ts";

/** Rules `port-clash` and `no-transport`. */
export function* transports({ policy, isWhole }: Draft): Generator<Finding> {
  const path = ["policy", "transports"];
  const published = TRANSPORTS.flatMap((transport) => {
    const port = policy.transports[transport];
    return port === undefined ? [] : [{ transport, port }];
  });
  if (published.length === 0 && isWhole(...path)) {
    yield finding("no-transport", "tree", path, { message: "no service is published" });
  }
  const listeners = new Map<number, Transport>();
  for (const { transport, port } of published) {
    if (SERVICES[transport].wire === "udp") continue;
    const other = listeners.get(port);
    if (other !== undefined && SERVICES[other].wire !== SERVICES[transport].wire) {
      const message = `port ${port} is that of ${other} (${SERVICES[other].wire}) and of ${transport} (${SERVICES[transport].wire})`;
      yield finding("port-clash", "tree", [...path, transport], { message, value: port });
    }
    listeners.set(port, other ?? transport);
  }
}

/** Rule `set-size`. */
export function* setSizes({ policy: { setSize } }: Draft): Generator<Finding> {
  if (setSize.standbyTargets < setSize.maxTargets) return;
  const message = `${setSize.standbyTargets} of ${setSize.maxTargets} places are for standby nodes, so none is left for a primary`;
  const path = ["policy", "setSize", "standbyTargets"];
  yield finding("set-size", "tree", path, { message, value: setSize.standbyTargets });
}

/** Rule `probe-timing`. */
export function* probeTiming({ policy: { probe } }: Draft): Generator<Finding> {
  const longestSeconds = probe.timeoutSeconds * (probe.retries + 1);
  if (longestSeconds <= probe.intervalSeconds) return;
  const message = `a probe can last ${longestSeconds} s, but the next starts after ${probe.intervalSeconds} s`;
  const path = ["policy", "probe", "intervalSeconds"];
  yield finding("probe-timing", "tree", path, { message, value: probe.intervalSeconds });
}

const PROBE_PATH = /^\/[!-~]{0,254}$/;
const PROBE_CODES = /^[1-5](xx|\d\d)(,[1-5](xx|\d\d))*$/;

/** Rule `probe-request`. */
export function* probeRequest({ policy: { probe } }: Draft): Generator<Finding> {
  const path = ["policy", "probe"];
  if (!PROBE_PATH.test(probe.path)) {
    const message = `${valueText(probe.path)} is no path that can be asked for`;
    yield finding("probe-request", "tree", [...path, "path"], { message, value: probe.path });
  }
  if (!PROBE_CODES.test(probe.expectedCodes)) {
    const message = `${valueText(probe.expectedCodes)} is no list of status codes`;
    yield finding("probe-request", "tree", [...path, "expectedCodes"], {
      message,
      value: probe.expectedCodes,
    });
  }
}

/** Rule `geo-form`. */
export function* geoForms({ policy }: Draft): Generator<Finding> {
  if (policy.tierAddresses) return;
  const message = "the name would hold nothing: policy.tierAddresses is false";
  const value = "addresses";
  if (policy.globalGeo && policy.globalGeoForm === value) {
    yield finding("geo-form", "tree", ["policy", "globalGeoForm"], { message, value });
  }
  for (const [region, { geo, geoForm }] of Object.entries(policy.regions)) {
    if (!geo || geoForm !== value) continue;
    yield finding("geo-form", "tree", ["policy", "regions", region, "geoForm"], { message, value });
  }
}

/** Rule `lint-reason`. */
export function* lintReasons({ policy: { lint } }: Draft): Generator<Finding> {
  for (const [rule, { reason }] of Object.entries(lint)) {
    if (reason.trim() !== "") continue;
    const path = ["policy", "lint", rule, "reason"];
    yield finding("lint-reason", "tree", path, { message: `${rule} has no reason`, value: reason });
  }
}

/** Rule `listed-twice`, for every list of either file. */
export function* repeatedValues({ nodes, environment, policy }: Draft): Generator<Finding> {
  const search = function* (source: SourceName, value: unknown, path: JsonPath): Generator<Finding> {
    if (typeof value !== "object" || value === null) return;
    if (!Array.isArray(value)) {
      for (const [key, below] of Object.entries(value)) yield* search(source, below, [...path, key]);
      return;
    }
    for (const [index, entry] of value.entries()) {
      if (value.indexOf(entry) === index) continue;
      const message = `${path.at(-1)} lists ${JSON.stringify(entry)} twice`;
      yield finding("listed-twice", source, [...path, index], { message, value: entry });
    }
  };
  for (const { index, certificates } of nodes) {
    yield* search("nodes", certificates, [index, "certificates"]);
  }
  yield* search("tree", environment, ["environment"]);
  yield* search("tree", policy, ["policy"]);
}
