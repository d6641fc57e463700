import { describe, expect, test } from "vitest";
import { withOverride } from "../../../../inventory/edit/overrides.ts";
import { readJsonc } from "../../../../inventory/jsonc.ts";

const OVERRIDE = {
  rule: "hold-down",
  scope: "fra1",
  reason: 'power is back, "load" is high',
  until: "2026-11-24T12:00:00Z",
};

const valueIn = (text: string) => {
  const reading = readJsonc(text);
  return "document" in reading ? structuredClone(reading.document.value) : reading.faults;
};

describe("an override", () => {
  test("is the first one behind the other keys of the environment", () => {
    const text =
      '{\n  "environment": {\n    "domain": "sip.example.net", // for ever\n  },\n  "policy": {},\n}\n';
    const after = withOverride(text, OVERRIDE);
    expect(valueIn(after)).toEqual({
      environment: { domain: "sip.example.net", overrides: [OVERRIDE] },
      policy: {},
    });
    expect(after.startsWith(text.slice(0, text.indexOf("  },")))).toBe(true);
  });

  test("stands behind those of other rules and scopes", () => {
    const others = [
      { ...OVERRIDE, scope: "fra2" },
      { ...OVERRIDE, rule: "drain-envelope" },
    ];
    const text = JSON.stringify(
      { environment: { domain: "sip.example.net", overrides: others } },
      undefined,
      2,
    );
    expect(valueIn(withOverride(text, OVERRIDE))).toMatchObject({
      environment: { overrides: [...others, OVERRIDE] },
    });
  });

  test("takes the place of an earlier one of its rule and scope", () => {
    const earlier = { ...OVERRIDE, until: "2026-11-20T12:00:00Z" };
    const other = { ...OVERRIDE, scope: "fra2" };
    const text = JSON.stringify(
      { environment: { domain: "sip.example.net", overrides: [earlier, other] } },
      undefined,
      2,
    );
    const after = withOverride(text, OVERRIDE);
    expect(valueIn(after)).toMatchObject({ environment: { overrides: [OVERRIDE, other] } });
  });

  test("is the only one of an empty list", () => {
    const text = '{ "environment": { "domain": "sip.example.net", "overrides": [] } }';
    expect(valueIn(withOverride(text, OVERRIDE))).toMatchObject({ environment: { overrides: [OVERRIDE] } });
  });
});
