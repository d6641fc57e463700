import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LINT_RULE_IDS } from "../../../../inventory/lintRuleIds.ts";
import { loadInventory } from "../../../../inventory/load.ts";
import { problemLine, Refusal } from "../../../../inventory/problem.ts";
import { checkedRenderings } from "../../../../plan/checkedRender.ts";
import { type LintFinding, lint, toProblem, warningLines } from "../../../../plan/lint/lint.ts";
import { planTree } from "../../../../plan/plan.ts";
import { arbitrarySketch, reordered } from "../../../support/arbitraryInventory.ts";
import { inventoryOf, nodeAt } from "../../../support/inventories.ts";
import { PLANNER_GUARDS } from "../../../support/plannerGuards.ts";
import { checkout } from "../../../support/trackedFiles.ts";
import { changed, findings, PAIRS, type Plan, WORLD, withNodes, withPolicy } from "./lintOf.ts";

const LONE: Plan = withNodes(PAIRS, nodeAt("euro", "ams1", { role: "standby" }));

function ofRule(all: readonly LintFinding[], rule: LintFinding["rule"]): LintFinding[] {
  return all.filter((finding) => finding.rule === rule);
}

describe("the level of a rule", () => {
  const changedTo = (level: "off" | "note" | "error") =>
    ofRule(
      findings(withPolicy(LONE, { lint: { "lone-priority": { level, reason: "no Linphone here" } } })),
      "lone-priority",
    );

  test("is its own where the policy says nothing, without a reason", () => {
    const [finding] = ofRule(findings(LONE), "lone-priority");
    expect(finding).toMatchObject({ level: "warning" });
    expect(finding).not.toHaveProperty("reason");
  });

  test("is that of the policy, with its reason in the finding and in its line", () => {
    const [finding] = changedTo("error");
    expect(finding).toMatchObject({ level: "error", reason: "no Linphone here" });
    expect(problemLine(toProblem(finding as LintFinding))).toMatch(
      /^nodes\.json: region euro: .+ \(level by policy\.lint: no Linphone here\) \[lone-priority\]; give /,
    );
  });

  test("off leaves the rule's findings out", () => {
    expect(changedTo("off")).toEqual([]);
  });
});

