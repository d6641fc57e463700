/** Rules of policy values that only make sense together. */
import { SERVICES, TRANSPORTS, type Transport } from "../../dns/services.ts";
import type { Draft } from "../draft.ts";
import type { JsonPath } from "../jsonc.ts";
import { type Finding, finding } from "./finding.ts";

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

/** Rule `listed-twice`, for every list of tree.json. */
export function* repeatedValues({ environment, policy }: Draft): Generator<Finding> {
  const search = function* (value: unknown, path: JsonPath): Generator<Finding> {
    if (typeof value !== "object" || value === null) return;
    if (!Array.isArray(value)) {
      for (const [key, below] of Object.entries(value)) yield* search(below, [...path, key]);
      return;
    }
    for (const [index, entry] of value.entries()) {
      if (value.indexOf(entry) === index) continue;
      const message = `${path.at(-1)} lists ${JSON.stringify(entry)} twice`;
      yield finding("listed-twice", "tree", [...path, index], { message, value: entry });
    }
  };
  yield* search(environment, ["environment"]);
  yield* search(policy, ["policy"]);
}
