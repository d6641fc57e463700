import { describe, expect, it } from "vitest";
import { type InventorySketch, nodeAt } from "../support/inventories.ts";
import { type TestStack, withStack } from "../support/withStack.ts";

const fleet: InventorySketch = { nodes: [nodeAt("euro", "fra1"), nodeAt("euro", "fra2")] };

const REGION = "urn:pulumi:test::dialtree::dialtree:index:Region::euro";

interface StateResource {
  readonly urn: string;
  readonly id?: string;
}

async function resources(stack: TestStack): Promise<readonly StateResource[]> {
  const { stdout } = await stack.run(["stack", "export"]);
  return (JSON.parse(stdout) as { deployment: { resources: StateResource[] } }).deployment.resources;
}

/** The resource of that logical name, as the state has it. */
async function inState(stack: TestStack, name: string): Promise<StateResource> {
  const found = (await resources(stack)).find(({ urn }) => urn.endsWith(`::${name}`));
  if (found === undefined) throw new Error(`no ${name} in state`);
  return found;
}

describe("a record that is live and not in state", () => {
  it("stops every update at Cloudflare, and is adopted by the command of the docs", async () => {
    await withStack({ inventory: fleet, backends: ["cloudflare"] }, async (stack) => {
      await stack.up();
      const name = "euro/cloudflare/sips-tcp/fra1";
      const { urn, id } = await inState(stack, name);
      expect((await stack.run(["state", "delete", urn, "--yes"])).code).toBe(0);
      const stopped = await stack.tryUp();
      expect(stopped.code).not.toBe(0);
      expect(stopped.stdout + stopped.stderr).toContain("81058");

      const adopted = await stack.run([
        "import",
        "cloudflare:index/dnsRecord:DnsRecord",
        name,
        `${"b".repeat(32)}/${id}`,
        "--parent",
        `parent=${REGION}`,
        ...["--protect=false", "--generate-code=false", "--skip-preview", "--yes"],
      ]);
      expect(adopted.stdout + adopted.stderr).not.toContain("error");
      expect(adopted.code).toBe(0);
      await stack.expectIdle();
    });
  });

  it("stops every update at Route 53, and is adopted by the command of the docs", async () => {
    await withStack({ inventory: fleet, backends: ["route53"] }, async (stack) => {
      await stack.up();
      const name = "euro/route53/sips-tcp";
      const { urn, id } = await inState(stack, name);
      expect(id).toBe("Z0TEST__sips._tcp.euro.sip.example.net_SRV");
      const provider = (await inState(stack, "route53")).urn;
      expect((await stack.run(["state", "delete", urn, "--yes"])).code).toBe(0);
      const stopped = await stack.tryUp();
      expect(stopped.code).not.toBe(0);

      const adopted = await stack.run([
        "import",
        "aws:route53/record:Record",
        name,
        String(id),
        "--parent",
        `parent=${REGION}`,
        "--provider",
        `provider=${provider}`,
        ...["--protect=false", "--generate-code=false", "--skip-preview", "--yes"],
      ]);
      expect(adopted.stdout + adopted.stderr).not.toContain("error");
      expect(adopted.code).toBe(0);
      await stack.expectIdle();
    });
  });
});