describe("findings", () => {
  test("come with errors first, then warnings, then notes, each in the order of the rules", () => {
    const all = findings(
      withPolicy(LONE, { lint: { "key-in-state": { level: "error", reason: "policy of the house" } } }),
    );
    const rank = all.map(
      ({ level, rule }) =>
        ["error", "warning", "note"].indexOf(level) * LINT_RULE_IDS.length + LINT_RULE_IDS.indexOf(rule),
    );
    expect(rank).toEqual([...rank].sort((a, b) => a - b));
    expect(new Set(all.map(({ level }) => level))).toEqual(new Set(["error", "warning", "note"]));
  });

  test("of two platforms are one, with the platform only where the other has it not", () => {
    const all = findings(WORLD);
    const keys = all.map(({ rule, about, message }) => `${rule} ${about} ${message}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(ofRule(all, "single-address-answer")).toMatchObject([{ backends: ["cloudflare"] }]);
    expect(ofRule(all, "listener-probe")[0]).not.toHaveProperty("backends");
  });

  test("are lines that a person can act on", () => {
    for (const finding of findings(LONE)) {
      expect(problemLine(toProblem(finding))).not.toMatch(/[\n\r]|undefined|\[object/);
      expect(finding.remedy.length).toBeGreaterThan(8);
    }
  });
});

describe("before a deployment", () => {
  test("errors are refused, all at once, and nothing else is", () => {
    const { lint: _, ...policy } = LONE.policy ?? {};
    const all = findings({
      ...LONE,
      policy: { ...policy, lint: { "lone-priority": { level: "error", reason: "Linphone is everywhere" } } },
    });
    const refused = () => warningLines(all);
    expect(refused).toThrow(Refusal);
    try {
      refused();
    } catch (error) {
      expect((error as Refusal).problems.map(({ rule }) => rule)).toEqual(["lone-priority", "lone-priority"]);
    }
  });

  test("warnings are handed on as lines where there is no error, and notes are not", () => {
    const all = findings(LONE);
    const warnings = all.filter(({ level }) => level === "warning");
    expect(warnings.length).toBeGreaterThan(0);
    expect(warnings.length).toBeLessThan(all.length);
    expect(warningLines(all)).toEqual(warnings.map((finding) => problemLine(toProblem(finding))));
  });

  test("of one rule the first ten warnings are handed on, and how many more there are", () => {
    const nodes = Array.from({ length: 12 }, (_, i) => nodeAt("euro", `fra${i + 1}`, { status: "draining" }));
    const lines = warningLines(
      findings(withNodes({ ...PAIRS, nodes: [] }, nodeAt("euro", "lhr1"), ...nodes)),
    );
    expect(lines.filter((line) => line.includes("[draining-without-since]"))).toHaveLength(10);
    expect(lines).toContain("2 more of draining-without-since: npx dialtree lint shows them");
  });
});

test.each(["prod", "staging", "lab"])("the stack %s has no error on either platform", (stack) => {
  const inventory = loadInventory(`${checkout}/inventory/${stack}`);
  const tree = planTree(inventory);
  const renderings = checkedRenderings(tree, ["cloudflare", "route53"], inventory);
  const all = lint({ inventory, tree, renderings });
  expect(all.length).toBeGreaterThan(0);
  expect(all.filter(({ level }) => level === "error")).toEqual([]);
});

test("the article's own set of priorities 10, 10 and 20 is told to hide its standby node from Linphone", () => {
  const inventory = loadInventory(`${checkout}/test/golden/002-article-euro`, { domain: "sip.example.net" });
  const tree = planTree(inventory);
  const renderings = checkedRenderings(tree, ["static"], inventory);
  expect(ofRule(lint({ inventory, tree, renderings }), "lone-priority")).toContainEqual(
    expect.objectContaining({
      level: "warning",
      about: "region euro",
      message: "the priorities are 10, 10, 20: Linphone never tries ams1, alone at 20",
    }),
  );
});

test("a node whose own entry asks for the wildcard alone is told, and its neighbours are not", () => {
  const plan = changed(PAIRS, "fra2", { certificates: { profiles: ["wildcard"] } });
  expect(ofRule(findings(plan), "wildcard-only")).toMatchObject([
    {
      about: "certificates.profiles",
      message: expect.stringMatching(/^\*\.sip\.example\.net is all that fra2 has: /),
    },
  ]);
  expect(ofRule(findings(plan), "uncovered-name")).toEqual([]);
});

const BACKENDS = ["cloudflare", "route53", "static"] as const;

/** The sketch at the platforms that can express its areas. */
function lintAnywhere(sketch: Plan): LintFinding[] {
  return BACKENDS.flatMap((backend) => {
    try {
      return findings({ ...sketch, backends: [backend] });
    } catch (error) {
      if (error instanceof Refusal) return [];
      throw error;
    }
  });
}

describe("over random inventories", () => {
  test("the planner never sets off the rules that guard it", () => {
    fc.assert(
      fc.property(arbitrarySketch, (sketch) => {
        expect(lintAnywhere(sketch).filter(({ rule }) => rule in PLANNER_GUARDS)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test("the same inventory in another order has the same findings", () => {
    fc.assert(
      fc.property(arbitrarySketch, fc.nat(), (sketch, salt) => {
        expect(lintAnywhere(reordered(sketch, salt))).toEqual(lintAnywhere(sketch));
      }),
      { numRuns: 60 },
    );
  });

  test("the tree holds what it promises of sets, weights, times and addresses", () => {
    fc.assert(
      fc.property(arbitrarySketch, (sketch) => {
        const inventory = inventoryOf(sketch);
        const tree = planTree(inventory);
        const { maxTargets } = tree.policy.setSize;
        const regionOf = new Map(tree.nodes.map(({ slot, region }) => [slot, region]));
        const status = new Map(tree.nodes.map((node) => [node.slot, node.status]));
        for (const tier of [...tree.pops, ...tree.regions, tree.global]) {
          const listed = tier.groups.flatMap(({ members }) => members);
          expect(listed.length).toBeGreaterThan(0);
          expect(listed.length).toBeLessThanOrEqual(Math.max(2, maxTargets));
          for (const { slot, weight } of listed) {
            expect(status.get(slot)).toBe("active");
            expect(weight).toBeGreaterThan(0);
          }
          const regions = new Set(listed.map(({ slot }) => regionOf.get(slot)));
          if (tier.kind !== "global") expect(regions.size).toBe(1);
        }
        const [rendering] = checkedStatic(sketch);
        const ttls = Map.groupBy(rendering?.records ?? [], ({ record }) => `${record.name} ${record.type}`);
        for (const set of ttls.values()) {
          expect(new Set(set.map(({ record }) => record.ttlSeconds)).size).toBe(1);
          const ports = set.flatMap(({ record }) => (record.type === "SRV" ? [record.port] : []));
          expect(new Set(ports).size).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 150 },
    );
  });
});

function checkedStatic(sketch: Plan) {
  const inventory = inventoryOf(sketch);
  return checkedRenderings(planTree(inventory), ["static"], inventory);
}
