import { describe, expect, test } from "vitest";
import type { KnownClient } from "../../../plan/clients/known.ts";
import type { Failure } from "../../../plan/clients/reaction.ts";
import { type InventorySketch, nodeAt } from "../../support/inventories.ts";
import { euro, line, named, PAIR, recoveries, type Settings, TRANSPORTS, WORLD } from "./recoveryOf.ts";

describe("a node of a pair dies (C1)", () => {
  const { srv, node } = euro(PAIR);

  test("it is out of the answers after notice, apply, publication and TTL: 210 s", () => {
    expect(node).toMatchObject({ slot: "fra1", share: 0.5, hasLiveTarget: true });
    expect(node.window.srv.unprobed).toEqual({
      seconds: 210,
      endedBy: "change",
      parts: [
        { what: "notice", seconds: 60 },
        { what: "apply", seconds: 30 },
        { what: "publication", seconds: 60 },
        { what: "TTL", seconds: 60 },
      ],
    });
  });

  test("half the calls are lost for that time where the client does not move on", () => {
    expect(line(srv, "pjsip", "black-hole")).toMatchObject({
      outcome: "fails",
      delaySeconds: 32,
      recoverySeconds: 210,
      lostShare: 0.5,
      lateShare: 0,
    });
    expect(line(srv, "kamailio-default", "refused")).toMatchObject({ recoverySeconds: 210, lostShare: 0.5 });
  });

  test("a client that moves on in time loses none, whatever the TTL", () => {
    const slow = euro({ ...PAIR, policy: { ...PAIR.policy, ttlSeconds: { srv: 3600, node: 3600 } } });
    for (const { srv: lines } of [euro(PAIR), slow]) {
      expect(line(lines, "pjsip", "refused")).toMatchObject({
        recoverySeconds: 0,
        lateShare: 0.5,
        lostShare: 0,
      });
    }
  });

  test("a client that moves on after the caller has hung up loses the calls as well", () => {
    expect(line(srv, "baresip", "black-hole")).toMatchObject({ recoverySeconds: 210, lostShare: 0.5 });
    const patient = euro(PAIR, { patienceSeconds: 40 });
    expect(line(patient.srv, "baresip", "black-hole")).toMatchObject({ recoverySeconds: 32, lateShare: 0.5 });
  });

  test("a client that remembers loses one call, and goes on at once", () => {
    const once = line(srv, "sofia-sip", "black-hole");
    expect(once.recoverySeconds).toBe(32);
    expect(once.lostShare).toBeLessThan(0.5);
    expect(line(srv, "sofia-sip", "503")).toMatchObject({ recoverySeconds: 210, lostShare: 0.5 });
    // The one call of a client that calls once in that time: nothing to remember.
    const rare = euro(PAIR, { callsPerMinute: 0.001 });
    expect(line(rare.srv, "sofia-sip", "black-hole").lostShare).toBeCloseTo(0.5, 2);
    const busy = euro(PAIR, { callsPerMinute: 600, deadTargetSeconds: 21 });
    expect(line(busy.srv, "sofia-sip", "black-hole").lostShare).toBeLessThan(0.06);
  });

  test("a memory that is shorter than the outage helps only between its ends", () => {
    const { recoverySeconds, lostShare } = line(srv, "kamailio-failover-blocklist", "silent");
    expect(recoverySeconds).toBe(210);
    expect(lostShare).toBeGreaterThan(line(srv, "sofia-sip", "black-hole").lostShare);
    expect(lostShare).toBeLessThanOrEqual(0.5);
  });

  test("over UDP a closed port is no faster than a black hole, save for Sofia-SIP", () => {
    expect(line(srv, "pjsip", "refused", "udp")).toMatchObject({ delaySeconds: 32, lostShare: 0.5 });
    expect(line(srv, "kamailio-failover", "refused", "udp").delaySeconds).toBe(30);
    expect(line(srv, "sofia-sip", "refused", "udp").delaySeconds).toBe(0);
  });

  test("one caller can lose everything where the client stays with what it drew", () => {
    expect(line(srv, "kamailio-default", "refused").oneCallersShare).toBe(1);
    expect(line(srv, "baresip", "503").oneCallersShare).toBe(1);
    expect(line(srv, "pjsip", "503").oneCallersShare).toBe(0.5);
  });

  test("nobody notices a wrong certificate who checks none, and only TLS has one", () => {
    expect(line(srv, "baresip", "certificate")).toMatchObject({ outcome: "unnoticed", lostShare: 0 });
    expect(srv.some(({ failure, wire }) => failure === "certificate" && wire !== "tls")).toBe(false);
  });
});

