/** What a monitor probes at a lab node beside its SIP ports: an endpoint that tells whether the node takes calls. */
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer as createTcpServer } from "node:net";
import {
  type ListenAt,
  type Listener,
  listenSecurely,
  listenStreams,
  type NodeBehaviour,
} from "./listener.ts";

export type ProbeEndpoint =
  /** Accepts and closes. */
  | { readonly scheme: "tcp"; readonly port: number }
  | {
      readonly scheme: "http" | "https";
      readonly port: number;
      readonly path: string;
      /** Answer to a GET of the path while the node takes calls. */
      readonly status: number;
    };

/**
 * Answers as the node does: with the status of the endpoint, 503 while it takes no new calls, not at all while it hangs.
 * @throws PortFault
 */
export function listenForProbes(
  endpoint: ProbeEndpoint,
  address: ListenAt["address"],
  behaviour: () => NodeBehaviour,
): Promise<Listener> {
  const at = { address, port: endpoint.port };
  if (endpoint.scheme === "tcp") {
    return listenStreams(
      createTcpServer((socket) => socket.end()),
      "probe",
      at,
    );
  }
  const answer: RequestListener = ({ method = "", url }, response) => {
    const now = behaviour();
    if (now === "silent") return;
    const health = now === "up" ? endpoint.status : 503;
    const status = url === endpoint.path ? health : 404;
    response.writeHead(["GET", "HEAD"].includes(method) ? status : 405, { connection: "close" }).end();
  };
  return endpoint.scheme === "http"
    ? listenStreams(createHttpServer(answer), "probe", at)
    : listenSecurely((options) => createHttpsServer(options, answer), "probe", at);
}
