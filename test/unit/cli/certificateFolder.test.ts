import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hookDone, installing, isHookDue, oweHook, readInstalled } from "../../../cli/certificateFolder.ts";
import { Refusal } from "../../../inventory/problem.ts";
import type { CertificateFiles } from "../../../plan/certificates/delivery.ts";
import { PROJECT } from "../../support/project.ts";

let folder: string;
let out: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "certificate-folder-"));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  out = mkdtempSync(path.join(folder, "out-"));
});

/** Files that tell by themselves which delivery they are of. */
const delivery = (label: string, withKey = true): CertificateFiles => ({
  "cert.pem": `cert ${label}\n`,
  "chain.pem": `chain ${label}\n`,
  "fullchain.pem": `cert ${label}\nchain ${label}\n`,
  ...(withKey ? { "key.pem": `key ${label}\n` } : {}),
});

/** Takes the steps of a delivery, all or the first of them, as if the process had been killed then. */
function install(files: CertificateFiles, steps = Number.POSITIVE_INFINITY): number {
  const running = installing(out, "exact", files);
  let taken = 0;
  while (taken < steps && running.next().done !== true) taken++;
  return taken;
}

const inPlace = () => readInstalled(out, "exact");
const entries = () => readdirSync(out).sort();

describe("a delivery", () => {
  it("is a link to a folder with the files, readable by all but for the key", () => {
    install(delivery("a"));
    expect(inPlace()).toEqual(delivery("a"));
    expect(lstatSync(path.join(out, "exact")).isSymbolicLink()).toBe(true);
    const mode = (...names: string[]) => statSync(path.join(out, "exact", ...names)).mode & 0o777;
    expect([mode(), mode("cert.pem"), mode("chain.pem"), mode("fullchain.pem"), mode("key.pem")]).toEqual([
      0o755, 0o644, 0o644, 0o644, 0o600,
    ]);
  });

  it("has these modes whatever the process lets others have by default", () => {
    const before = process.umask(0o077);
    try {
      install(delivery("a"));
    } finally {
      process.umask(before);
    }
    expect(statSync(path.join(out, "exact/cert.pem")).mode & 0o777).toBe(0o644);
    expect(statSync(path.join(out, "exact")).mode & 0o777).toBe(0o755);
  });

  it("leaves the folder of the one before, and no older one", () => {
    for (const label of ["a", "b", "c", "d"]) install(delivery(label));
    const folders = entries().filter((entry) => entry.startsWith(".exact-"));
    expect(folders).toHaveLength(2);
    expect(folders).toContain(readlinkSync(path.join(out, "exact")));
    const texts = folders.map((entry) => readFileSync(path.join(out, entry, "cert.pem"), "utf8")).sort();
    expect(texts).toEqual(["cert c\n", "cert d\n"]);
  });

  it("of one profile does not touch the other", () => {
    for (const label of ["a", "b", "c"]) install(delivery(label));
    for (const _ of installing(out, "wildcard", delivery("w")));
    for (const _ of installing(out, "wildcard", delivery("x")));
    expect(inPlace()).toEqual(delivery("c"));
    expect(readInstalled(out, "wildcard")).toEqual(delivery("x"));
  });

  it("without a key leaves none beside the new certificate", () => {
    install(delivery("a"));
    install(delivery("b", false));
    expect(inPlace()).toEqual(delivery("b", false));
  });
});

