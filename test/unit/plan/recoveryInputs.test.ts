import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KNOWN_CLIENTS } from "../../../plan/clients/known.ts";
import { planTree } from "../../../plan/plan.ts";
import { drainEnvelope } from "../../../plan/recovery/drain.ts";
import { INPUTS, type InputName, inputRows, resolveInputs } from "../../../plan/recovery/inputs.ts";
import { type NameRecovery, recovery } from "../../../plan/recovery/recovery.ts";
import type { Backend } from "../../../plan/rendering.ts";
import { arbitrarySketch } from "../../support/arbitraryInventory.ts";
import { type InventorySketch, inventoryOf, nodeAt, withNode } from "../../support/inventories.ts";
import { euro, PAIR, recoveries, type Settings, WORLD } from "./recoveryOf.ts";

describe("a drain", () => {
  const { policy } = planTree(inventoryOf(PAIR));
  const minutes = (set: Settings) => drainEnvelope(resolveInputs(policy, set)).retireSeconds / 60;

  test("takes 5 h 13 min, and 13 min until no new call comes", () => {
    const { noNewCallsSeconds, retireSeconds, parts } = drainEnvelope(resolveInputs(policy));
    expect(noNewCallsSeconds).toBe(13 * 60);
    expect(retireSeconds).toBe((5 * 60 + 13) * 60);
    expect(parts.reduce((sum, { seconds }) => sum + seconds, 0)).toBe(retireSeconds);
  });

  test("takes 4 h 18 min with Expires 300 and idle connections closed, and not with one of the two", () => {
    expect(minutes({ expiresSeconds: 300, connectionIdleSeconds: 0 })).toBe(4 * 60 + 18);
    expect(minutes({ expiresSeconds: 300 })).toBe(5 * 60 + 13);
    expect(minutes({ connectionIdleSeconds: 0 })).toBe(5 * 60 + 13);
  });

  test("waits for the longest TTL that lists the node", () => {
    expect(minutes({ geoTtlSeconds: 120 })).toBe(5 * 60 + 15);
  });
});

describe("inputs", () => {
  const { policy } = planTree(inventoryOf({ ...PAIR, policy: { ttlSeconds: { srv: 90 } } }));

  test("are told with their source, and as set where they are", () => {
    const rows = inputRows(resolveInputs(policy, { noticeSeconds: 600 }));
    expect(rows.map(({ name }) => name)).toEqual(Object.keys(INPUTS));
    expect(rows).toContainEqual(
      expect.objectContaining({
        name: "srvTtlSeconds",
        value: 90,
        source: "tree.json policy.ttlSeconds.srv",
      }),
    );
    expect(rows).toContainEqual(
      expect.objectContaining({ name: "noticeSeconds", value: 600, source: "set" }),
    );
    expect(rows).toContainEqual(expect.objectContaining({ name: "deadTargetSeconds", value: null }));
    for (const { source, meaning } of rows) expect([source, meaning]).not.toContain("");
  });

  test.each<[InputName, number]>([
    ["ttlStretch", 0.5],
    ["noticeSeconds", -1],
    ["noticeSeconds", Number.POSITIVE_INFINITY],
    ["noticeSeconds", Number.NaN],
    ["deadTargetsAhead", 1.5],
    ["callsPerMinute", 0],
  ])("%s cannot be %d", (name, value) => {
    expect(() => resolveInputs(policy, { [name]: value })).toThrow(RangeError);
  });

  test("every input changes something", () => {
    const sketch = withNode(WORLD, "ams1", { role: "primary" });
    const run = (set: Settings) => {
      const tree = planTree(inventoryOf(sketch));
      const inputs = resolveInputs(tree.policy, { keepaliveSeconds: 20, ...set });
      return JSON.stringify([
        recovery(tree, "cloudflare", inputs),
        recovery(tree, "route53", inputs),
        drainEnvelope(inputs),
      ]);
    };
    const usual = run({});
    for (const name of Object.keys(INPUTS) as InputName[]) {
      // 40: past the caller's patience, and unlike any default.
      const changed = name === "expiresSeconds" || name === "connectionIdleSeconds" ? 30 : 40;
      expect([name, run({ [name]: changed }) !== usual]).toEqual([name, true]);
    }
  });
});

