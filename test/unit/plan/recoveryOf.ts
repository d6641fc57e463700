/** The recovery of a sketch, as the tests of the model read it. */
import type { Wire } from "../../../dns/services.ts";
import type { KnownClient } from "../../../plan/clients/known.ts";
import type { Failure } from "../../../plan/clients/reaction.ts";
import { planTree } from "../../../plan/plan.ts";
import type { CallRecovery } from "../../../plan/recovery/call.ts";
import { type InputName, resolveInputs } from "../../../plan/recovery/inputs.ts";
import { type NameRecovery, recovery } from "../../../plan/recovery/recovery.ts";
import type { Backend } from "../../../plan/rendering.ts";
import { type InventorySketch, inventoryOf, nodeAt, STEERED_WORLD } from "../../support/inventories.ts";

export type Settings = Partial<Record<InputName, number>>;

export const TRANSPORTS = { "sips-tcp": 5061, "sip-tcp": 5060, "sip-udp": 5060 };

export const PAIR: InventorySketch = {
  nodes: [nodeAt("euro", "fra1"), nodeAt("euro", "lhr1")],
  policy: { transports: TRANSPORTS },
};

export const WORLD: InventorySketch = {
  ...STEERED_WORLD,
  policy: { ...STEERED_WORLD.policy, transports: TRANSPORTS },
};

export function recoveries(
  sketch: InventorySketch,
  backend: Backend = "static",
  set: Settings = {},
): NameRecovery[] {
  const tree = planTree(inventoryOf(sketch));
  return recovery(tree, backend, resolveInputs(tree.policy, set));
}

export function named(key: string, of: readonly NameRecovery[]): NameRecovery {
  const found = of.find((name) => name.key === key);
  if (found === undefined) throw new Error(`no name ${key}`);
  return found;
}

export const euro = (sketch: InventorySketch, set: Settings = {}, backend: Backend = "static") =>
  named("euro", recoveries(sketch, backend, set));

export function line<T extends Pick<CallRecovery, "client" | "failure" | "wire">>(
  lines: readonly T[],
  client: KnownClient,
  failure: Failure,
  wire: Wire = "tls",
): T {
  const found = lines.find(
    (each) => each.client === client && each.failure === failure && each.wire === wire,
  );
  if (found === undefined) throw new Error(`no line of ${client}, ${failure}, ${wire}`);
  return found;
}
