import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Refusal } from "../../../../inventory/problem.ts";
import { readPreview, renewalOnly } from "../../../../plan/certificates/renewalOnly.ts";

const inputs = {
  accountKeyPem: "[secret]",
  commonName: "sip.example.net",
  dnsChallenges: "[secret]",
  minDaysRemaining: 30,
  subjectAlternativeNames: ["*.sip.example.net", "fra1.id.sip.example.net"],
};

/** A step as the engine prints it. */
function step(op: string, types: string, name: string, more: object = {}) {
  const state = { inputs: {}, outputs: {} };
  return {
    op,
    urn: `urn:pulumi:prod::dialtree::${types}::${name}`,
    ...(op === "create" ? {} : { oldState: state }),
    ...(op === "delete" ? {} : { newState: state }),
    detailedDiff: null,
    ...more,
  };
}

const CERTIFICATE = "dialtree:index:Node$acme:index/certificate:Certificate";

function renewal(slot: string, profile: string, more: object = {}) {
  return step("update", CERTIFICATE, `${slot}/acme/${profile}`, {
    oldState: { inputs, outputs: { certificateNotAfter: "2027-02-21T17:10:34Z" } },
    newState: { inputs },
    diffReasons: ["certificatePem"],
    detailedDiff: { certificatePem: { kind: "update", inputDiff: false } },
    ...more,
  });
}

const stack = step("same", "pulumi:pulumi:Stack", "dialtree-prod");
const ledger = step("read", "pulumi:pulumi:StackReference", "ledger");

function verdictOf(steps: readonly object[], diagnostics: readonly object[] = []) {
  const document = { config: {}, steps: [stack, ledger, ...steps], diagnostics, changeSummary: { same: 1 } };
  return renewalOnly(readPreview(JSON.stringify(document), "preview.json"));
}

describe("an unattended renewal", () => {
  it("is let through where certificates are renewed and nothing else changes, each with its end", () => {
    const verdict = verdictOf([
      renewal("fra10", "exact"),
      renewal("fra2", "wildcard"),
      renewal("fra2", "exact"),
    ]);
    expect(verdict).toEqual({
      kind: "renewals",
      renewals: [
        { slot: "fra2", profile: "exact", notAfter: "2027-02-21T17:10:34Z" },
        { slot: "fra2", profile: "wildcard", notAfter: "2027-02-21T17:10:34Z" },
        { slot: "fra10", profile: "exact", notAfter: "2027-02-21T17:10:34Z" },
      ],
      others: [],
      errors: [],
    });
  });

  it("has nothing to do where no step changes anything", () => {
    expect(verdictOf([step("same", CERTIFICATE, "fra1/acme/exact")])).toMatchObject({ kind: "nothing" });
  });

  it("is let through with a warning, and stopped by an error", () => {
    const warning = { severity: "warning", message: "warning: lone-priority\n" };
    const error = { severity: "error", message: "error: refused: 1 problem, nothing was changed\n" };
    expect(verdictOf([renewal("fra1", "exact")], [warning])).toMatchObject({ kind: "renewals", errors: [] });
    expect(verdictOf([renewal("fra1", "exact")], [warning, error])).toMatchObject({
      kind: "other",
      errors: ["error: refused: 1 problem, nothing was changed"],
    });
    expect(verdictOf([], [error])).toMatchObject({ kind: "other" });
  });

  it.each([
    ["a new certificate", step("create", CERTIFICATE, "fra3/acme/exact"), []],
    ["a replaced certificate", renewal("fra1", "exact", { op: "replace" }), []],
    ["a certificate that goes", step("delete", CERTIFICATE, "fra1/acme/exact"), []],
    [
      "another renewal time",
      renewal("fra1", "exact", { newState: { inputs: { ...inputs, minDaysRemaining: 20 } } }),
      ["minDaysRemaining"],
    ],
    [
      "an input that is new",
      renewal("fra1", "exact", { newState: { inputs: { ...inputs, preferredChain: "Test" } } }),
      ["preferredChain"],
    ],
    [
      "other challenges, whose values a preview hides",
      renewal("fra1", "exact", { detailedDiff: { "dnsChallenges[0].provider": { kind: "update" } } }),
      ["dnsChallenges"],
    ],
    [
      "another account, whose key a preview hides",
      renewal("fra1", "exact", { diffReasons: ["accountKeyPem"] }),
      ["accountKeyPem"],
    ],
    ["a certificate without its earlier state", renewal("fra1", "exact", { oldState: undefined }), undefined],
    [
      "a record",
      step("update", "dialtree:index:Pop$cloudflare:index/dnsRecord:DnsRecord", "fra/cloudflare/a"),
      [],
    ],
    [
      "the account",
      step("update", "acme:index/registration:Registration", "acme/account/acme.example.net"),
      [],
    ],
    ["a provider", step("update", "pulumi:providers:acme", "acme/acme.example.net"), []],
    ["a certificate that is no node's", step("update", CERTIFICATE, "spare/certificate"), []],
    ["an operation that this version does not know", step("mend", CERTIFICATE, "fra1/acme/exact"), []],
  ])("is stopped by %s", (_, other, changed) => {
    const verdict = verdictOf([renewal("lhr1", "exact"), other]);
    expect(verdict.kind).toBe("other");
    expect(verdict.renewals).toHaveLength(1);
    expect(verdict.others).toHaveLength(1);
    if (changed !== undefined) expect(verdict.others[0]?.inputs).toEqual(changed);
  });

  it("is never let through with any step beside renewals, in whatever order they stand", () => {
    const other = fc.constantFrom(
      ...[
        "create",
        "update",
        "delete",
        "replace",
        "create-replacement",
        "delete-replaced",
        "import",
        "refresh",
      ].map((op) => step(op, "aws:route53/record:Record", "fra/route53/a")),
    );
    const renewals = fc.uniqueArray(
      fc.tuple(fc.constantFrom("fra1", "lhr1"), fc.constantFrom("exact", "wildcard")),
      {
        selector: String,
      },
    );
    fc.assert(
      fc.property(renewals, fc.array(other, { maxLength: 3 }), fc.nat(), (due, others, shift) => {
        const steps = [...others, ...due.map(([slot, profile]) => renewal(slot, profile))];
        const turned = steps.map((_, index) => steps[(index + shift) % steps.length] ?? stack);
        const { kind, renewals: found } = verdictOf(turned);
        const wanted = others.length > 0 ? "other" : due.length > 0 ? "renewals" : "nothing";
        expect(kind).toBe(wanted);
        expect(found).toHaveLength(due.length);
      }),
    );
  });
});

describe("a document that is no whole preview", () => {
  const whole = JSON.stringify({ steps: [stack], diagnostics: [], changeSummary: { same: 1 } });

  it.each([
    ["nothing", ""],
    ["a part of one", whole.slice(0, -2)],
    ["a line before it", `Previewing update (prod)\n${whole}`],
    ["no steps", JSON.stringify({ steps: [], changeSummary: {} })],
    ["no count of changes", JSON.stringify({ steps: [stack] })],
    ["a list", "[]"],
  ])("is refused, not taken for one without changes: %s", (_, text) => {
    expect(() => readPreview(text, "preview.json")).toThrow(Refusal);
    expect(readPreview(whole, "preview.json").steps).toHaveLength(1);
  });
});