describe("over random trees", () => {
  const backend = fc.constantFrom<Backend>("cloudflare", "route53", "static");
  const callLines = ({ srv, addresses, site }: NameRecovery) => [
    ...srv,
    ...addresses,
    ...(site?.srv ?? []),
    ...(site?.addresses ?? []),
  ];

  test("shares are between 0 and 1, late and lost together too, and times are numbers", () => {
    fc.assert(
      fc.property(arbitrarySketch, backend, (sketch, at) => {
        for (const name of recoveries(sketch, at)) {
          expect(name.node.share > 0 && name.node.share <= 1).toBe(true);
          for (const { lateShare, lostShare, oneCallersShare, recoverySeconds, delaySeconds } of callLines(
            name,
          )) {
            expect(lateShare >= 0 && lostShare >= 0 && lateShare + lostShare <= 1 + 1e-9).toBe(true);
            expect(oneCallersShare).toBeGreaterThanOrEqual(lateShare + lostShare - 1e-9);
            expect(oneCallersShare).toBeLessThanOrEqual(1 + 1e-9);
            expect(Number.isFinite(recoverySeconds) && recoverySeconds >= 0 && delaySeconds >= 0).toBe(true);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  test("every known client is told of on every published wire, once", () => {
    fc.assert(
      fc.property(arbitrarySketch, backend, (sketch, at) => {
        for (const { srv, addresses, unreached } of recoveries(sketch, at)) {
          const lines = [...srv, ...addresses].filter(({ failure }) => failure === "503");
          const told = [...lines, ...unreached].map(({ client, wire }) => `${client} ${wire}`);
          expect(new Set(told).size).toBe(told.length);
          expect(told.length % KNOWN_CLIENTS.length).toBe(0);
          expect(told.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 40 },
    );
  });

  test.each<[InputName, number]>([
    ["srvTtlSeconds", 10],
    ["addressTtlSeconds", 10],
    ["geoTtlSeconds", 10],
    ["ttlStretch", 1],
    ["noticeSeconds", 10],
    ["applySeconds", 10],
    ["publicationSeconds", 10],
    ["probeIntervalSeconds", 10],
    ["probeTimeoutSeconds", 1],
    ["probeRetries", 0],
    ["probeFailureThreshold", 1],
    ["steeringSeconds", 0],
    ["deadTargetSeconds", 0],
    ["deadTargetsAhead", 1],
    ["keepaliveWaitSeconds", 0],
    ["expiresSeconds", 10],
    ["registrationRetrySeconds", 0],
    ["holdDownSeconds", 0],
    ["callSeconds", 0],
  ])("a higher %s recovers nobody sooner, and retires no node sooner", (input, from) => {
    const steps = fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 4000 }));
    fc.assert(
      fc.property(arbitrarySketch, backend, steps, (sketch, at, [first, step]) => {
        const low = { keepaliveSeconds: 30, [input]: from + first };
        const high = { ...low, [input]: from + first + step };
        const times = (set: Settings) => {
          const tree = planTree(inventoryOf(sketch));
          const inputs = resolveInputs(tree.policy, set);
          return [
            drainEnvelope(inputs).retireSeconds,
            ...recovery(tree, at, inputs).flatMap((name) =>
              [
                ...callLines(name),
                ...name.registration.srv,
                ...name.registration.addresses,
                ...name.failback,
              ].map(({ recoverySeconds }) => recoverySeconds),
            ),
          ];
        };
        const [before, after] = [times(low), times(high)];
        expect(after).toHaveLength(before.length);
        expect(before.filter((seconds, index) => seconds > (after[index] ?? 0) + 1e-6)).toEqual([]);
      }),
      { numRuns: 8 },
    );
  });

  test("a further node at a name of primaries never makes a larger part of its calls meet the dead one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), (count) => {
        const fleet = (of: number): InventorySketch => ({
          nodes: Array.from({ length: of }, (_, index) => nodeAt("euro", `fra${index + 1}`)),
        });
        expect(euro(fleet(count + 1)).node.share).toBeLessThan(euro(fleet(count)).node.share);
      }),
    );
  });
});

test("names that are offered alike share their lines, so that a large fleet needs few", () => {
  const nodes = Array.from({ length: 10_000 }, (_, index) => {
    const pop = `p${Math.floor(index / 4)}x`;
    return nodeAt("euro", `${pop}${index % 4}`, {
      pop,
      ip: `127.${index >> 15}.${(index >> 7) & 255}.${(index & 127) + 1}`,
    });
  });
  const names = recoveries({ nodes }, "static");
  expect(names.length).toBe(2502);
  expect(new Set(names.map(({ srv }) => srv)).size).toBeLessThan(5);
  expect(new Set(names.map(({ registration }) => registration.srv)).size).toBeLessThan(5);
});
