/** What the platforms probe at a node. */
import type { Policy } from "../inventory/treeSchema.ts";
import type { ProbeRequest } from "./rendering.ts";
import type { Service, Tree } from "./tree.ts";

const DEFAULT_PORT = { http: 80, https: 443 } as const;

/** The probe of the policy; the port of TLS, or the first published one, where it names none for TCP. */
export function probeRequest({ policy, services }: Pick<Tree, "policy" | "services">): ProbeRequest {
  const { type, path, expectedCodes, port } = policy.probe;
  if (type === "tcp") return { type, port: port ?? listeningPort(services) };
  return { type, port: port ?? DEFAULT_PORT[type], path, expectedCodes };
}

function listeningPort(services: readonly Service[]): number {
  const service = services.find(({ transport }) => transport === "sips-tcp") ?? services[0];
  if (service === undefined) throw new Error("a tree without services is probed");
  return service.port;
}

/** Nodes that must answer of a site that has `count`: what the policy asks for, or all of them. */
export function healthyNodes(count: number, { probe }: Policy): number {
  return Math.min(probe.healthyNodes, count);
}
