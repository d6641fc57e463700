import { describe, expect, it } from "vitest";
import { problemLine, Refusal } from "../../../../inventory/problem.ts";
import { nodeOutputs } from "../../../../plan/certificates/nodeOutputs.ts";
import { LEDGER_VERSION } from "../../../../plan/ledger.ts";
import { outputsOf } from "../../../support/publishedOutputs.ts";

const outputs = outputsOf({
  slots: ["fra1", "fra2", "fra10"],
  certificates: [
    { slot: "fra1", profile: "wildcard", certificatePem: "W1" },
    { slot: "fra2", profile: "exact", certificatePem: "E2" },
    { slot: "fra1", profile: "exact", certificatePem: "E1" },
  ],
  privateKeys: [{ slot: "fra2", profile: "exact", privateKeyPem: "K2" }],
});

function refusalOf(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof Refusal) return error.problems.map(problemLine);
    throw error;
  }
  return [];
}

describe("the outputs of a stack, for one node", () => {
  it("are its name, its certificates by profile, and the keys that the provider made for it", () => {
    expect(nodeOutputs(outputs, "fra1", "outputs.json")).toMatchObject({
      name: "fra1.sip.example.net",
      domain: "sip.example.net",
      certificates: [
        { profile: "exact", certificatePem: "E1" },
        { profile: "wildcard", certificatePem: "W1" },
      ],
      keys: [],
    });
    expect(nodeOutputs(outputs, "fra2", "outputs.json").keys).toMatchObject([{ privateKeyPem: "K2" }]);
    expect(nodeOutputs(outputs, "fra10", "outputs.json").certificates).toEqual([]);
  });

  it("say that keys are masked, as the engine prints them unless it is asked for secrets", () => {
    const masked = outputsOf({ slots: ["fra1"], certificates: [] });
    expect(nodeOutputs(masked, "fra1", "outputs.json").keys).toBe("masked");
  });

  it.each([
    ["fra11", "--node: fra11: is no node that the stack has deployed [unknown-node]; did you mean fra1?"],
    [
      "toString",
      "--node: toString: is no node that the stack has deployed [unknown-node]; choose one of fra1, fra2, fra10",
    ],
  ])("hold no node %s", (slot, line) => {
    expect(refusalOf(() => nodeOutputs(outputs, slot, "outputs.json"))).toEqual([line]);
  });

  it.each([
    ["a list", [], "outputs.json: is no object of stack outputs"],
    ["nothing", null, "outputs.json: is no object of stack outputs"],
    ["no names", { ...outputs, names: undefined }, "outputs.json: names: is missing"],
    [
      "a certificate without its text",
      { ...outputs, certificates: [{ slot: "fra1", profile: "exact" }] },
      "outputs.json: certificates.0.certificatePem: is missing",
    ],
    [
      "another profile",
      { ...outputs, certificates: [{ slot: "fra1", profile: "mtls", certificatePem: "" }] },
      "outputs.json: certificates.0.profile: is missing, or not as",
    ],
  ])("are refused where they are none: %s", (_, value, line) => {
    const [found] = refusalOf(() => nodeOutputs(value, "fra1", "outputs.json"));
    expect(found).toContain(line);
    expect(found).toContain("[stack-outputs]");
  });

  it("of a newer version are refused as that, whatever their shape is", () => {
    const newer = { renamed: {}, ledger: { version: LEDGER_VERSION + 1 } };
    const [found] = refusalOf(() => nodeOutputs(newer, "fra1", "outputs.json"));
    expect(found).toContain("was written by another dialtree");
  });
});
