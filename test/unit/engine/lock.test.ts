import { once } from "node:events";
import { access, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withLock } from "../../../engine/lock.ts";
import { type Machine, makeMachine } from "./machine.ts";

let machine: Machine;
let path: string;
const onWait = () => {};
beforeEach(async () => {
  machine = await makeMachine();
  path = join(machine.folder, "below", "engine");
});
afterEach(() => machine.remove());

describe("the lock", () => {
  it("is there while work is done, and gone after it, also when the work fails", async () => {
    const work = async () => {
      await access(`${path}.lock`);
      throw new Error("the work failed");
    };
    await expect(withLock(path, { onWait }, work)).rejects.toThrow("the work failed");
    await expect(access(`${path}.lock`)).rejects.toThrow("ENOENT");
  });

  it("that another process took over stops the work, is refused with a remedy, and is left to that process", async () => {
    const work = async (lost: AbortSignal) => {
      await rm(`${path}.lock`, { recursive: true });
      await once(lost, "abort");
      await mkdir(`${path}.lock`);
    };
    const stopped = withLock(path, { onWait }, async (lost) => {
      await work(lost);
      throw new Error("stopped");
    });
    await expect(stopped).rejects.toThrow("run the command again");
    await access(`${path}.lock`);
  });
});