describe("how the set is read decides who is hurt", () => {
  const UNEVEN: InventorySketch = {
    nodes: [nodeAt("euro", "fra1", { weight: 300 }), nodeAt("euro", "lhr1", { weight: 100 })],
    policy: { transports: TRANSPORTS },
  };

  test("by weight, evenly, or all of it", () => {
    const { srv } = euro(UNEVEN);
    expect(line(srv, "pjsip", "503").lostShare).toBe(0.75);
    expect(line(srv, "baresip", "503").lateShare).toBe(0.5);
    expect(line(srv, "kamailio-default", "503").lostShare).toBe(1);
  });

  test("a lone standby is no way out for Linphone, and is for the others", () => {
    const alone = euro({
      ...PAIR,
      nodes: [
        nodeAt("euro", "fra1"),
        nodeAt("euro", "ams1", { role: "standby" }),
        nodeAt("euro", "ams2", { role: "standby" }),
      ],
    });
    // 10, 20, 20: the primary is dropped, so the standby pair is all that Linphone sees.
    expect(line(alone.srv, "belle-sip", "503").lostShare).toBe(0.5);
    expect(line(alone.srv, "pjsip", "503").lostShare).toBe(1);
  });

  test("a single node has nothing behind it", () => {
    const { srv, node } = euro({ ...PAIR, nodes: [nodeAt("euro", "fra1")] });
    expect(node).toMatchObject({ share: 1, hasLiveTarget: false });
    expect(line(srv, "baresip", "refused")).toMatchObject({ lostShare: 1, recoverySeconds: 210 });
  });
});

describe("a steered name (C2)", () => {
  test("at Cloudflare a dead node leaves after 60 + 3 × 5 + 60 = 135 s, where a TCP probe can tell", () => {
    const { node, srv } = named("global", recoveries(WORLD, "cloudflare"));
    expect(node.window.srv.probed).toMatchObject({ seconds: 135, endedBy: "probe" });
    expect(node.window.srv.unprobed).toMatchObject({ seconds: 210, endedBy: "change" });
    expect(line(srv, "pjsip", "black-hole").recoverySeconds).toBe(135);
    expect(line(srv, "pjsip", "silent").recoverySeconds).toBe(210);
    expect(line(srv, "pjsip", "503").recoverySeconds).toBe(210);
  });

  test("a probe of an endpoint on the node finds a hung stack too", () => {
    const policy = { ...WORLD.policy, probe: { type: "https" as const } };
    const { srv } = named("global", recoveries({ ...WORLD, policy }, "cloudflare"));
    expect(line(srv, "pjsip", "silent").recoverySeconds).toBe(135);
  });

  test("at Route 53 a place leaves after 3 × 30 + 60 = 150 s, with fast checks after 3 × 10 + 60 = 90 s", () => {
    const { site, node } = named("global", recoveries(WORLD, "route53"));
    expect(site?.window.probed.seconds).toBe(150);
    expect(node.window.srv.probed.seconds).toBe(210);
    const policy = { ...WORLD.policy, probe: { intervalSeconds: 10, timeoutSeconds: 3 } };
    const fast = named("global", recoveries({ ...WORLD, policy }, "route53"));
    expect(fast.site?.window.probed.seconds).toBe(90);
  });

  test("at Route 53 a node takes its place out where all nodes of a place have to be well", () => {
    const policy = { ...WORLD.policy, probe: { healthyNodes: 16 } };
    const { node } = named("global", recoveries({ ...WORLD, policy }, "route53"));
    expect(node.window.srv.probed.seconds).toBe(150);
  });

  test("when a place dies, the net saves who moves on at Cloudflare, and nothing does at Route 53", () => {
    const cloudflare = named("global", recoveries(WORLD, "cloudflare")).site;
    const route53 = named("global", recoveries(WORLD, "route53")).site;
    if (cloudflare === undefined || route53 === undefined) throw new Error("the global name is not steered");
    expect(line(cloudflare.srv, "baresip", "refused")).toMatchObject({ lateShare: 1, lostShare: 0 });
    expect(line(cloudflare.srv, "kamailio-failover", "black-hole").delaySeconds).toBeGreaterThanOrEqual(60);
    expect(line(route53.srv, "baresip", "refused")).toMatchObject({ lostShare: 1, recoverySeconds: 150 });
    expect(line(cloudflare.addresses, "sipp", "refused")).toMatchObject({
      lostShare: 1,
      recoverySeconds: 135,
    });
  });

  test("is served unsteered, and has no place to lose, without a platform", () => {
    expect(named("global", recoveries(WORLD, "static")).site).toBeUndefined();
  });

  test("without an SRV set every client goes by its addresses, of which a load balancer gives one", () => {
    // Two nodes at each place, so that every pool has a second one.
    const nodes = [...WORLD.nodes, nodeAt("noam", "lax2")];
    const policy = { ...WORLD.policy, globalGeoForm: "addresses" as const };
    const { srv, addresses, node } = named("global", recoveries({ ...WORLD, nodes, policy }, "cloudflare"));
    expect(srv).toEqual([]);
    expect(node).toMatchObject({ share: 0.5, hasLiveTarget: false });
    expect(line(addresses, "baresip", "refused")).toMatchObject({ lostShare: 0.5, recoverySeconds: 135 });
  });
});

