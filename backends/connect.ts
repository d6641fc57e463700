/** A stack's platforms by its configuration. A platform's SDK is loaded only where the stack uses it. */
import type { ObservedRow } from "../plan/observed.ts";
import type { CloudflareRendering, Rendering } from "../plan/rendering.ts";
import type { DnsBackend } from "./backend.ts";
import { assignedNameServers } from "./nameServers.ts";

export interface PlatformConfig {
  readonly cloudflare?: { readonly accountId: string; readonly zoneId: string } | undefined;
  readonly route53?: { readonly zoneId: string } | undefined;
}

export interface Platform {
  readonly name: DnsBackend["name"];
  /** What publishes the rendering, which is one of this platform. Called once. */
  readonly publishing: (rendering: Rendering) => DnsBackend;
  /** What is live there now. */
  readonly observe: () => Promise<ObservedRow[]>;
  /** Host names of the servers that the platform has assigned to the zone, sorted. */
  readonly nameServers: () => Promise<string[]>;
}

/**
 * The NS set to publish where several platforms serve the zone, and each platform's part of it: undefined where one
 * serves it, whose own delegation is no matter of a stack.
 */
export async function delegation(
  platforms: readonly Platform[],
): Promise<Readonly<Record<string, readonly string[]>> | undefined> {
  if (platforms.length < 2) return undefined;
  const assigned = await Promise.all(
    platforms.map(async ({ name, nameServers }) => [name, await nameServers()] as const),
  );
  const publish = assigned.flatMap(([, names]) => names).sort();
  return { publish, ...Object.fromEntries(assigned) };
}

/** One platform for each rendering. */
export function connect(config: PlatformConfig, renderings: readonly Rendering[]): Promise<Platform[]> {
  return Promise.all(renderings.map((rendering) => connectOne(config, rendering)));
}

function connectOne(config: PlatformConfig, rendering: Rendering): Promise<Platform> {
  switch (rendering.backend) {
    case "cloudflare":
      return connectCloudflare(config.cloudflare, rendering);
    case "route53":
      return connectRoute53(config.route53);
    case "static":
      throw new Error("a static rendering is for zone files: there is no platform to deploy it to");
  }
}

async function connectCloudflare(
  zone: PlatformConfig["cloudflare"],
  rendering: CloudflareRendering,
): Promise<Platform> {
  if (zone === undefined) throw new Error("cloudflare is used without its configuration");
  const [cloudflare, { CloudflareBackend }, { observeCloudflare }] = await Promise.all([
    import("@pulumi/cloudflare"),
    import("./cloudflare.ts"),
    import("./observeCloudflare.ts"),
  ]);
  return {
    name: "cloudflare",
    publishing: (staged) => {
      if (staged.backend !== "cloudflare")
        throw new Error(`cloudflare is given what is for ${staged.backend}`);
      return new CloudflareBackend(zone, staged);
    },
    observe: () => observeCloudflare(zone, rendering.pools.length > 0),
    nameServers: async () => assignedNameServers(await cloudflare.getZone({ zoneId: zone.zoneId })),
  };
}

async function connectRoute53(zone: PlatformConfig["route53"]): Promise<Platform> {
  if (zone === undefined) throw new Error("route53 is used without its configuration");
  const [aws, { Route53Backend }, { observeRoute53 }] = await Promise.all([
    import("@pulumi/aws"),
    import("./route53.ts"),
    import("./observeRoute53.ts"),
  ]);
  // Route 53 is one service for the world; its API answers in this region.
  const provider = new aws.Provider("route53", { region: "us-east-1" });
  return {
    name: "route53",
    publishing: (staged) => {
      if (staged.backend !== "route53") throw new Error(`route53 is given what is for ${staged.backend}`);
      return new Route53Backend({ zoneId: zone.zoneId, provider }, staged);
    },
    observe: () => observeRoute53({ zoneId: zone.zoneId, provider }),
    nameServers: async () =>
      assignedNameServers(await aws.route53.getZone({ zoneId: zone.zoneId }, { provider })),
  };
}
