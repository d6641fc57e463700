/** One entry for all platforms: tree to rendering. */
import { renderCloudflare } from "./renderCloudflare.ts";
import type {
  Backend,
  Cause,
  CloudflareRendering,
  Rendering,
  Route53Rendering,
  StaticRendering,
} from "./rendering.ts";
import { renderRoute53 } from "./renderRoute53.ts";
import { renderStatic } from "./renderStatic.ts";
import type { Tree } from "./tree.ts";

/**
 * What `backend` needs so that it serves the tree.
 * @throws Refusal when the platform cannot express a steered area.
 */
export function render(tree: Tree, backend: "cloudflare"): CloudflareRendering;
export function render(tree: Tree, backend: "route53"): Route53Rendering;
export function render(tree: Tree, backend: "static"): StaticRendering;
export function render(tree: Tree, backend: Backend): Rendering;
export function render(tree: Tree, backend: Backend): Rendering {
  switch (backend) {
    case "cloudflare":
      return renderCloudflare(tree);
    case "route53":
      return renderRoute53(tree);
    case "static":
      return renderStatic(tree);
  }
}

/** Why a line is there, in words: `region euro lists fra1`. */
export function causeText(cause: Cause): string {
  const tier = tierText(cause);
  if (cause.purpose === "challenge") return `${tier}: its certificates' challenge`;
  if (cause.tier === "node") return tier;
  return cause.slot === undefined ? `${tier}, by the caller's location` : `${tier} lists ${cause.slot}`;
}

function tierText({ tier, key }: Cause): string {
  if (tier === "global") return "global name";
  return `${tier === "pop" ? "POP" : tier} ${key}`;
}