describe("clients without SRV", () => {
  test("try the first address, and pass to the next where they pass to the next target", () => {
    const { addresses } = euro(PAIR);
    expect(line(addresses, "sipp", "refused")).toMatchObject({ lostShare: 0.5, recoverySeconds: 210 });
    expect(line(addresses, "pjsip-system-dns", "refused")).toMatchObject({ lateShare: 0.5, lostShare: 0 });
  });

  test("wait for the addresses' TTL, not for that of the set", () => {
    const { addresses } = euro(PAIR, { addressTtlSeconds: 300 });
    expect(line(addresses, "sipp", "refused").recoverySeconds).toBe(450);
  });

  test("find nothing where the policy gives names no addresses", () => {
    const { addresses, unreached } = euro({ ...PAIR, policy: { ...PAIR.policy, tierAddresses: false } });
    expect(addresses).toEqual([]);
    expect(unreached).toContainEqual({ client: "sipp", wire: "tls" });
    expect(unreached.map(({ client }) => client)).not.toContain("pjsip");
  });

  test("sipgo goes by the address over TLS unless there is a `_sip._tls` set", () => {
    expect(euro(PAIR).addresses).toContainEqual(expect.objectContaining({ client: "sipgo", wire: "tls" }));
    const alias = euro({ ...PAIR, policy: { transports: { ...TRANSPORTS, "sip-tls": 5061 } } });
    expect(alias.srv).toContainEqual(expect.objectContaining({ client: "sipgo", wire: "tls" }));
  });
});

describe("a registered trunk (C3)", () => {
  const registered = (client: KnownClient, failure: Failure, set: Settings) =>
    line(euro(PAIR, set).registration.srv, client, failure);

  test("with the article's keepalives is elsewhere after 62 to 124 s", () => {
    // The source rounds: 30 + 32 + 0 up to 60 + 32 + 32, about 62 to 125 s.
    expect(registered("baresip", "refused", { keepaliveSeconds: 30 }).recoverySeconds).toBe(62);
    expect(registered("baresip", "black-hole", { keepaliveSeconds: 60 }).recoverySeconds).toBe(124);
  });

  test("without keepalive waits for the end of its registration", () => {
    expect(registered("asterisk", "black-hole", {})).toMatchObject({
      noticeSeconds: 3600,
      recoverySeconds: 3632,
      lostShare: 0.5,
    });
    expect(registered("asterisk", "black-hole", { expiresSeconds: 300 }).recoverySeconds).toBe(332);
  });

  test("that does not move on tries again by its own interval: PJSUA after 300 s", () => {
    expect(registered("pjsip", "black-hole", {}).recoverySeconds).toBe(3600 + 32 + 300);
    expect(registered("pjsip", "black-hole", { registrationRetrySeconds: 10 }).recoverySeconds).toBe(3642);
    // Noticed early, it draws the dead node again until that is out of the answers.
    expect(registered("pjsip", "black-hole", { keepaliveSeconds: 30 }).recoverySeconds).toBe(210 + 32 + 300);
  });

  test("of Kamailio registers at no second target", () => {
    expect(registered("kamailio-failover", "refused", {}).recoverySeconds).toBe(3600 + 60);
  });
});

test("a node that is back is used after hold-down and change, by Sofia-SIP 600 s later (C4)", () => {
  const { failback } = euro(PAIR);
  const of = (client: KnownClient) => failback.find((each) => each.client === client);
  expect(of("pjsip")).toMatchObject({ listedSeconds: 750, clientSeconds: 0, recoverySeconds: 750 });
  expect(of("sofia-sip")).toMatchObject({ clientSeconds: 600, recoverySeconds: 1350 });
});

test("the article's formula stands beside the model: TTL, re-resolution and cache", () => {
  expect(euro(PAIR).article.seconds).toBe(120);
  expect(euro(PAIR, { reResolutionSeconds: 30, dnsCacheSeconds: 5 }).article.seconds).toBe(95);
});
