import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CLIENTS } from "../../../inventory/clients.ts";
import { CLIENT_PROFILES, KNOWN_CLIENTS, type KnownClient } from "../../../plan/clients/known.ts";
import { FAILURES, type Failure } from "../../../plan/clients/reaction.ts";
import { SHARE_MODELS, shares } from "../../../plan/clients/shares.ts";
import { refreshRecoveryTables } from "../../../plan/recovery/describe.ts";
import { checkout } from "../../support/trackedFiles.ts";

const MANUAL = `${checkout}/docs/recovery.md`;

/** `outcome seconds` over UDP, TCP and TLS; `?` behind what was not run. */
function cells(client: KnownClient, failure: Failure): string[] {
  const reactions = CLIENT_PROFILES.get(client)?.reactions[failure];
  return (["udp", "tcp", "tls"] as const).map((wire) => {
    const reaction = reactions?.[wire];
    if (reaction === undefined) return "-";
    const { outcome, afterSeconds, basis } = reaction;
    return `${outcome} ${afterSeconds}${basis === "measured" ? "" : "?"}`;
  });
}

describe("a dead target costs what was measured, over UDP, TCP and TLS", () => {
  test.each<[KnownClient, Record<Exclude<Failure, "certificate">, string[]>]>([
    [
      "pjsip",
      {
        refused: ["fails 32", "next 0", "next 0"],
        "black-hole": ["fails 32", "fails 32", "fails 32"],
        silent: ["fails 32", "fails 32", "fails 32"],
        "503": ["fails 0", "fails 0", "fails 0"],
      },
    ],
    [
      "sofia-sip",
      {
        refused: ["next 0", "next 0", "next 0"],
        "black-hole": ["next 32", "next 32", "next 32"],
        silent: ["next 32", "next 32", "next 32"],
        "503": ["fails 0", "fails 0", "fails 0"],
      },
    ],
    [
      "sipgo",
      {
        refused: ["fails 32", "fails 0", "fails 0?"],
        "black-hole": ["fails 32", "fails 60", "fails 60?"],
        silent: ["fails 32", "fails 32", "fails 32?"],
        "503": ["fails 0", "fails 0", "fails 0?"],
      },
    ],
    [
      "belle-sip",
      {
        refused: ["fails 32", "next 0", "next 0"],
        "black-hole": ["fails 32", "next 63", "next 63"],
        silent: ["fails 32", "fails 32", "fails 32?"],
        "503": ["fails 0", "fails 0", "fails 0"],
      },
    ],
    [
      "baresip",
      {
        refused: ["next 32", "next 0", "next 0"],
        "black-hole": ["next 32", "next 32", "next 32"],
        silent: ["next 32", "next 32", "next 32"],
        "503": ["next 0", "next 0", "next 0"],
      },
    ],
    [
      "kamailio-default",
      {
        refused: ["fails 30", "fails 0", "fails 0"],
        "black-hole": ["fails 30", "fails 30", "fails 30"],
        silent: ["fails 30", "fails 30", "fails 30"],
        "503": ["fails 0", "fails 0", "fails 0"],
      },
    ],
    [
      "kamailio-failover",
      {
        refused: ["next 30", "next 0", "next 0"],
        "black-hole": ["next 30", "next 30", "next 30"],
        silent: ["next 30", "next 30", "next 30"],
        "503": ["next 0", "next 0", "next 0"],
      },
    ],
  ])("%s", (client, expected) => {
    for (const failure of ["refused", "black-hole", "silent", "503"] as const) {
      expect(cells(client, failure)).toEqual(expected[failure]);
    }
  });

  test("a certificate with the wrong name", () => {
    const tls = (client: KnownClient) => cells(client, "certificate")[2];
    expect(tls("pjsip")).toBe("next 0");
    expect(tls("belle-sip")).toBe("next 0");
    expect(tls("sofia-sip")).toBe("next 32.1");
    expect(tls("sipgo")).toBe("fails 0");
    expect(tls("baresip")).toBe("unnoticed 0");
    expect(tls("kamailio-default")).toBe("unnoticed 0");
    expect(cells("pjsip", "certificate").slice(0, 2)).toEqual(["-", "-"]);
  });
});

