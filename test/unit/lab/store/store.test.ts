import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import { addressRecord, memoryCloudflare } from "../../../support/labStores.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dialtree-store-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a store that was closed opens with the same rows and goes on counting", async () => {
  const first = memoryCloudflare({ folder });
  const { id } = await first.dns.create("z1", addressRecord);
  first.store.close();
  const second = memoryCloudflare({ folder });
  expect(second.dns.rows("z1")).toEqual(first.dns.rows("z1"));
  await second.dns.delete("z1", id);
  expect(second.store.operations.map(({ sequence, operation }) => `${sequence} ${operation}`)).toEqual([
    "1 create",
    "2 delete",
  ]);
  second.store.close();
  expect(memoryCloudflare({ folder }).dns.rows("z1")).toEqual([]);
});

test("a store that was never closed is rebuilt from its log, without a torn last line", async () => {
  const first = memoryCloudflare({ folder });
  await first.dns.create("z1", addressRecord);
  const log = join(folder, "operations.jsonl");
  appendFileSync(log, '{"sequence":2,"operation":"del');
  const second = memoryCloudflare({ folder });
  expect(second.dns.rows("z1")).toHaveLength(1);
  await second.dns.create("z1", { ...addressRecord, content: "192.0.2.2" });
  const lines = readFileSync(log, "utf8").trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line).sequence)).toEqual([1, 2]);
});

test("what was answered before SIGKILL is there after it, and nothing is there by half", async () => {
  const script = `
    const { Store } = await import(new URL("store.ts", process.argv[1]));
    const { CloudflareDns } = await import(new URL("cloudflareDns.ts", process.argv[1]));
    const zones = [{ zoneId: "z1", accountId: "acc1", zone: "example.net" }];
    const dns = new CloudflareDns(new Store({ folder: process.argv[2] }), zones);
    for (let n = 0; ; n++) {
      const row = await dns.create("z1", { name: "n" + n, type: "A", content: "192.0.2.1", ttl: 60 });
      console.log(row.id);
      if (n % 3 === 0) { await dns.delete("z1", row.id); console.log("-" + row.id); }
      await new Promise((resolve) => setImmediate(resolve));
    }`;
  const modules = new URL("../../../../lab/store/", import.meta.url).href;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script, modules, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const answered: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    answered.push(line);
    if (answered.length === 700) child.kill("SIGKILL");
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  const { dns, store } = memoryCloudflare({ folder });
  const rows = new Set(dns.rows("z1").map((row) => row.id));
  const gone = new Set(answered.filter((line) => line.startsWith("-")).map((line) => line.slice(1)));
  const created = answered.filter((line) => !line.startsWith("-"));
  expect(answered.length).toBeGreaterThanOrEqual(700);
  // The last creation may have been deleted without its answer having been read.
  expect(created.slice(0, -1).filter((id) => !gone.has(id) && !rows.has(id))).toEqual([]);
  expect([...gone].filter((id) => rows.has(id))).toEqual([]);
  expect(store.operations.map(({ sequence }) => sequence)).toEqual(
    store.operations.map((_, index) => index + 1),
  );
});

test("a fault answers as told, so many times, for the requests that it names", async () => {
  const { store, dns } = memoryCloudflare();
  store.faults.failNext({ platform: "cloudflare", operation: "create", times: 1, mode: "error" });
  store.faults.failNext({ platform: "cloudflare", name: "fra2.example.net", times: 1, mode: "throttle" });
  await expect(dns.create("z1", addressRecord)).rejects.toMatchObject({ status: 500 });
  await dns.create("z1", addressRecord);
  const second = { ...addressRecord, name: "fra2.example.net" };
  await expect(dns.create("z1", second)).rejects.toMatchObject({ status: 429 });
  await dns.create("z1", second);
  expect(dns.rows("z1")).toHaveLength(2);
});

test("a request whose answer is lost has taken effect, and the log says so", async () => {
  const { store, dns } = memoryCloudflare();
  store.faults.failNext({ platform: "cloudflare", kind: "dnsRecord", times: 1, mode: "lost-answer" });
  await expect(dns.create("z1", addressRecord)).rejects.toMatchObject({ status: 503 });
  expect(dns.rows("z1")).toHaveLength(1);
  expect(store.operations).toMatchObject([{ sequence: 1, operation: "create", answerLost: true }]);
});

test("the hook holds a request back until it returns", async () => {
  const { store, dns } = memoryCloudflare();
  const seen: string[] = [];
  store.onOperation(async ({ operation, name }) => {
    seen.push(`${operation} ${name} with ${dns.rows("z1").length} rows`);
  });
  await dns.create("z1", addressRecord);
  expect(seen).toEqual(["create fra1.example.net with 0 rows"]);
});
