/** What the lab's probes know of an address and port. */

/** A GET in place of a bare connection. */
export interface HttpProbe {
  readonly scheme: "http" | "https";
  readonly path: string;
  /** Status codes of a healthy answer: `2xx`, or `200,302`. */
  readonly codes: string;
}

export interface HealthView {
  /** Whether the last probe succeeded, by a connection or by the GET; undefined while it has not been made. */
  isUp(address: string, port: number, http?: HttpProbe): boolean | undefined;
}
