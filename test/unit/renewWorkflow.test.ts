import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { checkout } from "../support/trackedFiles.ts";

interface Workflow {
  readonly on: { readonly schedule: readonly { readonly cron: string }[] };
  readonly concurrency: { readonly group: string; readonly "cancel-in-progress": boolean };
  readonly env: { readonly STACK: string };
  readonly jobs: {
    readonly renew: {
      readonly "timeout-minutes": number;
      readonly steps: readonly { readonly name?: string; readonly run?: string; readonly if?: string }[];
    };
  };
}

const workflow = parse(readFileSync(path.join(checkout, ".github/workflows/renew.yml"), "utf8")) as Workflow;
const { steps } = workflow.jobs.renew;
const position = (pattern: RegExp) => steps.findIndex(({ run }) => run !== undefined && pattern.test(run));

describe("the renewal workflow", () => {
  it("runs twice a day, at hours twelve apart", () => {
    const [minute, hours, ...rest] = workflow.on.schedule.flatMap(({ cron }) => cron.split(" "));
    expect(workflow.on.schedule).toHaveLength(1);
    expect(Number(minute)).toBeGreaterThan(0);
    expect(hours?.split(",").map(Number)).toEqual([4, 16]);
    expect(rest).toEqual(["*", "*", "*"]);
  });

  it("waits for any other update of the stack, and is never cut off by one", () => {
    expect(workflow.concurrency).toEqual({
      group: `deploy-${workflow.env.STACK}`,
      "cancel-in-progress": false,
    });
  });

  it("takes the deployed commit before it installs anything of it", () => {
    const order = [
      /stack history/,
      /git checkout --detach/,
      /npm ci/,
      /DIALTREE_NOW=/,
      /pulumi preview/,
      /pulumi up/,
    ];
    const positions = order.map(position);
    expect(positions).not.toContain(-1);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  });

  it("takes the time once", () => {
    expect(steps.filter(({ run }) => run?.includes("date -u"))).toHaveLength(1);
  });

  it("never refreshes", () => {
    const commands = steps.flatMap(({ run }) => run?.match(/pulumi (?:preview|up|refresh)\b.*/g) ?? []);
    expect(commands).toHaveLength(2);
    for (const command of commands) expect(command).toContain("--refresh=false");
  });

  it("updates only behind the gate, and ends in time to give the state's lock back", () => {
    const update = steps[position(/pulumi up/)];
    expect(update?.if).toBe("steps.gate.outputs.due == 'true'");
    const [, minutes] = /timeout --signal=INT (\d+)m pulumi up/.exec(update?.run ?? "") ?? [];
    expect(Number(minutes)).toBeLessThanOrEqual(workflow.jobs.renew["timeout-minutes"] - 15);
  });

  it("looks at the certificates that are left whatever has happened", () => {
    const last = steps.at(-1);
    expect(last?.run).toContain("cert status");
    expect(last?.if).toMatch(/^always\(\)/);
  });
});