describe("a delivery that is killed", () => {
  const steps = () => {
    const count = install(delivery("count"));
    rmSync(out, { recursive: true });
    mkdirSync(out);
    return count;
  };

  it("at any step leaves all of the old files or all of the new ones, and the next delivery all of its own", () => {
    const count = steps();
    expect(count).toBeGreaterThan(8);
    const seen = new Set<string>();
    for (let killedAfter = 0; killedAfter <= count; killedAfter++) {
      rmSync(out, { recursive: true });
      mkdirSync(out);
      install(delivery("old"));
      install(delivery("new"), killedAfter);
      const found = inPlace();
      expect([delivery("old"), delivery("new")]).toContainEqual(found);
      seen.add(found["cert.pem"] ?? "");
      install(delivery("next"));
      expect(inPlace()).toEqual(delivery("next"));
      expect(entries().filter((entry) => entry.startsWith(".exact-"))).toHaveLength(2);
    }
    expect(seen).toEqual(new Set(["cert old\n", "cert new\n"]));
  });

  it("at the first ever leaves nothing or all of it", () => {
    const count = steps();
    for (let killedAfter = 0; killedAfter <= count; killedAfter++) {
      rmSync(out, { recursive: true });
      mkdirSync(out);
      install(delivery("first"), killedAfter);
      expect([{}, delivery("first")]).toContainEqual(inPlace());
    }
  });

  it("again and again leaves a whole one every time", () => {
    const kills = fc.array(fc.record({ label: fc.constantFrom("a", "b", "c"), steps: fc.nat({ max: 25 }) }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(kills, (deliveries) => {
        rmSync(out, { recursive: true });
        mkdirSync(out);
        for (const { label, steps } of deliveries) {
          install(delivery(label), steps);
          expect([{}, delivery("a"), delivery("b"), delivery("c")]).toContainEqual(inPlace());
        }
      }),
      { numRuns: 60 },
    );
  });

  it("as a process, by the system, at any moment, leaves a whole one, and a reader never sees a part", async () => {
    const script = `
      import { installing } from ${JSON.stringify(`${PROJECT}cli/certificateFolder.ts`)};
      const files = (label) => ({
        "cert.pem": "cert " + label + "\\n",
        "chain.pem": "chain " + label + "\\n",
        "fullchain.pem": "cert " + label + "\\nchain " + label + "\\n",
        "key.pem": "key " + label + "\\n",
      });
      console.log("ready");
      for (let turn = 0; ; turn++) for (const _ of installing(process.argv[1], "exact", files(turn % 2 ? "b" : "a")));
    `;
    const whole = [delivery("a"), delivery("b")];
    let reads = 0;
    for (let kill = 0; kill < 6; kill++) {
      const child = spawn(process.execPath, ["--input-type=module", "-e", script, out], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      try {
        await once(child.stdout, "data");
        const until = Date.now() + 60 + kill * 17;
        while (Date.now() < until) {
          const chain = readInstalled(out, "exact")["fullchain.pem"];
          if (chain !== undefined) {
            expect(whole.map((files) => files["fullchain.pem"])).toContain(chain);
            reads++;
          }
          await delay(1);
        }
      } finally {
        child.kill("SIGKILL");
        await once(child, "close");
      }
      expect(whole).toContainEqual(inPlace());
    }
    expect(reads).toBeGreaterThan(20);
  });
});

describe("a folder that cannot be used", () => {
  it("is refused where it is a file", () => {
    const file = path.join(out, "file");
    writeFileSync(file, "");
    expect(() => readInstalled(file, "exact")).toThrow(/is no folder \[certificate-folder\]/);
    expect(() => readInstalled(path.join(file, "below"), "exact")).toThrow(Refusal);
  });

  it("is refused where something else has the profile's name, and that stays", () => {
    mkdirSync(path.join(out, "exact"));
    writeFileSync(path.join(out, "exact/key.pem"), "mine");
    expect(() => readInstalled(out, "exact")).toThrow(/is there, and no delivery has put it there/);
    expect(() => install(delivery("a"))).toThrow(Refusal);
    expect(readFileSync(path.join(out, "exact/key.pem"), "utf8")).toBe("mine");
    expect(entries()).toEqual(["exact"]);
  });
});

describe("the hook that is owed", () => {
  it("stays owed until it is done, over any number of deliveries", () => {
    expect(isHookDue(out)).toBe(false);
    oweHook(out);
    install(delivery("a"));
    install(delivery("b"));
    expect(isHookDue(out)).toBe(true);
    hookDone(out);
    expect(isHookDue(out)).toBe(false);
    hookDone(out);
  });
});
