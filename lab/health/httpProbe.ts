/** One GET, as a platform's monitor sends it: by address, without following redirects or looking at a certificate. */
import http from "node:http";
import https from "node:https";
import { isIPv6 } from "node:net";
import type { HttpProbe } from "./healthView.ts";

/** Whether the status is one of the codes: `2xx`, or `200,302`. */
export function isExpected(status: number, codes: string): boolean {
  return codes.split(",").some((code) => {
    return code.endsWith("xx") ? code[0] === String(status)[0] : code === String(status);
  });
}

/** A status that is one of the codes: 200 where it is, else the first of them that can end an answer. */
export function expectedStatus(codes: string): number {
  if (isExpected(OK, codes)) return OK;
  const first = codes.split(",").find((code) => !code.startsWith("1"));
  return first === undefined ? OK : Number(first.replace("xx", "00"));
}

const OK = 200;

/** Whether the head of an answer with one of the codes comes in time. Any failure is a no. */
export function answersWell(
  target: HttpProbe & { readonly address: string; readonly port: number },
  timeoutMilliseconds: number,
): Promise<boolean> {
  const { scheme, address, port, path, codes } = target;
  const host = isIPv6(address) ? `[${address}]` : address;
  return new Promise((resolve) => {
    const request = (scheme === "https" ? https : http).request({
      host: address,
      port,
      path,
      method: "GET",
      headers: { host: `${host}:${port}`, connection: "close" },
      agent: false,
      // The node's certificate is for names, and the monitors ask by address.
      rejectUnauthorized: false,
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
    request.once("response", (response) => {
      response.destroy();
      resolve(isExpected(response.statusCode ?? 0, codes));
    });
    request.on("error", () => resolve(false));
    request.end();
  });
}
