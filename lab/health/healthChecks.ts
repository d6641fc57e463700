/** Health by real probes, of every address and port that a monitor or a health check of the store names. */
import { connect } from "node:net";
import type { HealthView, HttpProbe } from "./healthView.ts";
import { answersWell } from "./httpProbe.ts";

export interface ProbeTarget {
  readonly address: string;
  readonly port: number;
  /** Absent: a connection is enough. */
  readonly http?: HttpProbe | undefined;
}

export interface HealthCheckOptions {
  /** What is to be probed now; asked again before each round. */
  readonly targets: () => readonly ProbeTarget[];
  /** Pause between two rounds. The platforms wait 10 seconds or more; a lab need not. Default 2,000. */
  readonly intervalMilliseconds?: number;
  /** Longest wait for a connection, or for the head of an answer. Default 1,000. */
  readonly timeoutMilliseconds?: number;
  /** Connections open at one time. Default 32. */
  readonly concurrency?: number;
}

export class HealthChecks implements HealthView {
  readonly #options: Required<HealthCheckOptions>;
  #results = new Map<string, boolean>();
  #timer: NodeJS.Timeout | undefined;
  #running = false;

  constructor(options: HealthCheckOptions) {
    this.#options = { intervalMilliseconds: 2_000, timeoutMilliseconds: 1_000, concurrency: 32, ...options };
  }

  isUp(address: string, port: number, http?: HttpProbe): boolean | undefined {
    return this.#results.get(key({ address, port, http }));
  }

  /** Begins probing, at once and then after each pause. Does not keep the process alive. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    void this.#round();
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
  }

  /** Probes every target once. What is no longer a target is forgotten. */
  async probeOnce(): Promise<void> {
    const waiting = [...new Map(this.#options.targets().map((target) => [key(target), target])).values()];
    const results = new Map<string, boolean>();
    const worker = async () => {
      for (let target = waiting.pop(); target !== undefined; target = waiting.pop()) {
        results.set(key(target), await probe(target, this.#options.timeoutMilliseconds));
      }
    };
    await Promise.all(Array.from({ length: this.#options.concurrency }, worker));
    this.#results = results;
  }

  async #round(): Promise<void> {
    await this.probeOnce();
    if (!this.#running) return;
    this.#timer = setTimeout(() => void this.#round(), this.#options.intervalMilliseconds);
    this.#timer.unref();
  }
}

function key({ address, port, http }: ProbeTarget): string {
  return [address, port, ...(http === undefined ? [] : [http.scheme, http.path, http.codes])].join(" ");
}

function probe(target: ProbeTarget, timeoutMilliseconds: number): Promise<boolean> {
  const { address, port, http } = target;
  if (http === undefined) return connects(target, timeoutMilliseconds);
  return answersWell({ address, port, ...http }, timeoutMilliseconds);
}

/** A TCP check is a handshake and a close: it proves a listener, not TLS and not SIP. */
function connects({ address, port }: ProbeTarget, timeoutMilliseconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: timeoutMilliseconds });
    const settle = (up: boolean) => {
      socket.destroy();
      resolve(up);
    };
    socket.once("connect", () => settle(true));
    socket.once("timeout", () => settle(false));
    socket.once("error", () => settle(false));
  });
}
