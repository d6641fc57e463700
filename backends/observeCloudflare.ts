/** Reads what is live at Cloudflare: one list per zone, at the start of a run, in preview as in update. */
import * as cloudflare from "@pulumi/cloudflare";
import { canonicalName } from "../dns/names.ts";
import { type ObservedRow, POOL_ORIGIN } from "../plan/observed.ts";
import type { CloudflareZone } from "./cloudflare.ts";

/** Records of the zone, and the origins of the account's pools where `withPools`. A call per 100 records. */
export async function observeCloudflare(zone: CloudflareZone, withPools: boolean): Promise<ObservedRow[]> {
  const [records, pools] = await Promise.all([
    cloudflare.getDnsRecords({ zoneId: zone.zoneId, maxItems: 100_000 }),
    withPools ? cloudflare.getLoadBalancerPools({ accountId: zone.accountId }) : { results: [] },
  ]);
  return [
    ...records.results.map(({ id, name, type, content, data }): ObservedRow => {
      const { priority, weight, port, target } = data ?? {};
      return {
        backend: "cloudflare",
        id,
        name: canonicalName(name),
        type,
        data: type === "SRV" ? `${priority} ${weight} ${port} ${canonicalName(target ?? "")}` : content,
      };
    }),
    ...pools.results.flatMap(({ id, name, origins }) =>
      origins.map(
        ({ address }): ObservedRow => ({ backend: "cloudflare", id, name, type: POOL_ORIGIN, data: address }),
      ),
    ),
  ];
}
