/** A stack's platforms by its configuration. A platform's SDK is loaded only where the stack uses it. */
import type { ObservedRow } from "../plan/observed.ts";
import { render } from "../plan/render.ts";
import type { Backend, Rendering } from "../plan/rendering.ts";
import type { Tree } from "../plan/tree.ts";
import type { DnsBackend } from "./backend.ts";

export interface PlatformConfig {
  readonly backends: readonly Exclude<Backend, "static">[];
  readonly cloudflare?: { readonly accountId: string; readonly zoneId: string } | undefined;
  readonly route53?: { readonly zoneId: string } | undefined;
}

export interface Platform {
  readonly backend: DnsBackend;
  readonly rendering: Rendering;
  /** What is live there now. */
  readonly observe: () => Promise<ObservedRow[]>;
}

/** @throws Refusal when a platform cannot express the tree. */
export function connect(config: PlatformConfig, tree: Tree): Promise<Platform[]> {
  return Promise.all(
    config.backends.map((name) =>
      name === "cloudflare"
        ? connectCloudflare(config.cloudflare, tree)
        : connectRoute53(config.route53, tree),
    ),
  );
}

async function connectCloudflare(zone: PlatformConfig["cloudflare"], tree: Tree): Promise<Platform> {
  if (zone === undefined) throw new Error("cloudflare is used without its configuration");
  const [{ CloudflareBackend }, { observeCloudflare }] = await Promise.all([
    import("./cloudflare.ts"),
    import("./observeCloudflare.ts"),
  ]);
  const rendering = render(tree, "cloudflare");
  return {
    backend: new CloudflareBackend(zone, rendering),
    rendering,
    observe: () => observeCloudflare(zone, rendering.pools.length > 0),
  };
}

async function connectRoute53(zone: PlatformConfig["route53"], tree: Tree): Promise<Platform> {
  if (zone === undefined) throw new Error("route53 is used without its configuration");
  const [aws, { Route53Backend }, { observeRoute53 }] = await Promise.all([
    import("@pulumi/aws"),
    import("./route53.ts"),
    import("./observeRoute53.ts"),
  ]);
  // Route 53 is one service for the world; its API answers in this region.
  const provider = new aws.Provider("route53", { region: "us-east-1" });
  const rendering = render(tree, "route53");
  return {
    backend: new Route53Backend({ zoneId: zone.zoneId, provider }, rendering),
    rendering,
    observe: () => observeRoute53({ zoneId: zone.zoneId, provider }),
  };
}
