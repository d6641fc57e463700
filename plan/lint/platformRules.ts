/** Rules of two platforms that serve one tree at the same time. */
import type { LintContext } from "./context.ts";
import type { LintRules } from "./rule.ts";

function servesTwice({ renderings }: LintContext): boolean {
  return ["cloudflare", "route53"].every((backend) => renderings.some((each) => each.backend === backend));
}

export const platformRules = {
  "two-platforms": {
    subject: "platforms",
    level: "note",
    finds: "one tree served by Cloudflare and Route 53 at once",
    source: "RFC 8901: with DNSSEC each signer must publish the other's keys, which neither does by itself",
    remedy:
      "delegate to both without DNSSEC, or exchange their keys by hand; know that callers are steered in two ways",
    file: "tree.json",
    *check(context) {
      if (!servesTwice(context)) return;
      yield {
        about: context.tree.zone,
        message:
          "has two authorities, each with its own idea of who is near, and two signers if it is signed",
      };
    },
  },

  "two-platforms-ttl": {
    subject: "platforms",
    level: "warning",
    finds: "steered names whose time to live hangs on which of two platforms was asked",
    source: "Cloudflare: the load balancer's own; Route 53: an alias has that of the set that it leads to",
    remedy: "give policy.ttlSeconds.geo, srv and address one value",
    file: "tree.json",
    *check(context) {
      const { geo, srv, address } = context.tree.policy.ttlSeconds;
      const steers = context.tiers.some((tier) => tier.geo !== undefined);
      const addressDiffers = context.tree.policy.tierAddresses && address !== geo;
      if (!steers || !servesTwice(context) || (srv === geo && !addressDiffers)) return;
      yield {
        about: "policy.ttlSeconds",
        message: `steered names live ${geo} s at Cloudflare; at Route 53 ${srv} s by SRV and ${address} s by address`,
      };
    },
  },
} as const satisfies LintRules;
