import { expect, test } from "vitest";
import { SERVICES, TRANSPORTS } from "../../../dns/services.ts";

test("every service has the owner labels and the default port of its standard", () => {
  const rows = TRANSPORTS.map((transport) => {
    const { labels, wire, defaultPort } = SERVICES[transport];
    return `${transport} ${labels.join(".")} ${wire} ${defaultPort}`;
  });
  // RFC 3263 section 4.2 and RFC 3261 section 19.1.2; `_sip._tls` is in no standard, some carriers ask for it.
  expect(rows).toEqual([
    "sips-tcp _sips._tcp tls 5061",
    "sip-tcp _sip._tcp tcp 5060",
    "sip-udp _sip._udp udp 5060",
    "sip-tls _sip._tls tls 5061",
  ]);
});

test("no two services ask for the same owner name", () => {
  const owners = Object.values(SERVICES).map(({ labels }) => labels.join("."));
  expect(new Set(owners).size).toBe(owners.length);
});
