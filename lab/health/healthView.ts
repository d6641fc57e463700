/** What the lab's probes know of an address and port. */
export interface HealthView {
  /** Whether a connection succeeded at the last probe; undefined while it has not been probed. */
  isUp(address: string, port: number): boolean | undefined;
}
