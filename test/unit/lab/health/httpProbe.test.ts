import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { HealthChecks } from "../../../../lab/health/healthChecks.ts";
import { answersWell, expectedStatus, isExpected } from "../../../../lab/health/httpProbe.ts";
import { createTestAuthority } from "../../../support/testCertificates.ts";

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
});

async function portOf(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const serve = (listener: RequestListener) => portOf(createServer(listener));

function probe(port: number, more: Partial<Parameters<typeof answersWell>[0]> = {}, waitMilliseconds = 5000) {
  const target = {
    scheme: "http",
    address: "127.0.0.1",
    port,
    path: "/health",
    codes: "2xx",
    ...more,
  } as const;
  return answersWell(target, waitMilliseconds);
}

test.each([
  [200, "2xx", true],
  [302, "2xx", false],
  [302, "200,302", true],
  [302, "2xx,3xx", true],
  [404, "2xx,3xx", false],
  [204, "200", false],
])("status %i among the codes %s: %s", (status, codes, expected) => {
  expect(isExpected(status, codes)).toBe(expected);
});

test.each([
  ["2xx", 200],
  ["200,302", 200],
  ["204", 204],
  ["3xx,404", 300],
  ["1xx,204", 204],
])("of the codes %s a healthy node answers %i", (codes, status) => {
  expect(expectedStatus(codes)).toBe(status);
  expect(isExpected(status, codes)).toBe(true);
});

describe("an HTTP probe", () => {
  test("asks for the path with a GET, and believes the status", async () => {
    const asked: string[] = [];
    const port = await serve(({ method, url }, response) => {
      asked.push(`${method} ${url}`);
      response.writeHead(url === "/health" ? 204 : 503).end();
    });
    expect(await probe(port)).toBe(true);
    expect(await probe(port, { path: "/other" })).toBe(false);
    expect(asked).toEqual(["GET /health", "GET /other"]);
  });

  test("does not follow a redirect", async () => {
    const port = await serve(({ url }, response) => {
      if (url === "/health") response.writeHead(302, { location: "/well" }).end();
      else response.writeHead(200).end();
    });
    expect(await probe(port)).toBe(false);
    expect(await probe(port, { codes: "3xx" })).toBe(true);
  });

  test("gives up on an endpoint that says nothing, and on one that is no HTTP server", async () => {
    const silent = await serve(() => {});
    expect(await probe(silent, {}, 50)).toBe(false);
    const secure = await serve((_, response) => void response.end());
    expect(await probe(secure, { scheme: "https" })).toBe(false);
  });

  test("over TLS takes a certificate that nobody trusts, as the monitors are told to", async () => {
    const { issue } = await createTestAuthority();
    const { certPem, keyPem } = await issue({ dns: ["fra1.sip.example.net"] });
    const server = createSecureServer({ cert: certPem, key: keyPem }, (_, response) => {
      response.writeHead(200).end();
    });
    expect(await probe(await portOf(server), { scheme: "https" })).toBe(true);
  });
});

test("a listener that answers with an error is up for a connection and down for a GET", async () => {
  const port = await serve((_, response) => void response.writeHead(500).end());
  const address = "127.0.0.1";
  const http = { scheme: "http", path: "/", codes: "2xx" } as const;
  const checks = new HealthChecks({
    targets: () => [
      { address, port },
      { address, port, http },
    ],
  });
  await checks.probeOnce();
  expect(checks.isUp(address, port)).toBe(true);
  expect(checks.isUp(address, port, http)).toBe(false);
});