describe("what clients keep is what was measured", () => {
  const profile = (client: KnownClient) => CLIENT_PROFILES.get(client);

  test("Sofia-SIP passes over a target for 600 s after a connection that failed, never after a 503", () => {
    expect(profile("sofia-sip")).toMatchObject({
      memory: { seconds: 600, basis: "measured" },
      keepsFailedSetSeconds: 600,
      failback: { seconds: 600 },
    });
    expect(Object.keys(profile("sofia-sip")?.memory?.of ?? {})).toEqual(["refused", "black-hole"]);
  });

  test("PJSIP keeps answers 300 s at most, baresip and sipgo none", () => {
    expect(profile("pjsip")?.cache).toEqual({ capSeconds: 300, basis: "measured" });
    expect(profile("baresip")?.cache).toBeUndefined();
    expect(profile("sipgo")?.cache).toBeUndefined();
  });

  test("only Sofia-SIP, Linphone's open connection and Kamailio's blocklist remember a dead target", () => {
    const remembering = KNOWN_CLIENTS.filter((client) => profile(client)?.memory !== undefined);
    expect(remembering).toEqual(["belle-sip", "freeswitch", "kamailio-failover-blocklist", "sofia-sip"]);
    expect(profile("kamailio-failover-blocklist")?.memory?.of).not.toHaveProperty("503");
    expect(profile("kamailio-failover-blocklist")?.memory?.of.refused).toEqual(["udp"]);
  });

  test("baresip stays with a target per user, Kamailio with its defaults per cached set", () => {
    expect(profile("baresip")).toMatchObject({ draws: "per user", weights: "ignored" });
    expect(profile("kamailio-default")).toMatchObject({ draws: "per cached set", weights: "heaviest only" });
    expect(profile("kamailio-failover-lb")).toMatchObject({ draws: "per call", weights: "shares" });
  });
});

test("every client of tree.json has an entry, with a reaction to every failure on every wire that can have it", () => {
  for (const client of CLIENTS) expect(KNOWN_CLIENTS).toContain(client);
  for (const client of KNOWN_CLIENTS) {
    for (const failure of FAILURES) {
      const wires = Object.keys(CLIENT_PROFILES.get(client)?.reactions[failure] ?? {}).sort();
      expect(wires).toEqual(failure === "certificate" ? ["tls"] : ["tcp", "tls", "udp"]);
    }
  }
});

test("what is told of no source is marked as assumed: clients from documentation have no measured reaction", () => {
  for (const [client, { basis, reactions }] of CLIENT_PROFILES) {
    if (basis === "measured") continue;
    const bases = FAILURES.flatMap((failure) => Object.values(reactions[failure]).map((each) => each.basis));
    expect([client, bases]).not.toEqual([client, expect.arrayContaining(["measured"])]);
  }
});

describe("shares", () => {
  const weights = fc.array(fc.integer({ min: 1, max: 65535 }), { minLength: 1, maxLength: 12 });

  test("are between 0 and 1 and make 1 together", () => {
    fc.assert(
      fc.property(weights, fc.constantFrom(...SHARE_MODELS), (of, model) => {
        const parts = shares(of, model);
        expect(parts).toHaveLength(of.length);
        for (const part of parts) expect(part >= 0 && part <= 1).toBe(true);
        expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(1, 9);
      }),
    );
  });

  test("are by weight, even, or all at the heaviest", () => {
    expect(shares([90, 10], "proportional")).toEqual([0.9, 0.1]);
    expect(shares([90, 10], "uniform")).toEqual([0.5, 0.5]);
    expect(shares([90, 10], "heaviest")).toEqual([1, 0]);
    expect(shares([90, 90, 10], "heaviest")).toEqual([0.5, 0.5, 0]);
    expect(shares([], "proportional")).toEqual([]);
  });
});

test("the manual's tables are those of the data (vitest --update makes them anew)", async () => {
  await expect(refreshRecoveryTables(readFileSync(MANUAL, "utf8"))).toMatchFileSnapshot(MANUAL);
});

test("the manual has a row for every client, and for every input that can be set", () => {
  const manual = refreshRecoveryTables(readFileSync(MANUAL, "utf8"));
  for (const client of KNOWN_CLIENTS) expect(manual.split(`\n| \`${client}\` |`)).toHaveLength(3);
  expect(manual).toContain("\n| `noticeSeconds` |");
  expect(manual).toContain("TCP, TLS next; UDP fails 32 s");
});
