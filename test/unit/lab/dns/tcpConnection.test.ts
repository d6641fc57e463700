import { Duplex } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { serveConnection } from "../../../../lab/dns/tcpConnection.ts";

const IDLE_MILLISECONDS = 1000;

/** A connection whose peer takes an answer only when told to. */
class Peer extends Duplex {
  readonly received: Buffer[] = [];
  #taken: (() => void)[] = [];

  constructor(writableHighWaterMark: number) {
    super({ writableHighWaterMark });
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, taken: () => void): void {
    this.received.push(chunk);
    this.#taken.push(taken);
  }

  /** Reads one answer; false when none is waiting. */
  takeOne(): boolean {
    const taken = this.#taken.shift();
    taken?.();
    return taken !== undefined;
  }
}

/** Everything that is under way without a timer. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => process.nextTick(resolve));
};

const framed = (text: string): Buffer => Buffer.concat([Buffer.from([0, text.length]), Buffer.from(text)]);

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => vi.useRealTimers());

describe("a connection", () => {
  it("takes no further query while its peer does not read, and all of them once it does", async () => {
    const peer = new Peer(20);
    let taken = 0;
    serveConnection(
      peer,
      (message) => {
        taken++;
        return message;
      },
      IDLE_MILLISECONDS,
    );
    peer.push(Buffer.concat(Array.from({ length: 10 }, (_, index) => framed(`query 000${index}`))));
    await settled();
    expect(taken).toBe(2);
    expect(peer.isPaused()).toBe(true);
    peer.push(framed("query 0010"));
    await settled();
    expect(taken).toBe(2);
    while (peer.takeOne()) await settled();
    expect(peer.received.map((answer) => answer.subarray(2).toString())).toEqual(
      Array.from({ length: 11 }, (_, index) => `query ${String(index).padStart(4, "0")}`),
    );
  });

  it("stays open while whole queries come, and no longer", async () => {
    const peer = new Peer(1000);
    serveConnection(peer, (message) => message, IDLE_MILLISECONDS);
    for (let query = 0; query < 3; query++) {
      vi.advanceTimersByTime(IDLE_MILLISECONDS - 1);
      peer.push(framed("query"));
      await settled();
    }
    expect(peer.destroyed).toBe(false);
    vi.advanceTimersByTime(IDLE_MILLISECONDS - 1);
    peer.push(Buffer.from([0]));
    await settled();
    expect(peer.destroyed).toBe(false);
    vi.advanceTimersByTime(1);
    expect(peer.destroyed).toBe(true);
  });

  it("leaves no timer behind when its peer goes", async () => {
    const peer = new Peer(1000);
    serveConnection(peer, (message) => message, IDLE_MILLISECONDS);
    peer.destroy(new Error("reset by peer"));
    await settled();
    expect(vi.getTimerCount()).toBe(0);
  });
});
