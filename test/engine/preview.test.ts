import { describe, expect, it } from "vitest";
import { runProcess } from "../../engine/process.ts";
import { checkout } from "../support/trackedFiles.ts";

const RUN_SECONDS = 120;

function preview(...args: string[]) {
  return runProcess(process.execPath, ["cli/bin.js", "preview", ...args], {
    cwd: checkout,
    env: process.env,
    timeoutSeconds: RUN_SECONDS,
  });
}

describe("`dialtree preview`", () => {
  it("says first that it is not the real platforms that it asks, then shows every resource of the stack", async () => {
    const { code, stdout, stderr } = await preview("--stack", "prod");
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout.split("\n")[0]).toBe(
      "preview of stack prod without credentials: against the lab's empty platforms, not the real ones",
    );
    expect(stdout).toMatch(/cloudflare:index:DnsRecord global\/cloudflare\/sips-tcp\/geo-a create/);
    expect(stdout).toMatch(/aws:route53:Record global\/route53\/sips-tcp create/);
    expect(stdout).toMatch(/^ +\+ \d{3} to create$/m);
    expect(stdout).not.toMatch(/warning|PRIVATE KEY/);
  });

  it("refuses a stack that is not there, with the names of those that are", async () => {
    const { code, stdout, stderr } = await preview("--stack", "nope");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toBe(
      '--stack: "nope": is no stack of this project [unknown-stack]; choose one of lab, prod, staging\n',
    );
  });
});
