import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { STATUSES } from "../../../../inventory/nodeSchema.ts";
import {
  type RecordedFacts,
  STEPS,
  type Standing,
  type Step,
  type StepFacts,
  stepBetween,
  TRANSITIONS,
  verdictOf,
  wayBetween,
} from "../../../../plan/operations/transitions.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1000);

/** Everything known, and every wait over. */
function facts(more: Partial<StepFacts> = {}, recorded: Partial<RecordedFacts> = {}): StepFacts {
  return {
    now: NOW,
    since: ago(100_000),
    noNewCallsSeconds: 780,
    retireSeconds: 18_780,
    holdDownSeconds: 600,
    recorded: { goneSince: ago(90_000), standing: "planned", certificates: "issued", ...recorded },
    ...more,
  };
}

const withoutLedger = (more: Partial<StepFacts> = {}): StepFacts => {
  const { recorded: _, ...rest } = facts(more);
  return rest;
};

/** The life of a node as the manual tells it: what each status may become, by which step. */
const LIFE: Readonly<Record<Standing, Partial<Record<Step, Standing>>>> = {
  absent: { add: "planned", activate: "active" },
  planned: { activate: "active", down: "down", readdress: "planned", retire: "retired", remove: "absent" },
  active: { drain: "draining", down: "down" },
  draining: { undrain: "active", down: "down", readdress: "planned", retire: "retired" },
  down: { activate: "active", readdress: "planned", retire: "retired" },
  retired: { remove: "absent", readdress: "planned" },
};

const PAIRS = (Object.keys(LIFE) as Standing[]).flatMap((from) => STEPS.map((step) => [from, step] as const));

test.each(PAIRS)("from %s, %s is legal only where the life of a node has it", (from, step) => {
  const verdict = verdictOf(from, step, facts());
  const to = LIFE[from][step];
  if (to !== undefined) expect(verdict).toEqual({ allowed: true, to });
  else expect(verdict).toMatchObject({ allowed: false, rule: "state-machine" });
});

test("what callers may hold on to is never given up without the drain envelope", () => {
  const free = TRANSITIONS.filter(({ condition }) => condition !== "drain-envelope");
  const reached = new Set<Standing>(["active", "draining", "down"]);
  for (const at of reached) {
    for (const { from, to } of free) if (from === at) reached.add(to);
  }
  expect([...reached].sort()).toEqual(["active", "down", "draining"]);
});

test("a step that is no step tells what to do instead", () => {
  const ways = (from: Standing, step: Step) => {
    const verdict = verdictOf(from, step, facts());
    return verdict.allowed ? undefined : [verdict.message, verdict.way];
  };
  expect(ways("active", "retire")).toEqual([
    "no step leads from active to retired at once",
    ["drain", "retire"],
  ]);
  expect(ways("active", "remove")?.[1]).toEqual(["drain", "retire", "remove"]);
  expect(ways("draining", "activate")?.[1]).toEqual(["undrain"]);
  expect(ways("down", "undrain")?.[1]).toEqual(["activate"]);
  expect(ways("retired", "activate")?.[1]).toEqual(["readdress", "activate"]);
  expect(ways("draining", "drain")).toEqual(["it is draining already", []]);
  expect(ways("planned", "drain")).toEqual([
    "it is planned: no name lists it, there is nothing to drain",
    [],
  ]);
});

test("every standing is reached from every other one by steps of the table", () => {
  for (const from of [...STATUSES, "absent"] as Standing[]) {
    for (const to of [...STATUSES, "absent"] as Standing[]) {
      const way = wayBetween(from, to);
      const end = way.reduce<Standing>((at, step) => LIFE[at][step] ?? "absent", from);
      expect(end).toBe(to);
    }
  }
});

test("the step between two standings is the one of the table", () => {
  expect(stepBetween("active", "draining")).toBe("drain");
  expect(stepBetween("active", "retired")).toBeUndefined();
  expect(stepBetween("planned", "planned")).toBeUndefined();
});

