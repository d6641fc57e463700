/** The lab's SIP nodes as one: started and stopped to match a list, certificates swapped while they run. */
import { type Problem, Refusal } from "../inventory/problem.ts";
import { PortFault } from "./listener.ts";
import type { NodeCertificate } from "./nodeCertificates.ts";
import type { ProbeEndpoint } from "./probeEndpoint.ts";
import { type NodePorts, type SipNode, type SipNodeOptions, startSipNode } from "./sipNode.ts";

/** What the lab runs for one node of the inventory. */
export interface FleetNode {
  readonly slot: string;
  /** Loopback address. */
  readonly address: string;
  readonly ports: NodePorts;
  /** Where monitors look, if at none of the ports. */
  readonly probe?: ProbeEndpoint;
}

export interface Fleet {
  /** Running nodes by slot. */
  readonly nodes: ReadonlyMap<string, SipNode>;
  /**
   * Stops nodes that are not in the list, restarts those whose address or ports changed, starts new ones; the
   * others keep their connections.
   * @throws Refusal that names every address and port that could not be had; the other nodes run.
   */
  setNodes(list: readonly FleetNode[]): Promise<void>;
  /** Certificates by slot, for every handshake from now on; a slot that is not in the map keeps its own. */
  update(certificates: ReadonlyMap<string, readonly NodeCertificate[]>): void;
  close(): Promise<void>;
}

/** A fleet without nodes yet. */
export function createFleet(options: Pick<SipNodeOptions, "onRequest"> = {}): Fleet {
  const running = new Map<string, { readonly node: SipNode; readonly wanted: string }>();
  const nodes = new Map<string, SipNode>();
  const certificates = new Map<string, readonly NodeCertificate[]>();

  const stop = async (slot: string) => {
    const entry = running.get(slot);
    running.delete(slot);
    nodes.delete(slot);
    await entry?.node.close();
  };

  return {
    nodes,
    async setNodes(list) {
      const wanted = new Map(list.map((node) => [node.slot, identityOf(node)]));
      const gone = [...running].filter(([slot, entry]) => wanted.get(slot) !== entry.wanted);
      await Promise.all(gone.map(([slot]) => stop(slot)));
      const problems: Problem[] = [];
      for (const entry of list.filter((node) => !running.has(node.slot))) {
        const { slot, address } = entry;
        try {
          const own = certificates.get(slot) ?? [];
          const node = await startSipNode({ ...options, ...entry, certificates: own });
          running.set(slot, { node, wanted: identityOf(entry) });
          nodes.set(slot, node);
        } catch (error) {
          if (!(error instanceof PortFault)) throw error;
          problems.push(portProblem(slot, address, error));
        }
      }
      if (problems.length > 0) throw new Refusal(problems);
    },
    update(next) {
      for (const [slot, list] of next) {
        certificates.set(slot, list);
        nodes.get(slot)?.setCertificates(list);
      }
    },
    async close() {
      await Promise.all([...running.keys()].map(stop));
    },
  };
}

function identityOf({ address, ports, probe }: FleetNode): string {
  return JSON.stringify([address, ports.tls, ports.tcp, ports.udp, probe]);
}

/** What a person can do about a port that the node cannot have. */
export function portProblem(slot: string, address: string, fault: PortFault): Problem {
  const protocol = fault.listening === "udp" ? "UDP" : "TCP";
  const isProbe = fault.listening === "probe";
  const base = {
    place: "lab",
    key: slot,
    value: `${address}:${fault.port}`,
    rule: "lab-listen",
  };
  switch (fault.code) {
    case "EADDRINUSE":
      return {
        ...base,
        message: `${protocol} port ${fault.port} of ${address} is in use`,
        remedy: isProbe
          ? "stop the program that listens there, or set policy.probe.port to a port that the node uses for nothing else"
          : "stop the program that listens there, or give the node another address or port",
      };
    case "EADDRNOTAVAIL":
      return {
        ...base,
        message: `${address} is no address of this host`,
        remedy: "use an address in 127.0.0.0/8, or add it to the loopback interface",
      };
    default:
      return {
        ...base,
        message: `${protocol} port ${fault.port} of ${address} cannot be listened on (${fault.code})`,
        remedy: `${isProbe ? "set policy.probe.port to one" : "give the node a port"} above 1023, or allow this user to listen there`,
      };
  }
}