describe("the drain envelope", () => {
  test.each(["draining", "down"] as const)(
    "holds a node that is %s until it has passed, to the second",
    (from) => {
      const at = (goneSeconds: number) =>
        verdictOf(from, "retire", facts({}, { goneSince: ago(goneSeconds) }));
      expect(at(18_780)).toEqual({ allowed: true, to: "retired" });
      expect(at(18_779)).toMatchObject({
        allowed: false,
        rule: "drain-envelope",
        legalAt: new Date("2026-11-23T12:00:01Z"),
        way: [],
      });
    },
  );

  test("is counted from the rows seen gone, never from the change of the status", () => {
    const recent = facts({ since: ago(1_000_000) }, { goneSince: ago(60) });
    expect(verdictOf("draining", "retire", recent)).toMatchObject({ allowed: false, rule: "drain-envelope" });
    const { goneSince: _, ...notGone } = facts().recorded ?? { certificates: "unknown" };
    const verdict = verdictOf("draining", "retire", facts({ since: ago(1_000_000), recorded: notGone }));
    expect(verdict).toMatchObject({
      allowed: false,
      message: expect.stringContaining("no run has seen its rows gone"),
    });
    expect(verdict).not.toHaveProperty("legalAt");
  });

  test("is not guessed without a ledger", () => {
    const verdict = verdictOf("draining", "retire", withoutLedger({ since: ago(1_000_000) }));
    expect(verdict).toMatchObject({ allowed: false, rule: "drain-envelope" });
    expect(verdict).not.toHaveProperty("legalAt");
  });

  test("ends early for a node that was seen idle, but not while callers may still be told of it", () => {
    const at = (goneSeconds: number) =>
      verdictOf("draining", "retire", facts({ idle: true }, { goneSince: ago(goneSeconds) }));
    expect(at(780)).toEqual({ allowed: true, to: "retired" });
    expect(at(700)).toMatchObject({ allowed: false, legalAt: new Date("2026-11-23T12:01:20Z") });
  });

  test("without a ledger an idle node may be retired, with the doubt told", () => {
    expect(verdictOf("draining", "retire", withoutLedger({ idle: true }))).toEqual({
      allowed: true,
      to: "retired",
      unchecked: "whether a name still lists it: there is no ledger",
    });
  });
});

describe("the hold-down", () => {
  test("is counted from the rows seen gone, and from the change of the status where no run has seen that", () => {
    const gone = facts({ since: ago(10_000) }, { goneSince: ago(599) });
    expect(verdictOf("down", "activate", gone)).toMatchObject({
      allowed: false,
      rule: "hold-down",
      legalAt: new Date("2026-11-23T12:00:01Z"),
    });
    expect(verdictOf("down", "activate", withoutLedger({ since: ago(600) }))).toEqual({
      allowed: true,
      to: "active",
    });
    expect(verdictOf("down", "activate", withoutLedger({ since: ago(30) }))).toMatchObject({
      legalAt: new Date("2026-11-23T12:09:30Z"),
    });
  });

  test("is refused where nobody knows since when the node is down", () => {
    const { since: _, ...unknown } = withoutLedger();
    const verdict = verdictOf("down", "activate", unknown);
    expect(verdict).toMatchObject({ allowed: false, rule: "hold-down" });
    expect(verdict).not.toHaveProperty("legalAt");
  });
});

describe("certificates before calls", () => {
  test.each([
    ["issued", true],
    ["unmanaged", true],
    ["first-update", true],
    ["missing", false],
    ["expired", false],
  ] as const)("a planned node whose certificates are %s may be activated: %s", (certificates, allowed) => {
    const verdict = verdictOf("planned", "activate", facts({}, { certificates }));
    expect(verdict).toMatchObject(allowed ? { allowed, to: "active" } : { allowed, rule: "certificate" });
    expect(verdict).not.toHaveProperty("unchecked");
  });

  test("where nobody knows, the doubt is told", () => {
    const doubt = "whether an earlier update issued its certificates";
    expect(verdictOf("planned", "activate", withoutLedger())).toMatchObject({
      unchecked: `${doubt}: there is no ledger`,
    });
    expect(verdictOf("planned", "activate", facts({}, { certificates: "unknown" }))).toMatchObject({
      unchecked: `${doubt}: the ledger does not tell`,
    });
  });
});

describe("a planned entry that a name has listed", () => {
  test.each(["active", "draining", "down"] as const)(
    "and that was deployed as %s is neither retired nor removed",
    (standing) => {
      for (const step of ["retire", "remove", "readdress"] as const) {
        expect(verdictOf("planned", step, facts({}, { standing }))).toMatchObject({
          allowed: false,
          rule: "never-listed",
        });
      }
    },
  );

  test("nobody knows without a ledger, and that is told", () => {
    expect(verdictOf("planned", "remove", withoutLedger())).toMatchObject({
      allowed: true,
      unchecked: "whether the last update was asked to list it: there is no ledger",
    });
  });
});

test("a step that waits is refused until the time it tells, and legal from then on", () => {
  const seconds = fc.integer({ min: 0, max: 200_000 });
  fc.assert(
    fc.property(
      fc.constantFrom<[Standing, Step][]>(
        ["draining", "retire"],
        ["down", "retire"],
        ["down", "activate"],
        ["down", "readdress"],
      ),
      seconds,
      seconds,
      fc.boolean(),
      ([from, step], gone, since, idle) => {
        const asked = facts({ since: ago(since), ...(idle ? { idle } : {}) }, { goneSince: ago(gone) });
        const verdict = verdictOf(from, step, asked);
        if (verdict.allowed) return;
        const { legalAt } = verdict;
        expect(legalAt?.getTime()).toBeGreaterThan(NOW.getTime());
        const time = legalAt?.getTime() ?? 0;
        expect(verdictOf(from, step, { ...asked, now: new Date(time) }).allowed).toBe(true);
        expect(verdictOf(from, step, { ...asked, now: new Date(time - 1) }).allowed).toBe(false);
      },
    ),
  );
});
